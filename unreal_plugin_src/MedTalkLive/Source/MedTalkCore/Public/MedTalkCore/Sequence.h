// Order of a stream's frames: duplicates, late ones, the wrap at 2^31, a sender that
// started anew, and how many frames never came. No clock, no socket; one thread.
// A late frame is not lost, but is not shown either: Live Link's time must not run back.
#pragma once

#include <bitset>
#include <cstdint>

#include "MedTalkCore/Export.h"

namespace medtalk
{

enum class Order : uint8_t
{
	Next,      // newer than all before
	Restart,   // first of a sender that started anew
	Late,
	Duplicate,
};

struct SequenceCounts
{
	uint64_t received = 0; // different frames, late ones among them
	uint64_t lost = 0;     // never came (so far)
	uint64_t late = 0;
	uint64_t duplicates = 0;
	uint64_t restarts = 0;
};

class MEDTALKCORE_API SequenceTracker
{
public:
	/**
	 * Places a frame.
	 * @param sequence Its number, 0 .. 2^31 - 1.
	 * @param time Seconds on the sender's clock: a lower number with a later time is a new start, a
	 *        higher one with an earlier time may be one (both by more than a quarter of a second).
	 */
	Order Place(int32_t sequence, double time);

	/** A hello told of another session: the next number that is behind starts anew. */
	void ExpectRestart() { expectRestart_ = true; }

	const SequenceCounts& Counts() const { return counts_; }

private:
	static constexpr int kWindow = 512; // frames back that a late one may be

	void Start(int32_t sequence, double time);
	bool IsNewStart(int32_t sequence, double time, int32_t steps);
	void Advance(int32_t steps);
	Order Behind(int32_t steps);

	bool started_ = false;
	bool expectRestart_ = false;
	int32_t newest_ = 0;
	double newestTime_ = 0.0;
	int32_t candidate_ = -1;        // a frame that fits no place: the next one after it is a new start
	std::bitset<kWindow> missing_;  // bit k: the frame k before the newest has not come
	SequenceCounts counts_;
};

} // namespace medtalk
