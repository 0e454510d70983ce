// The way of a curve from the socket to the mesh, station by station: what was found
// at each, where it stops, and what to do there. The engine side fills in the facts,
// the words are chosen here. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Receiver.h"

namespace medtalk
{

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
};

struct ProbeLine
{
	bool good = false;
	std::string words;
};

/** One line a station, up to and including the first that fails. */
MEDTALKCORE_API std::vector<ProbeLine> Diagnose(const ProbeFacts& facts);

} // namespace medtalk
