#include "PanelModel.h"

#include <cstdio>

namespace medtalk
{
namespace
{

constexpr float kBlendSeconds = 0.4f;
constexpr double kAnswerSeconds = 3.0;
constexpr double kHelloSeconds = 3.0;
constexpr double kNoticeableLoss = 0.01;
constexpr double kNoticeableJitterMs = 8.0;

char LowerCase(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool IsPicture(const std::string& path)
{
	std::string ending = path.substr(path.find_last_of('.') == std::string::npos ? path.size() : path.find_last_of('.'));
	for (char& letter : ending)
	{
		letter = LowerCase(letter);
	}
	return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".bmp" || ending == ".webp";
}

double LossShare(const SequenceCounts& counts)
{
	const double all = static_cast<double>(counts.received + counts.lost);
	return all > 0.0 ? static_cast<double>(counts.lost) / all : 0.0;
}

template <typename... Values>
std::string Printed(const char* format, Values... values)
{
	char text[256];
	std::snprintf(text, sizeof(text), format, values...);
	return text;
}

PanelLine StateLine(const SubjectStatus& subject)
{
	if (subject.tableDiffers)
	{
		return {Health::Bad, subject.name + ": " + Explain(Verdict::Table)};
	}
	switch (subject.state)
	{
	case StreamState::Waiting:
		return {Health::Warning, subject.name + ": a sender is there, but no frame has come: it waits for sound"};
	case StreamState::Easing:
	case StreamState::Resting:
		return {Health::Warning, subject.name + ": the stream has stopped, the face rests"};
	default:
		break;
	}
	const double loss = LossShare(subject.counts);
	const bool rough = loss > kNoticeableLoss || subject.jitterMs > kNoticeableJitterMs;
	return {rough ? Health::Warning : Health::Good,
		subject.name +
			Printed(": %.1f Hz, latency %.0f ms, jitter %.1f ms, lost %.2f %%", subject.frameRate,
				static_cast<double>(subject.latencyMs) + subject.delayMs, subject.jitterMs, loss * 100.0)};
}

PanelLine HelloLine(const SubjectStatus& subject, double now)
{
	const double age = now - subject.lastHelloSeconds;
	if (subject.lastHelloSeconds <= 0.0)
	{
		return {Health::Warning, "  no hello yet: model, guidance and timecode are unknown"};
	}
	std::string words = "  medtalk-live " + subject.version + ", model " + subject.model + ", " + subject.guidance;
	words += subject.timecode.empty() ? "" : ", timecode " + subject.timecode;
	words += Printed(", hello %.1f s ago", age);
	return {age > kHelloSeconds ? Health::Warning : Health::Good, words};
}

void AppendSource(std::vector<PanelLine>& lines, const SourceState& source)
{
	const std::string port = std::to_string(source.connection.port);
	if (!source.bound)
	{
		lines.push_back({Health::Bad, "Port " + port + " cannot be bound: another program or a second editor holds it"});
	}
	else if (source.subjects.empty())
	{
		lines.push_back({Health::Warning,
			"Listening on port " + port + ", nothing has come: start medtalk-live, and let UDP port " + port + " through the firewall"});
	}
	for (const SubjectStatus& subject : source.subjects)
	{
		lines.push_back(StateLine(subject));
		lines.push_back(HelloLine(subject, source.nowSeconds));
	}
}

} // namespace

const std::vector<std::string>& PanelModel::Emotions()
{
	static const std::vector<std::string> labels = {"neutral", "happy", "sad", "angry", "fear", "disgust", "surprised"};
	return labels;
}

std::vector<PanelLine> PanelModel::Lines(const std::vector<SourceState>& sources)
{
	std::vector<PanelLine> lines;
	for (const SourceState& source : sources)
	{
		AppendSource(lines, source);
	}
	if (sources.empty())
	{
		lines.push_back({Health::Bad, "No MedTalk source: press Connect, or add one in the Live Link window"});
	}
	return lines;
}

void PanelModel::NextSubject(const std::vector<SourceState>& sources)
{
	bool found = subject_.empty();
	for (const SourceState& source : sources)
	{
		for (const SubjectStatus& subject : source.subjects)
		{
			if (found)
			{
				subject_ = subject.name;
				return;
			}
			found = subject.name == subject_;
		}
	}
	subject_.clear();
}

std::vector<std::string> PanelModel::Performers(const std::vector<SourceState>& sources) const
{
	std::vector<std::string> names;
	for (const SourceState& source : sources)
	{
		for (const SubjectStatus& subject : source.subjects)
		{
			if (subject_.empty() ? IsPresent(subject, source.nowSeconds) : subject.name == subject_)
			{
				names.push_back(subject.name);
			}
		}
	}
	return names;
}

Command PanelModel::Emotion(const std::string& label) const
{
	return label == "neutral" ? Commands::Neutral() : Commands::Emotion(label, intensity_, kBlendSeconds);
}

Command PanelModel::Text(const std::string& words) const
{
	return words.empty() ? Command() : Commands::Text(words, intensity_, kBlendSeconds);
}

Command PanelModel::Image(const std::string& path)
{
	if (!IsPicture(path))
	{
		message_ = path + " is no picture: drop a png, jpg, bmp or webp file";
		return {};
	}
	return Commands::Image(path, intensity_, kBlendSeconds);
}

Command PanelModel::SetIntensity(float intensity)
{
	intensity_ = intensity > 2.0f ? 2.0f : intensity >= 0.0f ? intensity : 0.0f;
	return Commands::Intensity(intensity_);
}

void PanelModel::Plan(const std::string& slate, int number)
{
	if (state_ == TakeState::Idle)
	{
		slate_ = slate;
		number_ = number > 0 ? number : 1;
	}
}

Command PanelModel::Record(double now)
{
	if (state_ == TakeState::Recording)
	{
		state_ = TakeState::Stopping;
		asked_ = now;
		return Commands::TakeStop();
	}
	if (state_ != TakeState::Idle || slate_.empty())
	{
		message_ = slate_.empty() ? "Name the slate first" : "The runtime has not answered yet";
		return {};
	}
	state_ = TakeState::Starting;
	asked_ = now;
	return Commands::TakeStart(slate_, number_);
}

void PanelModel::OnAsked(int runtimes)
{
	awaited_ = runtimes > 0 ? runtimes : 1; // runtimes that have gone do not answer a stop: time will say so
	if (runtimes == 0 && state_ == TakeState::Starting)
	{
		state_ = TakeState::Idle;
	}
}

void PanelModel::OnUnheard()
{
	message_ = "No runtime takes commands here: start medtalk-live, and leave its --control on";
}

TakeAction PanelModel::OnReply(const Reply& reply)
{
	const bool start = reply.command == "/medtalk/1/take/start";
	const bool stop = reply.command == "/medtalk/1/take/stop";
	if (!stop || state_ == TakeState::Stopping)
	{
		message_ = reply.words; // what comes back of tidying up does not cover the reason for it
	}
	if (start)
	{
		return Started(reply);
	}
	if (stop && state_ == TakeState::Stopping && --awaited_ <= 0)
	{
		Finish();
		return TakeAction::StopRecorder;
	}
	return TakeAction::None;
}

TakeAction PanelModel::Started(const Reply& reply)
{
	if (state_ == TakeState::Idle)
	{
		return reply.ok ? TakeAction::StopRuntime : TakeAction::None;
	}
	if (state_ != TakeState::Starting)
	{
		return TakeAction::None;
	}
	if (!reply.ok)
	{
		state_ = TakeState::Idle;
		return awaited_ > 1 ? TakeAction::StopRuntime : TakeAction::None;
	}
	state_ = --awaited_ <= 0 ? TakeState::Recording : TakeState::Starting;
	return state_ == TakeState::Recording ? TakeAction::StartRecorder : TakeAction::None;
}

/** A take has been made: the next one takes the next number. */
void PanelModel::Finish()
{
	state_ = TakeState::Idle;
	++number_;
}

Command PanelModel::OnRecorderStopped(const std::string& why)
{
	if (state_ != TakeState::Recording)
	{
		return {};
	}
	Finish();
	message_ = "The Take Recorder stopped (" + why + "), so the runtime's take was closed as well";
	return Commands::TakeStop();
}

Command PanelModel::Tick(double now)
{
	const bool silent = now - asked_ > kAnswerSeconds;
	if (state_ == TakeState::Stopping && silent)
	{
		state_ = TakeState::Recording;
		message_ = "The runtime did not answer to stop: press the button again";
	}
	if (state_ != TakeState::Starting || !silent)
	{
		return {};
	}
	state_ = TakeState::Idle;
	message_ = "The runtime does not answer on its control port: is medtalk-live running, and is its --control address right?";
	return Commands::TakeStop();
}

} // namespace medtalk
