#pragma once
#include "CoreMinimal.h"
class FInternetAddr { public: virtual ~FInternetAddr(); virtual void SetIp(const TCHAR*, bool&) = 0; virtual void SetPort(int32) = 0; virtual FString ToString(bool) const = 0; }; // K
