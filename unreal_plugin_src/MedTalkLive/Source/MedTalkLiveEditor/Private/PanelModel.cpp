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

} // namespace

const std::vector<std::string>& PanelModel::Emotions()
{
	static const std::vector<std::string> labels = {"neutral", "happy", "sad", "angry", "fear", "disgust", "surprised"};
	return labels;
}

std::vector<PanelLine> PanelModel::Lines(const PanelInput& input)
{
	if (!input.hasSource)
	{
		return {{Health::Bad, "No MedTalk source: press Connect, or add one in the Live Link window"}};
	}
	const std::string port = std::to_string(input.port);
	if (!input.bound)
	{
		return {{Health::Bad, "Port " + port + " cannot be bound: another program or a second editor holds it"}};
	}
	if (input.subjects.empty())
	{
		return {{Health::Warning,
			"Listening on port " + port + ", nothing has come: start medtalk-live, and let UDP port " + port + " through the firewall"}};
	}
	std::vector<PanelLine> lines;
	for (const SubjectStatus& subject : input.subjects)
	{
		lines.push_back(StateLine(subject));
		lines.push_back(HelloLine(subject, input.nowSeconds));
	}
	return lines;
}

std::vector<uint8_t> PanelModel::Emotion(const std::string& label) const
{
	return label == "neutral" ? commands_.Neutral() : commands_.Emotion(label, intensity_, kBlendSeconds);
}

std::vector<uint8_t> PanelModel::Text(const std::string& words) const
{
	return words.empty() ? std::vector<uint8_t>() : commands_.Text(words, intensity_, kBlendSeconds);
}

std::vector<uint8_t> PanelModel::Image(const std::string& path)
{
	if (!IsPicture(path))
	{
		message_ = path + " is no picture: drop a png, jpg, bmp or webp file";
		return {};
	}
	return commands_.Image(path, intensity_, kBlendSeconds);
}

std::vector<uint8_t> PanelModel::SetIntensity(float intensity)
{
	intensity_ = intensity > 2.0f ? 2.0f : intensity >= 0.0f ? intensity : 0.0f;
	return commands_.Intensity(intensity_);
}

std::vector<uint8_t> PanelModel::Record(const std::string& slate, int nextNumber, double now)
{
	if (state_ == TakeState::Recording)
	{
		state_ = TakeState::Stopping;
		asked_ = now;
		return commands_.TakeStop();
	}
	if (state_ != TakeState::Idle || slate.empty())
	{
		message_ = slate.empty() ? "Name the slate first" : "The runtime has not answered yet";
		return {};
	}
	state_ = TakeState::Starting;
	slate_ = slate;
	number_ = nextNumber > 0 ? nextNumber : 1;
	asked_ = now;
	return commands_.TakeStart(slate_, number_);
}

TakeAction PanelModel::OnReply(const Reply& reply)
{
	message_ = reply.words;
	if (reply.command == "/medtalk/1/take/start" && state_ == TakeState::Idle && reply.ok)
	{
		return TakeAction::StopRuntime;
	}
	if (reply.command == "/medtalk/1/take/start" && state_ == TakeState::Starting)
	{
		state_ = reply.ok ? TakeState::Recording : TakeState::Idle;
		return reply.ok ? TakeAction::StartRecorder : TakeAction::None;
	}
	if (reply.command == "/medtalk/1/take/stop" && state_ == TakeState::Stopping)
	{
		state_ = TakeState::Idle;
		return TakeAction::StopRecorder;
	}
	return TakeAction::None;
}

std::vector<uint8_t> PanelModel::OnRecorderStopped(const std::string& why)
{
	if (state_ != TakeState::Recording)
	{
		return {};
	}
	state_ = TakeState::Idle;
	message_ = "The Take Recorder stopped (" + why + "), so the runtime's take was closed as well";
	return commands_.TakeStop();
}

void PanelModel::Tick(double now)
{
	if (state_ == TakeState::Starting && now - asked_ > kAnswerSeconds)
	{
		state_ = TakeState::Idle;
		message_ = "The runtime does not answer on its control port: is medtalk-live running, and is its --control address right?";
	}
	else if (state_ == TakeState::Stopping && now - asked_ > kAnswerSeconds)
	{
		state_ = TakeState::Recording;
		message_ = "The runtime did not answer to stop: press the button again";
	}
}

} // namespace medtalk
