#pragma once
#include "Animation/AnimCurveTypes.h"
struct FPoseContext { FPoseContext(const FPoseContext&) = delete; FBlendedCurve Curve; };
struct FAnimationUpdateContext; struct FAnimationCacheBonesContext; struct FAnimationInitializeContext;
struct FAnimNode_Base { virtual ~FAnimNode_Base(); virtual void Evaluate_AnyThread(FPoseContext&); };
