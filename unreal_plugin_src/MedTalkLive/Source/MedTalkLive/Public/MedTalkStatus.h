// What the receive thread knows, for everybody who asks: one shared record a source,
// locked for the moment of a copy. Written by the receive thread, read on the game
// thread by the panel, the Blueprint nodes, the component and the probe.
#pragma once

#include "CoreMinimal.h"
#include "HAL/CriticalSection.h"
#include "Misc/ScopeLock.h"

#include <vector>

#include "MedTalkCore/Connection.h"
#include "MedTalkCore/Receiver.h"

/** A copy of a source's state at one moment. */
struct FMedTalkSnapshot
{
	medtalk::Connection Connection;
	bool bBound = false;
	double NowSeconds = 0.0; // FPlatformTime::Seconds, the clock of the subjects' times
	std::vector<medtalk::SubjectStatus> Subjects;
};

/** The record that a source's thread writes and others read. */
class FMedTalkRecord
{
public:
	void Set(const FMedTalkSnapshot& Snapshot)
	{
		FScopeLock Lock(&Section);
		Current = Snapshot;
	}

	FMedTalkSnapshot Get() const
	{
		FScopeLock Lock(&Section);
		return Current;
	}

private:
	mutable FCriticalSection Section;
	FMedTalkSnapshot Current;
};

namespace MedTalk
{

/** Makes a source's record known; game thread. */
MEDTALKLIVE_API void AddRecord(const TSharedPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Record);

/** Snapshots of all sources that live; game thread. */
MEDTALKLIVE_API TArray<FMedTalkSnapshot> Snapshots();

/** Adds a source to Live Link unless one with this connection is there; false where Live Link is missing. Game thread. */
MEDTALKLIVE_API bool EnsureSource(const medtalk::Connection& Connection);

} // namespace MedTalk
