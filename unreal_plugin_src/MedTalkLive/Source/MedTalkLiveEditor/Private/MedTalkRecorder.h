// The Take Recorder, driven with the runtime's slate and take number. Game thread.
#pragma once

#include "CoreMinimal.h"

namespace MedTalkRecorder
{

/** Next free number of a slate. */
int32 NextTakeNumber(const FString& Slate);

/** Starts what is in the Take Recorder panel, and these Live Link subjects; a sentence where it cannot, else empty. */
FString Start(const FString& Slate, int32 TakeNumber, const TArray<FName>& Subjects);

void Stop();
bool IsRecording();

} // namespace MedTalkRecorder
