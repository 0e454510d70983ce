#include "MedTalkCore/Timing.h"

#include <cmath>

namespace medtalk
{
namespace
{

constexpr double kSlotSeconds = 1.0;
constexpr double kLongestGap = 1.0; // a pause says nothing about rate and jitter

bool Digits(const char*& text, int64_t& value, int most)
{
	int count = 0;
	for (value = 0; count < most && *text >= '0' && *text <= '9'; ++text, ++count)
	{
		value = value * 10 + (*text - '0');
	}
	return count >= 2;
}

} // namespace

void ArrivalMeter::Reset() { *this = ArrivalMeter(); }

void ArrivalMeter::Add(double frameTime, double now)
{
	const double spacing = frameTime - lastFrame_;
	const double gap = now - lastNow_;
	if (any_ && spacing > 0.0 && spacing < kLongestGap && gap < kLongestGap)
	{
		jitter_ += (std::fabs(gap - spacing) - jitter_) / 16.0;
		interval_ = interval_ > 0.0 ? interval_ + (gap - interval_) / 64.0 : spacing;
	}
	lastFrame_ = frameTime;
	lastNow_ = now;
	lastDifference_ = now - frameTime;
	Remember(now);
}

void ArrivalMeter::Remember(double now)
{
	const double age = now - slotStart_;
	if (!any_ || age < 0.0 || age >= kSlotSeconds * kSlots)
	{
		any_ = true;
		slotStart_ = now;
		slot_ = 0;
		filled_ = 1;
		minimum_[0] = lastDifference_;
	}
	for (; now - slotStart_ >= kSlotSeconds; slotStart_ += kSlotSeconds)
	{
		slot_ = (slot_ + 1) % kSlots;
		filled_ = filled_ < kSlots ? filled_ + 1 : kSlots;
		minimum_[slot_] = lastDifference_;
	}
	minimum_[slot_] = lastDifference_ < minimum_[slot_] ? lastDifference_ : minimum_[slot_];
}

double ArrivalMeter::ClockOffset() const
{
	double least = minimum_[0];
	for (int i = 1; i < filled_; ++i)
	{
		least = minimum_[i] < least ? minimum_[i] : least;
	}
	return least;
}

double ArrivalMeter::DelayMs() const { return (lastDifference_ - ClockOffset()) * 1000.0; }

bool TimecodeFrames(const char* label, double frameRate, int64_t& frames)
{
	int64_t hours = 0, minutes = 0, seconds = 0, last = 0;
	const char* at = label;
	const bool clock = Digits(at, hours, 2) && *at++ == ':' && Digits(at, minutes, 2) && *at++ == ':' &&
		Digits(at, seconds, 2);
	const bool drop = clock && *at == ';';
	if (!clock || (*at != ':' && *at != ';') || !Digits(++at, last, 3) || *at != '\0')
	{
		return false;
	}
	const int64_t base = frameRate >= 1.0 && frameRate <= 1000.0 ? std::llround(frameRate) : 0;
	if (base == 0 || hours > 23 || minutes > 59 || seconds > 59 || last >= base)
	{
		return false;
	}
	const int64_t total = hours * 60 + minutes;
	frames = (total * 60 + seconds) * base + last - (drop ? base / 15 * (total - total / 10) : 0);
	return true;
}

} // namespace medtalk
