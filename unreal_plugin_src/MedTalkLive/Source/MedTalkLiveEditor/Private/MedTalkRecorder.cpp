#include "MedTalkRecorder.h"

#include "LevelSequence.h"
#include "Recorder/TakeRecorder.h"
#include "Recorder/TakeRecorderBlueprintLibrary.h"
#include "Recorder/TakeRecorderPanel.h"
#include "Recorder/TakeRecorderParameters.h"
#include "TakeMetaData.h"
#include "TakeRecorderSource.h"
#include "TakeRecorderSources.h"
#include "TakesCoreBlueprintLibrary.h"
#include "UObject/UObjectIterator.h"
#include "UObject/UnrealType.h"

namespace MedTalkRecorder
{

int32 NextTakeNumber(const FString& Slate)
{
	return UTakesCoreBlueprintLibrary::ComputeNextTakeNumber(Slate);
}

/** Adds a subject to what is recorded, unless it is there; the class is private to its module, so it is found by name. */
static void AddSubject(UTakeRecorderSources& Sources, FName Subject)
{
	UClass* Class = FindObject<UClass>(nullptr, TEXT("/Script/LiveLinkSequencer.TakeRecorderLiveLinkSource"));
	const FNameProperty* Name = Class != nullptr ? FindFProperty<FNameProperty>(Class, TEXT("SubjectName")) : nullptr;
	if (Name == nullptr)
	{
		return;
	}
	for (TObjectIterator<UTakeRecorderSource> Known; Known; ++Known)
	{
		if (Known->IsA(Class) && Known->GetOuter() == &Sources && Name->GetPropertyValue_InContainer(*Known) == Subject)
		{
			return;
		}
	}
	if (UTakeRecorderSource* Added = Sources.AddSource(Class))
	{
		Name->SetPropertyValue_InContainer(Added, Subject);
	}
}

FString Start(const FString& Slate, int32 TakeNumber, const TArray<FName>& Subjects)
{
	UTakeRecorderPanel* Panel = UTakeRecorderBlueprintLibrary::OpenTakeRecorderPanel();
	UTakeMetaData* MetaData = Panel != nullptr ? Panel->GetTakeMetaData() : nullptr;
	UTakeRecorderSources* Sources = Panel != nullptr ? Panel->GetSources() : nullptr;
	if (MetaData == nullptr || Sources == nullptr)
	{
		return TEXT("the Take Recorder panel does not open: enable the Takes plugin");
	}
	for (const FName Subject : Subjects)
	{
		AddSubject(*Sources, Subject);
	}
	MetaData->SetSlate(Slate, true); // sets the number back to 1, so it comes first
	MetaData->SetTakeNumber(TakeNumber, true);
	const UTakeRecorder* Recorder = UTakeRecorderBlueprintLibrary::StartRecording(Panel->GetLevelSequence(), Sources,
		MetaData, UTakeRecorderBlueprintLibrary::GetDefaultParameters());
	return Recorder != nullptr ? FString() : FString(TEXT("the Take Recorder did not start: look at its panel"));
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
