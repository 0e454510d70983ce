#include "MedTalkCore/Route.h"

#include "MedTalkCore/Commands.h"

namespace medtalk
{
namespace
{

constexpr double kHelloSeconds = 3.0; // a sender that says no hello for that long has gone

/** Port 0 where the hello says that the runtime takes no commands. */
ControlTarget TargetOf(const Connection& connection, const SubjectStatus& subject)
{
	ControlTarget target;
	target.host = !connection.controlHost.empty() ? connection.controlHost : subject.host.empty() ? "127.0.0.1" : subject.host;
	const int told = subject.lastHelloSeconds > 0.0 ? subject.controlPort : kControlPort;
	target.port = connection.controlPort > 0 ? connection.controlPort : told;
	target.token = connection.token;
	return target;
}

void Add(std::vector<ControlTarget>& targets, const ControlTarget& target)
{
	for (const ControlTarget& known : targets)
	{
		if (known.port == target.port && known.host == target.host)
		{
			return;
		}
	}
	if (target.port > 0 && target.port <= 65535)
	{
		targets.push_back(target);
	}
}

bool AnyPresent(const std::vector<SourceState>& sources)
{
	for (const SourceState& source : sources)
	{
		for (const SubjectStatus& subject : source.subjects)
		{
			if (IsPresent(subject, source.nowSeconds))
			{
				return true;
			}
		}
	}
	return false;
}

} // namespace

bool IsPresent(const SubjectStatus& subject, double now)
{
	return subject.state == StreamState::Live || (subject.lastHelloSeconds > 0.0 && now - subject.lastHelloSeconds < kHelloSeconds);
}

std::vector<ControlTarget> ControlTargets(const std::vector<SourceState>& sources, std::string_view subject)
{
	std::vector<ControlTarget> targets;
	const bool presentOnly = subject.empty() && AnyPresent(sources);
	for (const SourceState& source : sources)
	{
		for (const SubjectStatus& known : source.subjects)
		{
			const bool asked = subject.empty() || SameName(known.name, subject);
			if (asked && (!presentOnly || IsPresent(known, source.nowSeconds)))
			{
				Add(targets, TargetOf(source.connection, known));
			}
		}
		if (subject.empty() && source.subjects.empty() && !presentOnly)
		{
			Add(targets, TargetOf(source.connection, SubjectStatus()));
		}
	}
	if (subject.empty() && sources.empty())
	{
		Add(targets, TargetOf(Connection(), SubjectStatus()));
	}
	return targets;
}

} // namespace medtalk
