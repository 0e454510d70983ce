#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "MedTalkCore/Receiver.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

struct Collector : FrameTarget
{
	std::vector<PushedFrame> frames;
	void OnFrame(const PushedFrame& frame) override { frames.push_back(frame); }
};

constexpr double kFrame = 1.0 / 60.0;
constexpr int32_t kLast = 0x7FFFFFFF;

/** The n-th number after a first one, on the circle of 2^31. */
int32_t WrappedFrom(int32_t first, int32_t n)
{
	return static_cast<int32_t>((static_cast<uint32_t>(first) + static_cast<uint32_t>(n)) & 0x7FFFFFFFu);
}

/** A hello of another session. */
std::vector<uint8_t> HelloOf(int32_t session)
{
	auto bytes = Sample("hello");
	const size_t at = 20 + 16 + 8; // address, types, subject
	for (size_t i = 0; i < 4; ++i)
	{
		bytes[at + i] = static_cast<uint8_t>(static_cast<uint32_t>(session) >> (24 - 8 * i));
	}
	return bytes;
}

} // namespace

TEST_CASE("numbers in order, over the wrap, are all next")
{
	SequenceTracker tracker;
	double time = 0.0;
	for (int32_t sequence : {kLast - 2, kLast - 1, kLast, 0, 1, 2})
	{
		CHECK(tracker.Place(sequence, time += kFrame) == Order::Next);
	}
	CHECK(tracker.Counts().received == 6);
	CHECK(tracker.Counts().lost == 0);
}

TEST_CASE("a gap is lost until its frame comes late; the same again is a duplicate")
{
	SequenceTracker tracker;
	tracker.Place(10, 1.0);
	CHECK(tracker.Place(14, 1.4) == Order::Next);
	CHECK(tracker.Counts().lost == 3);
	CHECK(tracker.Place(12, 1.2) == Order::Late);
	CHECK(tracker.Counts().lost == 2);
	CHECK(tracker.Place(12, 1.2) == Order::Duplicate);
	CHECK(tracker.Place(14, 1.4) == Order::Duplicate);
	CHECK(tracker.Counts().late == 1);
	CHECK(tracker.Counts().duplicates == 2);
	CHECK(tracker.Counts().received == 3);
}

TEST_CASE("a sender's time that steps back a little within a run is no new start")
{
	SequenceTracker tracker;
	tracker.Place(10, 5.0);
	CHECK(tracker.Place(11, 4.98) == Order::Next);
	CHECK(tracker.Place(13, 5.01) == Order::Next);
	CHECK(tracker.Place(12, 5.03) == Order::Late);
	CHECK(tracker.Counts().restarts == 0);
}

TEST_CASE("a gap longer than the window is counted, and order goes on")
{
	SequenceTracker tracker;
	tracker.Place(0, 0.0);
	CHECK(tracker.Place(5000, 100.0) == Order::Next);
	CHECK(tracker.Counts().lost == 4999);
	CHECK(tracker.Place(4999, 99.0) == Order::Late);
	CHECK(tracker.Place(100, 50.0) == Order::Late); // far behind: not known whether it came before
	CHECK(tracker.Counts().restarts == 0);
}

TEST_CASE("a lower number with a later time is a sender that started anew")
{
	SequenceTracker tracker;
	tracker.Place(500, 10.0);
	CHECK(tracker.Place(0, 12.0) == Order::Restart);
	CHECK(tracker.Place(1, 12.1) == Order::Next);
	CHECK(tracker.Counts().restarts == 1);
	CHECK(tracker.Counts().lost == 0);
}

TEST_CASE("after a reboot of the sender, two frames in a row that fit no place are a new start")
{
	SequenceTracker behind;
	behind.Place(100000, 5000.0);
	CHECK(behind.Place(0, 3.0) == Order::Late);
	CHECK(behind.Place(1, 3.1) == Order::Restart);
	SequenceTracker ahead;
	ahead.Place(10, 5000.0);
	CHECK(ahead.Place(600, 3.0) == Order::Late);
	CHECK(ahead.Place(601, 3.1) == Order::Restart);
	SequenceTracker once;
	once.Place(10, 5000.0);
	CHECK(once.Place(600, 3.0) == Order::Late);
	CHECK(once.Place(11, 5000.1) == Order::Next);
}

