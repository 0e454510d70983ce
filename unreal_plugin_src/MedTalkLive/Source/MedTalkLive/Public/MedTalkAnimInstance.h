// A face that needs no asset: copies the body's pose and writes the subject's raw curves;
// the mesh's own post-process blueprint (RigLogic) then moves it. Cooks, because it refers
// to nothing. Game thread; its proxy reads Live Link in PreUpdate (game thread) and writes
// curves on the animation thread.
#pragma once

#include "Animation/AnimInstance.h"
#include "CoreMinimal.h"
#include "MedTalkAnimInstance.generated.h"

/** What the component asks of the face. */
struct FMedTalkFaceOptions
{
	FName Subject;
	float BlendWeight = 1.0f;
	bool bMoveHead = false;
	FVector3f HeadFactors = FVector3f(1.0f, 1.0f, 1.0f); // of yaw, pitch, roll
};

UCLASS(Transient)
class MEDTALKLIVE_API UMedTalkAnimInstance : public UAnimInstance
{
	GENERATED_BODY()

public:
	void SetOptions(const FMedTalkFaceOptions& InOptions) { Options = InOptions; }
	const FMedTalkFaceOptions& GetOptions() const { return Options; }

protected:
	virtual FAnimInstanceProxy* CreateAnimInstanceProxy() override;
	virtual void DestroyAnimInstanceProxy(FAnimInstanceProxy* InProxy) override;

private:
	FMedTalkFaceOptions Options;
};
