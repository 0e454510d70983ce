// What the receive threads know, for everybody who asks: one shared record a source,
// locked for the moment of a copy. Frames' side is written by the receive thread, the
// connection by the source; read on the game thread by panel, nodes, component and probe.
#pragma once

#include "CoreMinimal.h"
#include "HAL/CriticalSection.h"
#include "Misc/ScopeLock.h"

#include <vector>

#include "MedTalkCore/Route.h"

/** The state of one source; its thread and its settings write, others read. */
class FMedTalkRecord
{
public:
	explicit FMedTalkRecord(const medtalk::Connection& Connection) { Current.connection = Connection; }

	/** Receive thread. */
	void SetStream(bool bBound, double NowSeconds, std::vector<medtalk::SubjectStatus>&& Subjects)
	{
		FScopeLock Lock(&Section);
		Current.bound = bBound;
		Current.nowSeconds = NowSeconds;
		Current.subjects = MoveTemp(Subjects);
	}

	/** Game thread. */
	void SetConnection(const medtalk::Connection& Connection)
	{
		FScopeLock Lock(&Section);
		Current.connection = Connection;
	}

	medtalk::SourceState Get() const
	{
		FScopeLock Lock(&Section);
		return Current;
	}

	FGuid Source; // Live Link's name of the source; game thread

private:
	mutable FCriticalSection Section;
	medtalk::SourceState Current;
};

namespace MedTalk
{

/** Makes a source's record known; game thread. */
MEDTALKLIVE_API void AddRecord(const TSharedPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Record);

/** All sources that live, lock by lock; game thread. */
MEDTALKLIVE_API std::vector<medtalk::SourceState> Sources();

/** Adds a source to Live Link unless one with this port is there; false where Live Link is missing. Game thread. */
MEDTALKLIVE_API bool EnsureSource(const medtalk::Connection& Connection);

/** Sets the token in the settings of the source that a subject comes to, or of all sources (None); game thread. */
MEDTALKLIVE_API void SetControlToken(const FString& Token, FName Subject);

} // namespace MedTalk
