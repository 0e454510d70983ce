#pragma once
#include "UObject/Object.h"
class AActor;
enum ELevelTick { LEVELTICK_All };
struct FActorComponentTickFunction { uint8 bCanEverTick : 1; };
namespace EEndPlayReason { enum Type { Destroyed, Quit }; }
class UActorComponent : public UObject {
public:
	UActorComponent(); AActor* GetOwner() const; virtual void BeginPlay(); virtual void EndPlay(const EEndPlayReason::Type);
	virtual void TickComponent(float, ELevelTick, FActorComponentTickFunction*); FActorComponentTickFunction PrimaryComponentTick; uint8 bTickInEditor : 1;
};
