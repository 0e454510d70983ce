#pragma once
#include "Kismet/BlueprintFunctionLibrary.h"
class UTakesCoreBlueprintLibrary : public UBlueprintFunctionLibrary { public: static int32 ComputeNextTakeNumber(const FString&); };
