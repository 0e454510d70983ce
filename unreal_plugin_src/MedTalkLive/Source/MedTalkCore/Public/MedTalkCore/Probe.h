// The way of a curve from the socket to the mesh, station by station: what was found
// at each, where it stops, and what to do there. The engine side fills in the facts,
// the words are chosen here. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Receiver.h"

namespace medtalk
{

/** What came of the way in which a face is driven. */
enum class Motion : uint8_t
{
	Unknown,    // the subject has not spoken long enough, or the face is not on screen
	Moves,
	CurvesOnly, // curves come to the face, but its jaw stays
	Still,
};

/** What the engine side found; later stations are not asked for where an earlier one fails. */
struct ProbeFacts
{
	bool liveLink = false;        // the Live Link client is there
	int port = 0;                 // of our source, 0 where there is none
	bool bound = false;
	bool tableDiffers = false;
	bool subjectListed = false;
	double frameAgeSeconds = -1.0; // negative: no frame ever
	int propertyCount = 0;        // of the evaluated frame, 0 where it cannot be evaluated
	bool faceFound = false;
	bool leaderPose = false;      // the face follows another mesh
	std::string animClass;        // of the face's animation instance, empty where it has none
	bool curveThere = false;      // on the main instance
	float subjectValue = 0.0f;    // of the probed curve in the subject
	float curveValue = 0.0f;      // of the same curve on the mesh
	bool postProcess = false;     // RigLogic's animation blueprint
	bool rendered = false;        // on screen a moment ago
	bool boneThere = false;       // the jaw's bone
	double bone[4] = {0.0, 0.0, 0.0, 1.0}; // its rotation against its parent, x y z w
	std::string driver;           // how the component drives the face, empty where it does not
	Motion motion = Motion::Unknown;
	double boneDegrees = 0.0;     // the furthest that the jaw has turned since
};

/** Judges, while the subject speaks, whether a way of driving moves the face. */
class MEDTALKCORE_API MotionJudge
{
public:
	/** Another way is tried from now on. */
	void Start() { *this = MotionJudge(); }

	/** Looks at the face once more, `seconds` after the last time. */
	Motion Add(const ProbeFacts& facts, double seconds);

	Motion Verdict() const { return motion_; }

	/** It moves, and was watched long enough: Add has nothing more to learn. */
	bool IsDone() const;
	double BoneDegrees() const { return degrees_; }

private:
	struct Span
	{
		float least = 0.0f, most = 0.0f;
		bool any = false;

		void Add(float value);
		float Width() const { return most - least; }
	};

	Span subject_, curve_;
	double spoken_ = 0.0; // seconds
	bool hasFirst_ = false;
	double first_[4] = {};
	double degrees_ = 0.0;
	Motion motion_ = Motion::Unknown;
};

struct ProbeLine
{
	bool good = false;
	std::string words;
};

/** One line a station, up to and including the first that fails. */
MEDTALKCORE_API std::vector<ProbeLine> Diagnose(const ProbeFacts& facts);

} // namespace medtalk