TEST_CASE("a hello of another session makes the first misfit a new start")
{
	SequenceTracker tracker;
	tracker.Place(300, 5000.0);
	tracker.ExpectRestart();
	CHECK(tracker.Place(0, 3.0) == Order::Restart);
}

TEST_CASE("whatever a network does, shown numbers rise and the count of the lost is right")
{
	std::mt19937 random(7);
	std::uniform_real_distribution<double> chance(0.0, 1.0);
	for (int round = 0; round < 20; ++round)
	{
		std::vector<std::pair<double, int32_t>> sent; // moment of arrival, number
		int32_t dropped = 0;
		for (int32_t n = 0; n < 2000; ++n)
		{
			const bool edge = n == 0 || n == 1999;
			if (!edge && chance(random) < 0.05)
			{
				++dropped;
				continue;
			}
			const double late = !edge && chance(random) < 0.05 ? chance(random) * 6.0 : 0.0;
			sent.emplace_back(n + late, n);
			if (chance(random) < 0.01)
			{
				sent.emplace_back(n + late + 0.5, n);
			}
		}
		std::stable_sort(sent.begin(), sent.end());
		SequenceTracker tracker;
		int32_t shown = -1;
		for (const auto& [moment, n] : sent)
		{
			if (tracker.Place(WrappedFrom(kLast - 900, n), 100.0 + n * kFrame) == Order::Next)
			{
				CHECK(n > shown);
				shown = n;
			}
		}
		CHECK(tracker.Counts().lost == static_cast<uint64_t>(dropped));
		CHECK(tracker.Counts().received == static_cast<uint64_t>(2000 - dropped));
		CHECK(tracker.Counts().restarts == 0);
	}
}

TEST_CASE("rate, jitter and delay are those of the arrivals")
{
	ArrivalMeter meter;
	for (int i = 0; i < 2000; ++i)
	{
		meter.Add(i * kFrame, 100.0 + i * kFrame + (i % 2 ? 0.004 : 0.0));
	}
	CHECK(meter.FrameRate() == doctest::Approx(60.0).epsilon(0.01));
	CHECK(meter.JitterMs() == doctest::Approx(4.0).epsilon(0.05));
	CHECK(meter.ClockOffset() == doctest::Approx(100.0));
	CHECK(meter.DelayMs() == doctest::Approx(4.0).epsilon(0.01));
	meter.Add(2000 * kFrame + 60.0, 100.0 + 2000 * kFrame + 60.5); // a minute's pause, half a second slower
	CHECK(meter.ClockOffset() == doctest::Approx(100.5));
	meter.Reset();
	CHECK(meter.FrameRate() == 0.0);
}

TEST_CASE("timecode labels become frames since midnight")
{
	int64_t frames = 0;
	REQUIRE(TimecodeFrames("00:00:01:05", 30.0, frames));
	CHECK(frames == 35);
	REQUIRE(TimecodeFrames("00:01:00;02", 30000.0 / 1001.0, frames));
	CHECK(frames == 1800);
	REQUIRE(TimecodeFrames("10:00:00;00", 60000.0 / 1001.0, frames));
	CHECK(frames == 2157840);
	for (const char* bad : {"", "10:20:30", "10:20:30:40", "24:00:00:00", "10:60:00:00", "1:2:3:4", "10:20:30.04", "10:20:30:04x",
			 "10-20-30-04"})
	{
		CAPTURE(bad);
		CHECK_FALSE(TimecodeFrames(bad, 30.0, frames));
	}
	CHECK_FALSE(TimecodeFrames("00:00:00:00", 0.0, frames));
}

