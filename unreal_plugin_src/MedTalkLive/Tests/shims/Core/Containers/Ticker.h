#pragma once
#include "CoreMinimal.h"
using FTickerDelegate = TDelegate<bool(float)>; // K
class FTSTicker { public: struct FDelegateHandle {}; static FTSTicker& GetCoreTicker(); FDelegateHandle AddTicker(const FTickerDelegate&, float = 0.0f); static void RemoveTicker(FDelegateHandle); }; // K
