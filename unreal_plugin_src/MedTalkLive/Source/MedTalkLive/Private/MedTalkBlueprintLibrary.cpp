#include "MedTalkBlueprintLibrary.h"

#include "MedTalkControlClient.h"
#include "MedTalkLog.h"
#include "MedTalkStatus.h"

namespace MedTalkNodes
{

static int32 Send(const medtalk::Command& Command, FName Subject)
{
	FMedTalkControlClient Client;
	const int32 Told = Client.Send(Command, Subject);
	if (Told == 0)
	{
		UE_LOG(LogMedTalk, Warning,
			TEXT("No runtime takes commands for subject '%s': start medtalk-live, compare its --subject, and leave its --control on"),
			*Subject.ToString());
	}
	return Told;
}

static FMedTalkStatus StatusOf(const medtalk::SubjectStatus& Subject)
{
	FMedTalkStatus Status;
	Status.Subject = MedTalk::ToString(Subject.name);
	Status.bLive = Subject.state == medtalk::StreamState::Live;
	Status.FrameRateHz = static_cast<float>(Subject.frameRate);
	Status.LatencyMs = Subject.latencyMs + static_cast<float>(Subject.delayMs);
	Status.JitterMs = static_cast<float>(Subject.jitterMs);
	Status.LostFrames = static_cast<int32>(Subject.counts.lost);
	Status.Guidance = MedTalk::ToString(Subject.guidance);
	return Status;
}

} // namespace MedTalkNodes

int32 UMedTalkBlueprintLibrary::SetEmotion(const FString& Label, float Intensity, float BlendSeconds, FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::Emotion(MedTalk::ToUtf8(Label), Intensity, BlendSeconds), Subject);
}

int32 UMedTalkBlueprintLibrary::SetEmotionFromText(const FString& Words, float Intensity, float BlendSeconds, FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::Text(MedTalk::ToUtf8(Words), Intensity, BlendSeconds), Subject);
}

int32 UMedTalkBlueprintLibrary::SetEmotionFromImage(const FString& Path, float Intensity, float BlendSeconds, FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::Image(MedTalk::ToUtf8(Path), Intensity, BlendSeconds), Subject);
}

int32 UMedTalkBlueprintLibrary::SetIntensity(float Intensity, FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::Intensity(Intensity), Subject);
}

int32 UMedTalkBlueprintLibrary::StartTake(const FString& Slate, int32 TakeNumber, FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::TakeStart(MedTalk::ToUtf8(Slate), TakeNumber), Subject);
}

int32 UMedTalkBlueprintLibrary::StopTake(FName Subject)
{
	return MedTalkNodes::Send(medtalk::Commands::TakeStop(), Subject);
}

void UMedTalkBlueprintLibrary::SetControlToken(const FString& Token, FName Subject)
{
	MedTalk::SetControlToken(Token, Subject);
}

TArray<FMedTalkStatus> UMedTalkBlueprintLibrary::GetStatus()
{
	TArray<FMedTalkStatus> All;
	for (const medtalk::SourceState& Source : MedTalk::Sources())
	{
		for (const medtalk::SubjectStatus& Subject : Source.subjects)
		{
			All.Add(MedTalkNodes::StatusOf(Subject));
		}
	}
	return All;
}
