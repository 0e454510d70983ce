#include "MedTalkCore/Sequence.h"

namespace medtalk
{
namespace
{

/** Held frames carry the time of their tick, so within a run time may step back a little (seconds). */
constexpr double kClockSlack = 0.25;

/** Steps from one number to another on the circle of 2^31: positive is newer. */
int32_t StepsBetween(int32_t from, int32_t to)
{
	const uint32_t steps = (static_cast<uint32_t>(to) - static_cast<uint32_t>(from)) & 0x7FFFFFFFu;
	return steps < 0x40000000u ? static_cast<int32_t>(steps) : static_cast<int32_t>(steps) - 0x7FFFFFFF - 1;
}

} // namespace

Order SequenceTracker::Place(int32_t sequence, double time)
{
	if (!started_)
	{
		Start(sequence, time);
		return Order::Next;
	}
	const int32_t steps = StepsBetween(newest_, sequence);
	if (IsNewStart(sequence, time, steps))
	{
		++counts_.restarts;
		Start(sequence, time);
		return Order::Restart;
	}
	if (steps <= 0 || time < newestTime_ - kClockSlack)
	{
		return Behind(-steps);
	}
	Advance(steps);
	newest_ = sequence;
	newestTime_ = time;
	return Order::Next;
}

void SequenceTracker::Start(int32_t sequence, double time)
{
	started_ = true;
	newest_ = sequence;
	newestTime_ = time;
	expectRestart_ = false;
	candidate_ = -1;
	missing_.reset();
	++counts_.received;
}

/** Within one run number and time grow together; what contradicts that starts anew, at the latest at its second frame. */
bool SequenceTracker::IsNewStart(int32_t sequence, double time, int32_t steps)
{
	const bool laterButLower = steps < 0 && time > newestTime_ + kClockSlack;
	const bool misfit = steps <= -kWindow || (steps > 0 && time < newestTime_ - kClockSlack);
	const bool confirmed = misfit && candidate_ >= 0 && StepsBetween(candidate_, sequence) == 1;
	const bool announced = expectRestart_ && steps != 0 && (misfit || steps < 0);
	candidate_ = misfit ? sequence : -1;
	return laterButLower || confirmed || announced;
}

void SequenceTracker::Advance(int32_t steps)
{
	missing_ <<= static_cast<size_t>(steps < kWindow ? steps : kWindow);
	for (int32_t back = 1; back < steps && back < kWindow; ++back)
	{
		missing_.set(static_cast<size_t>(back));
	}
	counts_.lost += static_cast<uint64_t>(steps - 1);
	++counts_.received;
}

Order SequenceTracker::Behind(int32_t steps)
{
	if (steps < 0 || steps >= kWindow)
	{
		++counts_.late;
		return Order::Late;
	}
	if (!missing_.test(static_cast<size_t>(steps)))
	{
		++counts_.duplicates;
		return Order::Duplicate;
	}
	missing_.reset(static_cast<size_t>(steps));
	--counts_.lost;
	++counts_.received;
	++counts_.late;
	return Order::Late;
}

} // namespace medtalk
