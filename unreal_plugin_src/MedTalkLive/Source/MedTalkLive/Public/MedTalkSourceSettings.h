// What a user sets on a MedTalk source in the Live Link window. Game thread only.
#pragma once

#include "CoreMinimal.h"
#include "LiveLinkSourceSettings.h"
#include "MedTalkSourceSettings.generated.h"

/** One of the sender's head angles. */
UENUM()
enum class EMedTalkAngle : uint8
{
	Yaw,
	Pitch,
	Roll
};

UCLASS()
class MEDTALKLIVE_API UMedTalkSourceSettings : public ULiveLinkSourceSettings
{
	GENERATED_BODY()

public:
	/** UDP port that frames come to, 1 to 65535. Default 9870. A change reopens the port. */
	UPROPERTY(EditAnywhere, Category = "MedTalk", meta = (ClampMin = "1", ClampMax = "65535"))
	int32 Port = 9870;

	/** Address to listen on. Default 127.0.0.1, this machine only; 0.0.0.0 takes frames from others as well. */
	UPROPERTY(EditAnywhere, Category = "MedTalk")
	FString BindAddress = TEXT("127.0.0.1");

	/** Address that commands (emotion, take start and stop) go to. Default empty: the machine that a subject's frames come from. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Control")
	FString ControlHost;

	/** UDP port of the commands, 1 to 65535. Default 0: the port that each subject's hello tells. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Control", meta = (ClampMin = "0", ClampMax = "65535"))
	int32 ControlPort = 0;

	/** The runtime's --control-token, sent with every command. Default empty: the runtime asks for none. Saved as plain text. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Control", meta = (PasswordField = true))
	FString ControlToken;

	/** How far in the past Live Link evaluates, in seconds. Default 0.03, about two frames, so that it can interpolate. */
	UPROPERTY(EditAnywhere, Category = "MedTalk", meta = (ClampMin = "0.0", ClampMax = "1.0"))
	float SmoothingSeconds = 0.03f;

	/** Stamp frames with the sender's timecode instead of the engine's. Default off: a foreign clock empties takes. */
	UPROPERTY(EditAnywhere, Category = "MedTalk")
	bool bUseSenderTimecode = false;

	/** Let the head move (HeadControlSwitch). Default off. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	bool bMoveHead = false;

	/** Factor on head angles and offsets of the MetaHuman subject. Default 1. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	float HeadScale = 1.0f;

	/** Degrees that the animation blueprint makes of the value 1 of the ARKit subject. Default 50. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head", meta = (ClampMin = "1.0"))
	float ArkitDegreesPerUnit = 50.0f;

	/** Which angle HeadYaw takes. Default Yaw. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	EMedTalkAngle HeadYawFrom = EMedTalkAngle::Yaw;

	/** Which angle HeadPitch takes. Default Pitch. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	EMedTalkAngle HeadPitchFrom = EMedTalkAngle::Pitch;

	/** Which angle HeadRoll takes. Default Roll. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	EMedTalkAngle HeadRollFrom = EMedTalkAngle::Roll;

	/** Turn the sign of HeadYaw. Default off. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	bool bInvertYaw = false;

	/** Turn the sign of HeadPitch. Default off. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	bool bInvertPitch = false;

	/** Turn the sign of HeadRoll. Default off. */
	UPROPERTY(EditAnywhere, Category = "MedTalk|Head")
	bool bInvertRoll = false;
};
