#pragma once
#include "Components/ActorComponent.h"
class UAnimInstance;
namespace EAnimationMode { enum Type { AnimationBlueprint, AnimationSingleNode }; }
enum ERelativeTransformSpace { RTS_World, RTS_Actor, RTS_Component, RTS_ParentBoneSpace };
class USkinnedMeshComponent : public UActorComponent {
public:
	bool WasRecentlyRendered(float = 0.2f) const; virtual bool DoesSocketExist(FName) const; virtual FTransform GetSocketTransform(FName, ERelativeTransformSpace = RTS_World) const;
	TWeakObjectPtr<USkinnedMeshComponent> LeaderPoseComponent;
}; // K
class USkeletalMeshComponent : public USkinnedMeshComponent {
public:
	UAnimInstance* GetAnimInstance() const; UAnimInstance* GetPostProcessInstance() const; void SetAnimationMode(EAnimationMode::Type);
	void SetAnimInstanceClass(UClass*); void SetUpdateAnimationInEditor(const bool);
#if ENGINE_MINOR_VERSION >= 5
	TSubclassOf<UAnimInstance> GetPostProcessAnimBPClassToBeUsed() const;
#endif
	static UClass* StaticClass();
};