TEST_CASE("a stream that stops is eased to neutral after 250 ms, within 200 ms")
{
	Collector target;
	Receiver receiver(target);
	for (int i = 0; i < 60; ++i)
	{
		REQUIRE(receiver.Receive(View(FrameOf("Ada", i, 5.0 + i * kFrame)), 100.0 + i * kFrame) == Verdict::Frame);
		receiver.Tick(100.0 + i * kFrame);
	}
	REQUIRE(target.frames.size() == 60);
	const double stopped = 100.0 + 59 * kFrame;
	receiver.Tick(stopped + 0.24);
	CHECK(target.frames.size() == 60);
	CHECK(receiver.IsActive());
	const int jaw = ControlIndex("CTRL_C_jaw-translateY");
	float before = target.frames.back().pose.controls[jaw];
	REQUIRE(before > 0.1f);
	for (double later = 0.26; later < 0.6; later += 0.01)
	{
		receiver.Tick(stopped + later);
		CHECK(target.frames.back().pose.controls[jaw] <= before);
		before = target.frames.back().pose.controls[jaw];
	}
	const PushedFrame& last = target.frames.back();
	CHECK(last.eased);
	CHECK(last.pose.controls[jaw] == 0.0f);
	CHECK(last.pose.head[0] == 0.0f);
	CHECK(last.worldTime - (5.0 + 59 * kFrame) == doctest::Approx(0.46).epsilon(0.05));
	CHECK_FALSE(receiver.IsActive());
	CHECK(receiver.Status(0).state == StreamState::Resting);
	const size_t count = target.frames.size();
	receiver.Tick(stopped + 2.0);
	CHECK(target.frames.size() == count);
	for (size_t i = 1; i < count; ++i)
	{
		CHECK(target.frames[i].worldTime > target.frames[i - 1].worldTime);
	}
	receiver.Receive(View(FrameOf("Ada", 60, 5.0 + 10.0)), stopped + 10.0); // it comes back
	CHECK(target.frames.back().worldTime == 15.0);
	CHECK_FALSE(target.frames.back().eased);
}

TEST_CASE("a bye eases at once; frames that an ease has overtaken are shown, and time does not run back")
{
	Collector target;
	Receiver receiver(target);
	receiver.Receive(View(FrameOf("MedTalk", 0, 5.0)), 100.0);
	CHECK(receiver.Receive(View(Sample("bye")), 100.01) == Verdict::Bye);
	receiver.Tick(100.01); // makes the ease's first step
	receiver.Tick(100.11);
	CHECK(target.frames.back().eased);
	const double eased = target.frames.back().worldTime;
	CHECK(receiver.Receive(View(FrameOf("MedTalk", 1, 5.02)), 100.12) == Verdict::Frame);
	CHECK(target.frames.back().worldTime > eased);
	CHECK_FALSE(target.frames.back().eased);
	CHECK(receiver.Receive(View(FrameOf("MedTalk", 2, 5.2)), 100.2) == Verdict::Frame);
	CHECK(receiver.Status(0).state == StreamState::Live);
	CHECK(receiver.Receive(View(Sample("bye")), 100.3) == Verdict::Bye);
	Receiver empty(target);
	CHECK(empty.Receive(View(Sample("bye")), 1.0) == Verdict::Bye); // of nobody
	CHECK(empty.SubjectCount() == 0);
}

TEST_CASE("a sender that starts anew goes on in world time, wherever its clock stands")
{
	for (const double restart : {7.0, 1.0, 90000.0})
	{
		CAPTURE(restart);
		Collector target;
		Receiver receiver(target);
		receiver.Receive(View(HelloOf(1)), 99.0);
		for (int i = 0; i < 10; ++i)
		{
			receiver.Receive(View(FrameOf("MedTalk", 1000 + i, 5.0 + i * kFrame)), 100.0 + i * kFrame);
		}
		CHECK(receiver.Receive(View(HelloOf(2)), 102.0) == Verdict::Hello);
		for (int i = 0; i < 10; ++i)
		{
			receiver.Receive(View(FrameOf("MedTalk", i, restart + i * kFrame)), 102.0 + i * kFrame);
		}
		REQUIRE(target.frames.size() == 20);
		for (size_t i = 1; i < 20; ++i)
		{
			CHECK(target.frames[i].worldTime > target.frames[i - 1].worldTime);
		}
		CHECK(target.frames[10].worldTime - target.frames[9].worldTime == doctest::Approx(2.0 - 9 * kFrame));
		CHECK(target.frames[19].senderTime == doctest::Approx(restart + 9 * kFrame));
		CHECK(receiver.Status(0).counts.restarts == 1);
		CHECK(receiver.Status(0).session == 2);
	}
}

