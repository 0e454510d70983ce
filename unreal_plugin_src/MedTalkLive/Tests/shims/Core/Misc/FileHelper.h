#pragma once
#include "CoreMinimal.h"
struct FFileHelper { static bool LoadFileToArray(TArray<uint8>&, const TCHAR*, uint32 = 0); }; // K
