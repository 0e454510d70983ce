#include "MedTalkBlueprintLibrary.h"

#include "MedTalkControlClient.h"
#include "MedTalkLog.h"
#include "MedTalkStatus.h"

namespace MedTalkNodes
{

/** To every source's runtime, or to the default one where there is no source yet. */
static bool SendToAll(const std::vector<uint8_t>& Datagram)
{
	FMedTalkControlClient Client;
	TArray<FMedTalkSnapshot> Sources = MedTalk::Snapshots();
	if (Sources.Num() == 0)
	{
		Sources.Add(FMedTalkSnapshot());
	}
	bool bSent = true;
	for (const FMedTalkSnapshot& Source : Sources)
	{
		bSent &= Client.Send(MedTalk::ToString(Source.Connection.controlHost), Source.Connection.controlPort, Datagram);
	}
	return bSent;
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

bool UMedTalkBlueprintLibrary::SetEmotion(const FString& Label, float Intensity, float BlendSeconds)
{
	return MedTalkNodes::SendToAll(medtalk::Commands().Emotion(MedTalk::ToUtf8(Label), Intensity, BlendSeconds));
}

bool UMedTalkBlueprintLibrary::SetEmotionFromText(const FString& Words, float Intensity, float BlendSeconds)
{
	return MedTalkNodes::SendToAll(medtalk::Commands().Text(MedTalk::ToUtf8(Words), Intensity, BlendSeconds));
}

bool UMedTalkBlueprintLibrary::SetEmotionFromImage(const FString& Path, float Intensity, float BlendSeconds)
{
	return MedTalkNodes::SendToAll(medtalk::Commands().Image(MedTalk::ToUtf8(Path), Intensity, BlendSeconds));
}

bool UMedTalkBlueprintLibrary::SetIntensity(float Intensity)
{
	return MedTalkNodes::SendToAll(medtalk::Commands().Intensity(Intensity));
}

bool UMedTalkBlueprintLibrary::StartTake(const FString& Slate, int32 TakeNumber)
{
	return MedTalkNodes::SendToAll(medtalk::Commands().TakeStart(MedTalk::ToUtf8(Slate), TakeNumber));
}

bool UMedTalkBlueprintLibrary::StopTake()
{
	return MedTalkNodes::SendToAll(medtalk::Commands().TakeStop());
}

TArray<FMedTalkStatus> UMedTalkBlueprintLibrary::GetStatus()
{
	TArray<FMedTalkStatus> All;
	for (const FMedTalkSnapshot& Snapshot : MedTalk::Snapshots())
	{
		for (const medtalk::SubjectStatus& Subject : Snapshot.Subjects)
		{
			All.Add(MedTalkNodes::StatusOf(Subject));
		}
	}
	return All;
}