TEST_CASE("a hostile frame with a huge time does not stall the stream")
{
	Collector target;
	Receiver receiver(target);
	receiver.Receive(View(FrameOf("Ada", 0, 5.0)), 100.0);
	receiver.Receive(View(FrameOf("Ada", 1 << 29, 9e8)), 100.01);
	for (int i = 1; i < 10; ++i)
	{
		receiver.Receive(View(FrameOf("Ada", i, 5.0 + i * kFrame)), 100.0 + i * kFrame);
	}
	REQUIRE(target.frames.size() >= 10); // the two first, then all but the one that confirms the new start
	CHECK(target.frames.back().sequence == 9);
}

TEST_CASE("several senders are several subjects, sixteen at most")
{
	Collector target;
	Receiver receiver(target);
	for (int i = 0; i < 20; ++i)
	{
		const Verdict verdict = receiver.Receive(View(FrameOf("S" + std::to_string(i), 0, 1.0)), 1.0);
		CHECK(verdict == (i < kMostSubjects ? Verdict::Frame : Verdict::Subject));
	}
	CHECK(receiver.SubjectCount() == 16);
	CHECK(target.frames[3].subject == 3);
	CHECK(receiver.Count(Verdict::Subject) == 4);
	auto hello = HelloOf(1); // of yet another subject
	CHECK(receiver.Receive(View(hello), 1.0) == Verdict::Subject);
}

TEST_CASE("names that cannot become engine names are refused")
{
	Collector target;
	Receiver receiver(target);
	for (const char* bad : {"None", "none", "a\nb", "x_ARKit", "x_arkit", "x_Head", "a\x7F"})
	{
		CAPTURE(bad);
		CHECK(receiver.Receive(View(FrameOf(bad, 0, 1.0)), 1.0) == Verdict::Subject);
	}
	CHECK(receiver.Receive(View(FrameOf("Ada", 0, 1.0)), 1.0) == Verdict::Frame);
	CHECK(receiver.Receive(View(FrameOf("ADA", 0, 1.0)), 1.0) == Verdict::Subject); // the same name to the engine
	CHECK(IsShowableName("\xE9\x98\xBF"));
	CHECK_FALSE(IsShowableName(""));
	CHECK_FALSE(IsShowableName(std::string(65, 'a')));
}

TEST_CASE("another table is said, and unsaid when the sender is updated")
{
	Collector target;
	Receiver receiver(target);
	CHECK(receiver.Receive(View(Sample("frame_other_table")), 1.0) == Verdict::Table);
	CHECK(target.frames.empty());
	CHECK(receiver.Status(0).tableDiffers);
	CHECK(receiver.Status(0).state == StreamState::Waiting);
	receiver.Receive(View(Sample("frame_ramp")), 2.0);
	CHECK_FALSE(receiver.Status(0).tableDiffers);
	CHECK(target.frames.size() == 1);
}

TEST_CASE("garbage is counted by its reason and changes nothing else")
{
	Collector target;
	Receiver receiver(target);
	for (const char* name : {"noise", "empty", "frame_cut", "frame_with_more", "frame_wrong_types", "vmc_1", "livelink_face"})
	{
		CHECK_FALSE(IsUnderstood(receiver.Receive(View(Sample(name)), 1.0)));
	}
	CHECK(target.frames.empty());
	CHECK(receiver.SubjectCount() == 0);
	CHECK(receiver.Count(Verdict::Foreign) == 2);
	CHECK(receiver.Count(Verdict::Truncated) == 2);
	CHECK(receiver.Receive(View(FrameOf("A", 3, 1.0)), 1.0) == Verdict::Frame);
	CHECK(receiver.Receive(View(FrameOf("A", 3, 1.0)), 1.0) == Verdict::Duplicate);
}
