#pragma once
#include "Interfaces/IPv4/IPv4Address.h"
#include "SocketSubsystem.h" // the engine's builder makes sockets, so a module with Networking needs Sockets too
class FUdpSocketBuilder {
public:
	explicit FUdpSocketBuilder(const FString&); FUdpSocketBuilder AsNonBlocking(); FUdpSocketBuilder AsReusable(); FUdpSocketBuilder BoundToAddress(const FIPv4Address&);
	FUdpSocketBuilder BoundToPort(uint16); FUdpSocketBuilder WithReceiveBufferSize(int32); FSocket* Build() const;
};
