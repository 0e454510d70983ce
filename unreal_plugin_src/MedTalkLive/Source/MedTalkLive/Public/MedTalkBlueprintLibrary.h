// Blueprint nodes: guidance, intensity, takes and status, for level Blueprints, widgets
// and packaged builds. Commands are sent to the runtime and do not wait. Game thread only.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"
#include "MedTalkBlueprintLibrary.generated.h"

/** One sender, as Blueprints see it. */
USTRUCT(BlueprintType)
struct MEDTALKLIVE_API FMedTalkStatus
{
	GENERATED_BODY()

	/** Name of the Live Link subject. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	FString Subject;

	/** Whether frames come. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	bool bLive = false;

	/** Measured frame rate in Hz. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	float FrameRateHz = 0.0f;

	/** Sound to here, in milliseconds: what the runtime tells, plus what this network adds to its best. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	float LatencyMs = 0.0f;

	/** Unevenness of arrival in milliseconds. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	float JitterMs = 0.0f;

	/** Frames that never came. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	int32 LostFrames = 0;

	/** Guidance in words, say happy:0.7+surprised:0.3. */
	UPROPERTY(BlueprintReadOnly, Category = "MedTalk")
	FString Guidance;
};

UCLASS()
class MEDTALKLIVE_API UMedTalkBlueprintLibrary : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/**
	 * Emotion by a label (angry, disgust, fear, happy, neutral, sad, surprised) or a mix; intensity 0 to 2, blend in seconds.
	 * Here and below: Subject chooses the runtime, None is all that send at present. Answers how many runtimes were told.
	 */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 SetEmotion(const FString& Label, float Intensity = 1.0f, float BlendSeconds = 0.4f, FName Subject = NAME_None);

	/** Emotion by a sentence; intensity 0 to 2, blend in seconds. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 SetEmotionFromText(const FString& Words, float Intensity = 1.0f, float BlendSeconds = 0.4f, FName Subject = NAME_None);

	/** Emotion by a picture on the runtime's machine; intensity 0 to 2, blend in seconds. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 SetEmotionFromImage(const FString& Path, float Intensity = 1.0f, float BlendSeconds = 0.4f, FName Subject = NAME_None);

	/** Strength of the guidance, 0 to 2. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 SetIntensity(float Intensity, FName Subject = NAME_None);

	/** Starts the runtime's take; take number 0 takes the next free one. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 StartTake(const FString& Slate, int32 TakeNumber = 0, FName Subject = NAME_None);

	/** Stops the runtime's take. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static int32 StopTake(FName Subject = NAME_None);

	/** The runtime's --control-token, for the source that a subject comes to, or for all sources (None). */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static void SetControlToken(const FString& Token, FName Subject = NAME_None);

	/** All senders and how they do. */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static TArray<FMedTalkStatus> GetStatus();
};
