#pragma once
#include "Animation/AnimNodeBase.h"
class UAnimInstance;
struct FAnimInstanceProxy {
	FAnimInstanceProxy(); explicit FAnimInstanceProxy(UAnimInstance*); virtual ~FAnimInstanceProxy();
protected:
	virtual FAnimNode_Base* GetCustomRootNode(); virtual void GetCustomNodes(TArray<FAnimNode_Base*>&); virtual void PreUpdate(UAnimInstance*, float);
	virtual bool Evaluate(FPoseContext&); virtual void CacheBones(); virtual void UpdateAnimationNode(const FAnimationUpdateContext&); virtual void PostEvaluate(UAnimInstance*);
};
