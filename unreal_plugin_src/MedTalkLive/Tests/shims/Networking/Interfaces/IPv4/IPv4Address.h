#pragma once
#include "CoreMinimal.h"
struct FIPv4Address { FIPv4Address(); static bool Parse(const FString&, FIPv4Address&); static const FIPv4Address Any; };
