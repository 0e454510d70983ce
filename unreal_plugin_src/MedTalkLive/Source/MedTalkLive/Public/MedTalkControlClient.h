// Sends commands to a runtime's control port and collects its answers; the socket never
// blocks. Game thread only: whoever owns one polls it.
#pragma once

#include "CoreMinimal.h"

#include <vector>

#include "MedTalkCore/Commands.h"

class FSocket;

class MEDTALKLIVE_API FMedTalkControlClient
{
public:
	FMedTalkControlClient() = default;
	~FMedTalkControlClient();
	FMedTalkControlClient(const FMedTalkControlClient&) = delete;
	FMedTalkControlClient& operator=(const FMedTalkControlClient&) = delete;

	/** Sends one command; false where the address is none or the socket cannot be made. */
	bool Send(const FString& Host, int32 Port, const std::vector<uint8_t>& Datagram);

	/** The answers that came since the last call. */
	std::vector<medtalk::Reply> Poll();

private:
	FSocket* Socket = nullptr;
};
