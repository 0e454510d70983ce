// How a stream arrives: frame rate, jitter, and how much later than at its best.
// The sender's clock is learned from the smallest difference between arrival and
// frame time over a sliding window. Numbers in, numbers out; one thread.
#pragma once

#include <cstdint>

#include "MedTalkCore/Export.h"

namespace medtalk
{

class MEDTALKCORE_API ArrivalMeter
{
public:
	/** A frame of the sender's time `frameTime` came at our time `now` (both in seconds). */
	void Add(double frameTime, double now);

	/** Forget everything: the sender's clock is another one. */
	void Reset();

	/** Of arrivals, in Hz, over about a second. */
	double FrameRate() const { return interval_ > 0.0 ? 1.0 / interval_ : 0.0; }

	/** Mean deviation of the spacing of arrivals from that of the frames, as RFC 3550 smooths it. */
	double JitterMs() const { return jitter_ * 1000.0; }

	/** How much later than the fastest one of the window the newest frame came. */
	double DelayMs() const;

	/** Sender's clock -> our clock: the smallest difference of the window. */
	double ClockOffset() const;

private:
	void Remember(double now);

	static constexpr int kSlots = 10; // seconds of the window, one minimum each

	bool any_ = false;
	double lastFrame_ = 0.0;
	double lastNow_ = 0.0;
	double lastDifference_ = 0.0;
	double jitter_ = 0.0;
	double interval_ = 0.0;
	double slotStart_ = 0.0;
	int slot_ = 0;
	int filled_ = 0;
	double minimum_[kSlots] = {};
};

/** Frames since midnight of `HH:MM:SS:FF` (or `;FF`, drop-frame) at a rate; false where it is none. */
MEDTALKCORE_API bool TimecodeFrames(const char* label, double frameRate, int64_t& frames);

} // namespace medtalk
