#pragma once
#include "Components/ActorComponent.h"
class UAnimInstance;
namespace EAnimationMode { enum Type { AnimationBlueprint, AnimationSingleNode }; }
class USkinnedMeshComponent : public UActorComponent { public: TWeakObjectPtr<USkinnedMeshComponent> LeaderPoseComponent; }; // K
class USkeletalMeshComponent : public USkinnedMeshComponent {
public:
	UAnimInstance* GetAnimInstance() const; UAnimInstance* GetPostProcessInstance() const; void SetAnimationMode(EAnimationMode::Type);
	void SetAnimInstanceClass(UClass*); void SetUpdateAnimationInEditor(const bool);
#if ENGINE_MINOR_VERSION >= 5
	TSubclassOf<UAnimInstance> GetPostProcessAnimBPClassToBeUsed() const;
#endif
	static UClass* StaticClass();
};
