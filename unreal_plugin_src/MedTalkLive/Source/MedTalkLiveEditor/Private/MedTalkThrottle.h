// Keeps the editor at full speed while a face streams, though it is not in focus (it
// drops to 3 frames a second there). Asks the editor by its delegate and, for unfocused
// viewports, the preference in memory only: nothing is saved. Game thread.
#pragma once

#include "CoreMinimal.h"

class FMedTalkThrottle
{
public:
	~FMedTalkThrottle();

	/** Whether a face is live at this moment. */
	void SetStreaming(bool bStreaming);

private:
	void Register(); // not before a face streams: this module starts before the editor's engine object is made

	bool bActive = false;
	bool bRegistered = false;
	bool bPreferenceBefore = false;
	FDelegateHandle Handle;
};
