#pragma once
#include "CoreMinimal.h"
class FInternetAddr;
namespace ESocketWaitConditions { enum Type { WaitForRead, WaitForWrite }; }
namespace ESocketReceiveFlags { enum Type { None }; }
class FSocket {
public:
	virtual ~FSocket(); virtual bool Close() = 0; virtual bool Wait(ESocketWaitConditions::Type, FTimespan) = 0; virtual bool HasPendingData(uint32&) = 0;
	virtual bool RecvFrom(uint8*, int32, int32&, FInternetAddr&, ESocketReceiveFlags::Type = ESocketReceiveFlags::None); virtual bool SendTo(const uint8*, int32, int32&, const FInternetAddr&);
};
