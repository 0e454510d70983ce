// Sends commands to the runtimes' control ports and collects their answers; the socket
// never blocks. Game thread only: whoever owns one polls it.
#pragma once

#include "CoreMinimal.h"

#include <vector>

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/Route.h"

class FSocket;

class MEDTALKLIVE_API FMedTalkControlClient
{
public:
	FMedTalkControlClient() = default;
	~FMedTalkControlClient();
	FMedTalkControlClient(const FMedTalkControlClient&) = delete;
	FMedTalkControlClient& operator=(const FMedTalkControlClient&) = delete;

	/**
	 * Sends a command to the runtime of a subject, or (None) to all that send at present.
	 * Answers how many runtimes were told.
	 */
	int32 Send(const medtalk::Command& Command, FName Subject);

	/** The answers that came since the last call. */
	std::vector<medtalk::Reply> Poll();

private:
	bool SendTo(const medtalk::ControlTarget& Target, const std::vector<uint8_t>& Datagram);

	FSocket* Socket = nullptr;
};
