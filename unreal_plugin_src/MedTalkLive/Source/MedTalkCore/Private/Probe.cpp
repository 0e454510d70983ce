#include "MedTalkCore/Probe.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace medtalk
{
namespace
{

constexpr double kFresh = 0.5;         // seconds
constexpr float kSameValue = 0.25f;    // the mesh shows an older frame than the subject

constexpr float kSpoke = 0.1f;         // of the jaw's curve
constexpr float kFollows = 0.25f;      // share of the subject's way that the mesh's curve has to go
constexpr float kOpen = 0.05f;
constexpr double kJudgeSeconds = 2.0;  // of speech
constexpr double kTurned = 0.5;        // degrees

double DegreesBetween(const double (&a)[4], const double (&b)[4])
{
	const double cosine = std::fabs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]);
	return cosine < 1.0 ? 2.0 * std::acos(cosine) * (180.0 / 3.14159265358979323846) : 0.0;
}

struct Station
{
	bool good;
	std::string found;
	std::string remedy;
};

std::vector<Station> StreamStations(const ProbeFacts& facts)
{
	const std::string port = std::to_string(facts.port);
	const bool fresh = facts.frameAgeSeconds >= 0.0 && facts.frameAgeSeconds < kFresh;
	const bool layout = facts.propertyCount == kPropertyCount || facts.propertyCount == kArkitCount;
	return {
		{facts.liveLink, "Live Link is there", "Enable the Live Link plugin and restart the editor."},
		{facts.port > 0, "a MedTalk source is there", "Add it: Live Link window, + Source, MedTalk Live."},
		{facts.bound, "the source listens on port " + port,
			"Port " + port + " is held by another program or a second editor: close it, or choose another port here and in "
							 "medtalk-live (--osc 127.0.0.1:PORT)."},
		{!facts.tableDiffers, "sender and plugin have the same table of controls",
			"Install the same version of medtalk-live and of this plugin; frames of another table are dropped."},
		{facts.subjectListed, "the subject is known",
			"Nothing has come for this subject. Start medtalk-live; compare its --subject with the name here; let UDP port " +
				port + " through the firewall."},
		{fresh, "a frame came in the last half second",
			"The stream has stopped: look at medtalk-live's status line. On another machine, look at firewall and network profile."},
		{layout, "a frame is evaluated, with " + std::to_string(facts.propertyCount) + " values",
			"Live Link gives no frame of 260 (or 61) values for this name: another source may use the same subject name, or the subject is switched off in the Live Link window."},
	};
}

std::vector<Station> MeshStations(const ProbeFacts& facts)
{
	const bool follows = std::fabs(facts.curveValue - facts.subjectValue) < kSameValue;
	return {
		{facts.faceFound, "the face's mesh was found",
			"The actor has no skeletal mesh component called 'Face': set Face Component Name."},
		{!facts.leaderPose, "the face has a pose of its own",
			"The face follows another mesh (leader pose) and runs no animation: take the leader away."},
		{!facts.animClass.empty(), "the face runs " + facts.animClass,
			"The face has no animation instance: set its animation mode to Animation Blueprint, or set Mode to Native."},
		{facts.curveThere, "the jaw's curve is on the face",
			"The animation blueprint does not bring the curve to the face (no Live Link node, or one in ARKit mode): set Mode to Native."},
		{follows, "the curve follows the subject",
			"The curve is there but does not follow: something else drives the face (a Sequencer track, another animation "
			"blueprint), it is off screen, or the blend weight is 0."},
		{facts.postProcess, "RigLogic's post-process blueprint is there",
			"The mesh has lost its post-process animation blueprint, which moves the face from the curves: put it back."},
	};
}

/** What moved since the component took the face over. */
std::vector<Station> MotionStations(const ProbeFacts& facts)
{
	if (facts.driver.empty())
	{
		return {};
	}
	char degrees[32];
	std::snprintf(degrees, sizeof(degrees), "%.1f", facts.boneDegrees);
	const bool good = facts.motion == Motion::Unknown || facts.motion == Motion::Moves;
	const std::string found = facts.motion == Motion::Moves ? " moves the face" : " drives the face; speak, and its motion is judged here";
	const std::string turned = facts.boneThere ? ", the jaw has turned by " + std::string(degrees) + " degrees" : "";
	const char* const remedy = facts.motion == Motion::Still
		? " has moved nothing: set Mode to another way, or look at the stations above while the subject speaks."
		: " brings the curves, but the jaw stays: RigLogic does not run. Look at the mesh's post-process blueprint and its "
		  "level-of-detail threshold, or come closer.";
	return {{good, facts.driver + found + turned, facts.driver + remedy}};
}

bool Append(std::vector<ProbeLine>& lines, const std::vector<Station>& stations)
{
	for (const Station& station : stations)
	{
		lines.push_back({station.good, station.good ? station.found : station.remedy});
		if (!station.good)
		{
			return false;
		}
	}
	return true;
}

} // namespace

std::vector<ProbeLine> Diagnose(const ProbeFacts& facts)
{
	std::vector<ProbeLine> lines;
	if (Append(lines, StreamStations(facts)) && Append(lines, MeshStations(facts)))
	{
		Append(lines, MotionStations(facts));
	}
	return lines;
}

void MotionJudge::Span::Add(float value)
{
	least = !any || value < least ? value : least;
	most = !any || value > most ? value : most;
	any = true;
}

bool MotionJudge::IsDone() const { return motion_ == Motion::Moves && spoken_ > kJudgeSeconds; }

Motion MotionJudge::Add(const ProbeFacts& facts, double seconds)
{
	if (!facts.rendered || IsDone())
	{
		return motion_;
	}
	subject_.Add(facts.subjectValue);
	if (facts.curveThere)
	{
		curve_.Add(facts.curveValue);
	}
	if (facts.boneThere && !hasFirst_)
	{
		hasFirst_ = true;
		std::memcpy(first_, facts.bone, sizeof(first_));
	}
	const double turned = facts.boneThere ? DegreesBetween(first_, facts.bone) : 0.0;
	degrees_ = turned > degrees_ ? turned : degrees_;
	spoken_ += facts.subjectValue > kOpen ? seconds : 0.0;
	const bool follows = subject_.Width() > kSpoke && curve_.Width() > kFollows * subject_.Width();
	if (follows && (facts.boneThere ? degrees_ > kTurned : facts.postProcess))
	{
		motion_ = Motion::Moves;
	}
	else if (motion_ != Motion::Moves && spoken_ > kJudgeSeconds && subject_.Width() > kSpoke)
	{
		motion_ = follows ? Motion::CurvesOnly : Motion::Still;
	}
	return motion_;
}

} // namespace medtalk
