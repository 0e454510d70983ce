#pragma once
#include "CoreMinimal.h"
class FSocket; class FInternetAddr;
#define PLATFORM_SOCKETSUBSYSTEM FName(TEXT("Shim"))
class ISocketSubsystem { public: static ISocketSubsystem* Get(const FName&); virtual TSharedRef<FInternetAddr> CreateInternetAddr() = 0; virtual void DestroySocket(FSocket*) = 0; virtual ~ISocketSubsystem(); };
