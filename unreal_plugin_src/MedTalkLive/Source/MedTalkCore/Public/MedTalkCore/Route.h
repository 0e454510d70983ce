// Whose runtime a command goes to: that of one subject, or those of all who send.
// A hello tells the port, the datagram it came in tells the machine; settings of the
// source overrule both. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "MedTalkCore/Connection.h"
#include "MedTalkCore/Receiver.h"

namespace medtalk
{

/** One source as it stands: where it listens, and who sends to it. */
struct SourceState
{
	Connection connection;
	bool bound = false;
	double nowSeconds = 0.0; // on the clock of the subjects' times
	std::vector<SubjectStatus> subjects;
};

/** Whether a subject's runtime is there at this moment: frames come, or a hello came lately. */
MEDTALKCORE_API bool IsPresent(const SubjectStatus& subject, double now);

struct ControlTarget
{
	std::string host;
	int port = 0;
	std::string token;
};

/**
 * Where a command goes.
 * @param subject Name without regard to case; empty: all that send at present (all known, where none does), and the
 *        default address of a source to which nobody has sent yet.
 * @return Every address once; none where the subject is unknown or takes no commands.
 */
MEDTALKCORE_API std::vector<ControlTarget> ControlTargets(const std::vector<SourceState>& sources, std::string_view subject);

} // namespace medtalk
