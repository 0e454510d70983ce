#pragma once
#include "CoreMinimal.h"
class FPaths { public: static FString Combine(const FString&, const FString&); static FString ConvertRelativePathToFull(const FString&); }; // K
