#include <doctest/doctest.h>

#include <cmath>

#include "MedTalkCore/Probe.h"

using namespace medtalk;

namespace
{

constexpr double kTick = 1.0 / 60.0;

ProbeFacts Healthy()
{
	ProbeFacts facts;
	facts.liveLink = facts.bound = facts.subjectListed = facts.faceFound = facts.curveThere = facts.postProcess = true;
	facts.port = 9870;
	facts.frameAgeSeconds = 0.02;
	facts.propertyCount = kPropertyCount;
	facts.animClass = "MedTalkAnimInstance";
	facts.subjectValue = 0.4f;
	facts.curveValue = 0.38f;
	return facts;
}

/** A face at a moment of speech: how far the mouth is open, and what of that comes to curve and bone. */
ProbeFacts Speaking(double open, double curveShare, double boneDegrees)
{
	ProbeFacts facts = Healthy();
	facts.rendered = facts.boneThere = true;
	facts.subjectValue = static_cast<float>(open);
	facts.curveValue = static_cast<float>(open * curveShare);
	const double half = (40.0 + open * boneDegrees) * 3.14159265358979 / 360.0; // the jaw rests at 40 degrees
	facts.bone[2] = std::sin(half);
	facts.bone[3] = std::cos(half);
	return facts;
}

/** What the judge says after so many seconds of speech. */
Motion After(MotionJudge& judge, double seconds, double curveShare, double boneDegrees, void (*change)(ProbeFacts&) = nullptr)
{
	Motion motion = Motion::Unknown;
	for (double time = 0.0; time < seconds; time += kTick)
	{
		ProbeFacts facts = Speaking(0.3 - 0.3 * std::cos(time * 12.0), curveShare, boneDegrees);
		if (change != nullptr)
		{
			change(facts);
		}
		motion = judge.Add(facts, kTick);
	}
	return motion;
}

} // namespace

TEST_CASE("the probe follows a healthy face to its end")
{
	const auto lines = Diagnose(Healthy());
	CHECK(lines.size() == 13);
	for (const ProbeLine& line : lines)
	{
		CHECK(line.good);
	}
}

TEST_CASE("the probe stops at the first station that fails and says what to do")
{
	const auto stopsWith = [](const char* words, void (*harm)(ProbeFacts&)) {
		ProbeFacts facts = Healthy();
		harm(facts);
		const auto lines = Diagnose(facts);
		CAPTURE(words);
		CHECK_FALSE(lines.back().good);
		CHECK(lines.back().words.find(words) != std::string::npos);
	};
	stopsWith("Live Link plugin", [](ProbeFacts& f) { f.liveLink = false; });
	stopsWith("+ Source", [](ProbeFacts& f) { f.port = 0; });
	stopsWith("Port 9870", [](ProbeFacts& f) { f.bound = false; });
	stopsWith("same version", [](ProbeFacts& f) { f.tableDiffers = true; });
	stopsWith("firewall", [](ProbeFacts& f) { f.subjectListed = false; });
	stopsWith("stopped", [](ProbeFacts& f) { f.frameAgeSeconds = -1.0; });
	stopsWith("same subject name", [](ProbeFacts& f) { f.propertyCount = 0; });
	stopsWith("'Face'", [](ProbeFacts& f) { f.faceFound = false; });
	stopsWith("leader", [](ProbeFacts& f) { f.leaderPose = true; });
	stopsWith("no animation instance", [](ProbeFacts& f) { f.animClass.clear(); });
	stopsWith("Native", [](ProbeFacts& f) { f.curveThere = false; });
	stopsWith("Sequencer", [](ProbeFacts& f) { f.curveValue = 0.0f; });
	stopsWith("moved nothing", [](ProbeFacts& f) { f.driver = "ABP_MH_LiveLink", f.motion = Motion::Still; });
	stopsWith("level-of-detail", [](ProbeFacts& f) { f.driver = "ABP_MH_LiveLink", f.motion = Motion::CurvesOnly; });
	stopsWith("post-process", [](ProbeFacts& f) { f.postProcess = false; });
}

TEST_CASE("the probe says what moved since the face was taken over")
{
	ProbeFacts facts = Healthy();
	facts.driver = "MedTalk's own animation instance";
	CHECK(Diagnose(facts).back().words.find("speak") != std::string::npos);
	facts.motion = Motion::Moves;
	facts.boneThere = true;
	facts.boneDegrees = 7.25;
	CHECK(Diagnose(facts).size() == 14);
	CHECK(Diagnose(facts).back().words == "MedTalk's own animation instance moves the face, the jaw has turned by 7.2 degrees");
}

TEST_CASE("a jaw that turns with the curve moves, and that stays said")
{
	MotionJudge judge;
	CHECK(After(judge, 1.0, 1.0, 12.0) == Motion::Moves);
	CHECK(judge.BoneDegrees() == doctest::Approx(7.2).epsilon(0.05));
	CHECK(After(judge, 9.0, 0.0, 0.0) == Motion::Moves);
	judge.Start();
	CHECK(judge.Verdict() == Motion::Unknown);
}

TEST_CASE("without the jaw's bone the curve and RigLogic's blueprint are the proof")
{
	MotionJudge judge;
	CHECK(After(judge, 1.0, 1.0, 0.0, [](ProbeFacts& f) { f.boneThere = false; }) == Motion::Moves);
	MotionJudge bare;
	CHECK(After(bare, 9.0, 1.0, 0.0, [](ProbeFacts& f) { f.boneThere = f.postProcess = false; }) == Motion::CurvesOnly);
}

TEST_CASE("a face that stays still is told from one whose curves come but whose jaw stays")
{
	MotionJudge still, curves;
	CHECK(After(still, 2.0, 0.0, 0.0) == Motion::Unknown); // too early: pauses do not count
	CHECK(After(still, 3.0, 0.0, 0.0) == Motion::Still);
	CHECK(After(curves, 5.0, 1.0, 0.0) == Motion::CurvesOnly);
	CHECK(After(curves, 1.0, 1.0, 12.0) == Motion::Moves); // the camera came closer
	MotionJudge absent;
	CHECK(After(absent, 5.0, 1.0, 0.0, [](ProbeFacts& f) { f.curveThere = false; }) == Motion::Still);
}

TEST_CASE("a silent subject and a face off screen are not judged")
{
	MotionJudge silent, unseen;
	CHECK(After(silent, 9.0, 0.0, 0.0, [](ProbeFacts& f) { f.subjectValue = 0.02f; }) == Motion::Unknown);
	CHECK(After(unseen, 9.0, 0.0, 0.0, [](ProbeFacts& f) { f.rendered = false; }) == Motion::Unknown);
}
