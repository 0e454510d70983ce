// Makes the MetaHuman it is added to follow a subject: adds the Live Link source where
// none is there, chooses how the face is driven, and says what moved. Game thread only.
#pragma once

#include "Components/ActorComponent.h"
#include "CoreMinimal.h"
#include "MedTalkCore/Probe.h"
#include "MedTalkFaceComponent.generated.h"

class USkeletalMeshComponent;

/** How the face is driven. */
UENUM(BlueprintType)
enum class EMedTalkFaceMode : uint8
{
	/** Native; where that moves nothing the stock blueprint (5.6 and later), then the ARKit subject. */
	Auto,
	/** Our own animation instance: body pose plus raw curves, no asset. */
	Native,
	/** MetaHuman's ABP_MH_LiveLink with our subject (5.6 and later). */
	StockBlueprint,
	/** The character's own ARKit set-up with the _ARKit subject (5.4 and 5.5). */
	Arkit
};

UCLASS(ClassGroup = (MedTalk), meta = (BlueprintSpawnableComponent))
class MEDTALKLIVE_API UMedTalkFaceComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UMedTalkFaceComponent();

	/** Live Link subject, as medtalk-live's --subject names it. Default MedTalk. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk")
	FName Subject;

	/** How the face is driven. Default Auto. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk")
	EMedTalkFaceMode Mode = EMedTalkFaceMode::Auto;

	/** Share of the subject in the face, 0 (at rest) to 1. Default 1. Native mode only. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk", meta = (ClampMin = "0.0", ClampMax = "1.0"))
	float BlendWeight = 1.0f;

	/** Let the head turn with the subject. Default off. Native mode only; elsewhere the source's switch counts. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk|Head")
	bool bMoveHead = false;

	/** Factors on yaw, pitch and roll, no unit; a negative one turns the axis. Default 1, 1, 1. Native mode only. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk|Head")
	FVector HeadFactors = FVector(1.0, 1.0, 1.0);

	/** Name of the skeletal mesh component of the face. Default Face. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk")
	FName FaceComponentName;

	/** Add a MedTalk source to Live Link when none is there. Default on. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk")
	bool bCreateSource = true;

	/** Port of the source that is added, 1 to 65535. Default 9870. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk", meta = (ClampMin = "1", ClampMax = "65535"))
	int32 Port = 9870;

	/** The runtime's --control-token, for the source that is added. Default empty: the runtime asks for none. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "MedTalk", meta = (PasswordField = true))
	FString ControlToken;

	/** Takes the face over; runs by itself when the game begins. In the editor: a button, to see the face in the viewport. */
	UFUNCTION(BlueprintCallable, CallInEditor, Category = "MedTalk")
	void StartDriving();

	/** Gives the face back to what drove it before. */
	UFUNCTION(BlueprintCallable, CallInEditor, Category = "MedTalk")
	void StopDriving();

	/** Follows a curve from the socket to the mesh; one line a station, the last one says where it stops. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	TArray<FString> Probe() const;

	/** Emotion of this subject's runtime by a label or a mix (happy:0.7+surprised:0.3); intensity 0 to 2, blend in seconds. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool SetEmotion(const FString& Label, float Intensity = 1.0f, float BlendSeconds = 0.4f);

	/** Emotion of this subject's runtime by a sentence; intensity 0 to 2, blend in seconds. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool SetEmotionFromText(const FString& Words, float Intensity = 1.0f, float BlendSeconds = 0.4f);

	/** Emotion of this subject's runtime by a picture on its machine; intensity 0 to 2, blend in seconds. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool SetEmotionFromImage(const FString& Path, float Intensity = 1.0f, float BlendSeconds = 0.4f);

	/** Strength of this subject's guidance, 0 to 2. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool SetIntensity(float Intensity);

	/** Starts the take of this subject's runtime; take number 0 takes the next free one. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool StartTake(const FString& Slate, int32 TakeNumber = 0);

	/** Stops the take of this subject's runtime. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk|Commands")
	bool StopTake();

	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type Reason) override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

private:
	USkeletalMeshComponent* FindFace() const;
	bool Drive(EMedTalkFaceMode Wanted);
	bool DriveNative(USkeletalMeshComponent& Face);
	bool DriveStockBlueprint(USkeletalMeshComponent& Face);
	bool DriveArkit();
	void PushOptions();
	void KeepNative();
	void Judge(float DeltaTime);
	void FallBack();
	medtalk::ProbeFacts Facts() const;

	EMedTalkFaceMode Driving = EMedTalkFaceMode::Auto;
	bool bDriving = false;
	bool bFellBack = false;
	medtalk::MotionJudge Motion;

	UPROPERTY(Transient)
	TSubclassOf<class UAnimInstance> ClassBefore;
};
