// The Take Recorder, driven with the runtime's slate and take number. Game thread.
#pragma once

#include "CoreMinimal.h"

namespace MedTalkRecorder
{

/** Next free number of a slate. */
int32 NextTakeNumber(const FString& Slate);

/** Starts the sources of the open Take Recorder panel; a sentence where it cannot, else empty. */
FString Start(const FString& Slate, int32 TakeNumber);

void Stop();
bool IsRecording();

} // namespace MedTalkRecorder
