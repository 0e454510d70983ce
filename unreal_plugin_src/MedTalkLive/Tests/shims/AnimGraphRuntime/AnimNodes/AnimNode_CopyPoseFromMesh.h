#pragma once
#include "Animation/AnimNodeBase.h"
#include "UObject/Object.h"
class USkeletalMeshComponent;
struct FAnimNode_CopyPoseFromMesh : public FAnimNode_Base {
	TWeakObjectPtr<USkeletalMeshComponent> SourceMeshComponent; uint8 bUseAttachedParent : 1; uint8 bCopyCurves : 1; bool bCopyCustomAttributes; uint8 bUseMeshPose : 1; FName RootBoneToCopy;
	virtual void Evaluate_AnyThread(FPoseContext&) override;
};
