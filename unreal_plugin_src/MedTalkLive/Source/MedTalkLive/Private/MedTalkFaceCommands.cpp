// The component's commands: each goes to the runtime of its own subject.
#include "MedTalkBlueprintLibrary.h"
#include "MedTalkFaceComponent.h"

bool UMedTalkFaceComponent::SetEmotion(const FString& Label, float Intensity, float BlendSeconds)
{
	return UMedTalkBlueprintLibrary::SetEmotion(Label, Intensity, BlendSeconds, Subject) > 0;
}

bool UMedTalkFaceComponent::SetEmotionFromText(const FString& Words, float Intensity, float BlendSeconds)
{
	return UMedTalkBlueprintLibrary::SetEmotionFromText(Words, Intensity, BlendSeconds, Subject) > 0;
}

bool UMedTalkFaceComponent::SetEmotionFromImage(const FString& Path, float Intensity, float BlendSeconds)
{
	return UMedTalkBlueprintLibrary::SetEmotionFromImage(Path, Intensity, BlendSeconds, Subject) > 0;
}

bool UMedTalkFaceComponent::SetIntensity(float Intensity)
{
	return UMedTalkBlueprintLibrary::SetIntensity(Intensity, Subject) > 0;
}

bool UMedTalkFaceComponent::StartTake(const FString& Slate, int32 TakeNumber)
{
	return UMedTalkBlueprintLibrary::StartTake(Slate, TakeNumber, Subject) > 0;
}

bool UMedTalkFaceComponent::StopTake()
{
	return UMedTalkBlueprintLibrary::StopTake(Subject) > 0;
}
