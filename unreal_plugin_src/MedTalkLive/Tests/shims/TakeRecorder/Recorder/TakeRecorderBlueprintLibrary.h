#pragma once
#include "Kismet/BlueprintFunctionLibrary.h"
#include "Recorder/TakeRecorderParameters.h"
class ULevelSequence; class UTakeRecorderSources; class UTakeMetaData; class UTakeRecorder; class UTakeRecorderPanel;
class UTakeRecorderBlueprintLibrary : public UBlueprintFunctionLibrary {
public:
	static UTakeRecorder* StartRecording(ULevelSequence*, UTakeRecorderSources*, UTakeMetaData*, const FTakeRecorderParameters&);
	static void StopRecording(); static void CancelRecording(); static bool IsRecording(); static FTakeRecorderParameters GetDefaultParameters(); static UTakeRecorderPanel* OpenTakeRecorderPanel();
};
