#include "MedTalkRecorder.h"

#include "LevelSequence.h"
#include "Recorder/TakeRecorder.h"
#include "Recorder/TakeRecorderBlueprintLibrary.h"
#include "Recorder/TakeRecorderPanel.h"
#include "Recorder/TakeRecorderParameters.h"
#include "TakeMetaData.h"
#include "TakeRecorderSources.h"
#include "TakesCoreBlueprintLibrary.h"

namespace MedTalkRecorder
{

int32 NextTakeNumber(const FString& Slate)
{
	return UTakesCoreBlueprintLibrary::ComputeNextTakeNumber(Slate);
}

FString Start(const FString& Slate, int32 TakeNumber)
{
	UTakeRecorderPanel* Panel = UTakeRecorderBlueprintLibrary::OpenTakeRecorderPanel();
	UTakeMetaData* MetaData = Panel != nullptr ? Panel->GetTakeMetaData() : nullptr;
	if (MetaData == nullptr)
	{
		return TEXT("the Take Recorder panel does not open: enable the Takes plugin");
	}
	MetaData->SetSlate(Slate, true); // sets the number back to 1, so it comes first
	MetaData->SetTakeNumber(TakeNumber, true);
	const UTakeRecorder* Recorder = UTakeRecorderBlueprintLibrary::StartRecording(Panel->GetLevelSequence(), Panel->GetSources(),
		MetaData, UTakeRecorderBlueprintLibrary::GetDefaultParameters());
	return Recorder != nullptr ? FString() : FString(TEXT("the Take Recorder did not start: add a Live Link source to its panel"));
}

void Stop()
{
	if (UTakeRecorderBlueprintLibrary::IsRecording())
	{
		UTakeRecorderBlueprintLibrary::StopRecording();
	}
}

bool IsRecording()
{
	return UTakeRecorderBlueprintLibrary::IsRecording();
}

} // namespace MedTalkRecorder
