#pragma once
#include "UObject/Object.h"
struct FTakeRecorderParameters {
	FTakeRecorderParameters();
#if ENGINE_MINOR_VERSION >= 7
	bool bOpenSequencer;
#endif
};
