#include "MedTalkCore/Receiver.h"

namespace medtalk
{
namespace
{

constexpr double kLeastStep = 0.001; // seconds between two frames in world time

char Folded(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool EndsWith(std::string_view name, std::string_view tail)
{
	return name.size() >= tail.size() && SameName(name.substr(name.size() - tail.size()), tail);
}

float Smooth(double share)
{
	const double s = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
	return static_cast<float>(s * s * (3.0 - 2.0 * s));
}

} // namespace

bool SameName(std::string_view a, std::string_view b)
{
	bool same = a.size() == b.size();
	for (size_t i = 0; same && i < a.size(); ++i)
	{
		same = Folded(a[i]) == Folded(b[i]);
	}
	return same;
}

bool IsShowableName(std::string_view name)
{
	for (const char letter : name)
	{
		if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F)
		{
			return false;
		}
	}
	return !name.empty() && name.size() <= 64 && IsUtf8(name) && !SameName(name, "none") && !EndsWith(name, "_arkit") &&
		!EndsWith(name, "_head");
}

Receiver::Stream* Receiver::Find(std::string_view name)
{
	for (Stream& stream : streams_)
	{
		if (stream.status.name == name)
		{
			return &stream;
		}
	}
	return nullptr;
}

Receiver::Stream* Receiver::FindOrAdd(std::string_view name)
{
	if (Stream* known = Find(name))
	{
		return known;
	}
	bool taken = !IsShowableName(name) || SubjectCount() >= kMostSubjects;
	for (const Stream& stream : streams_)
	{
		taken = taken || SameName(stream.status.name, name);
	}
	if (taken)
	{
		return nullptr;
	}
	streams_.emplace_back();
	streams_.back().status.name = std::string(name);
	streams_.back().last.subject = SubjectCount() - 1;
	return &streams_.back();
}

Verdict Receiver::Receive(ByteView datagram, double now, std::string_view host)
{
	const Verdict verdict = Judge(datagram, now, host);
	++verdicts_[static_cast<int>(verdict)];
	return verdict;
}

Verdict Receiver::Judge(ByteView datagram, double now, std::string_view host)
{
	const Verdict decoded = Decode(datagram, message_);
	switch (decoded)
	{
	case Verdict::Frame:
		return TakeFrame(message_.frame, now, host);
	case Verdict::Hello:
		return TakeHello(message_.hello, now, host);
	case Verdict::Table:
		if (Stream* stream = FindOrAdd(message_.frame.subject))
		{
			stream->status.tableDiffers = true;
		}
		return decoded;
	case Verdict::Bye:
		if (Stream* stream = Find(message_.bye))
		{
			StartEase(*stream, now);
		}
		return decoded;
	default:
		return decoded;
	}
}

Verdict Receiver::TakeFrame(const Frame& frame, double now, std::string_view host)
{
	Stream* stream = FindOrAdd(frame.subject);
	if (stream == nullptr)
	{
		return Verdict::Subject;
	}
	stream->status.tableDiffers = false;
	stream->status.host = host;
	const Order order = stream->order.Place(frame.sequence, frame.time);
	if (order == Order::Late || order == Order::Duplicate)
	{
		return order == Order::Late ? Verdict::Late : Verdict::Duplicate;
	}
	const bool first = stream->status.state == StreamState::Waiting;
	Show(*stream, frame, order == Order::Restart && !first, now);
	return Verdict::Frame;
}

void Receiver::Show(Stream& stream, const Frame& frame, bool restarted, double now)
{
	PushedFrame& last = stream.last;
	if (restarted)
	{
		stream.arrival.Reset();
		const double pause = now - stream.status.lastFrameSeconds - (last.worldTime - last.senderTime - stream.timeShift);
		stream.timeShift = last.worldTime + (pause > kLeastStep ? pause : kLeastStep) - frame.time;
	}
	const bool first = stream.status.state == StreamState::Waiting;
	stream.arrival.Add(frame.time, now);
	stream.status.state = StreamState::Live;
	stream.status.lastFrameSeconds = now;
	last.sequence = frame.sequence;
	last.senderTime = frame.time;
	const double soonest = last.worldTime + kLeastStep; // an ease may have shown this moment
	const double own = frame.time + stream.timeShift;
	last.worldTime = own > soonest || first ? own : soonest;
	last.eased = false;
	last.pose = frame.pose;
	target_.OnFrame(last);
}

Verdict Receiver::TakeHello(const Hello& hello, double now, std::string_view host)
{
	Stream* stream = FindOrAdd(hello.subject);
	if (stream == nullptr)
	{
		return Verdict::Subject;
	}
	SubjectStatus& status = stream->status;
	if (stream->helloed && status.session != hello.session)
	{
		stream->order.ExpectRestart();
	}
	stream->helloed = true;
	status.host = host;
	status.lastHelloSeconds = now;
	status.tableDiffers = hello.tableHash != kTableHash;
	status.session = hello.session;
	status.nominalRate = hello.frameRate;
	status.latencyMs = hello.latencyMs;
	status.controlPort = hello.controlPort;
	status.version = std::string(hello.version);
	status.model = std::string(hello.model);
	status.guidance = std::string(hello.guidance);
	status.timecode = std::string(hello.timecode);
	status.timecodeTime = hello.timecodeTime;
	return Verdict::Hello;
}

void Receiver::StartEase(Stream& stream, double now)
{
	if (stream.status.state == StreamState::Live)
	{
		stream.status.state = StreamState::Easing;
		stream.easeFrom = stream.last.pose;
		stream.easeStart = now;
	}
}

void Receiver::Tick(double now)
{
	for (Stream& stream : streams_)
	{
		if (stream.status.state == StreamState::Live && now - stream.status.lastFrameSeconds > ease_.stale)
		{
			StartEase(stream, stream.status.lastFrameSeconds + ease_.stale);
		}
		if (stream.status.state == StreamState::Easing)
		{
			PushEased(stream, now);
		}
	}
}

void Receiver::PushEased(Stream& stream, double now)
{
	const double share = ease_.blend > 0.0 ? (now - stream.easeStart) / ease_.blend : 1.0;
	const double own = stream.last.senderTime + stream.timeShift + (now - stream.status.lastFrameSeconds);
	const double soonest = stream.last.worldTime + kLeastStep;
	Pose neutral;
	SetNeutral(neutral);
	Blend(stream.easeFrom, neutral, Smooth(share), stream.last.pose);
	stream.last.worldTime = own > soonest ? own : soonest;
	stream.last.eased = true;
	if (share >= 1.0)
	{
		stream.last.pose = neutral;
		stream.status.state = StreamState::Resting;
	}
	target_.OnFrame(stream.last);
}

bool Receiver::IsActive() const
{
	for (const Stream& stream : streams_)
	{
		if (stream.status.state == StreamState::Live || stream.status.state == StreamState::Easing)
		{
			return true;
		}
	}
	return false;
}

SubjectStatus Receiver::Status(int subject) const
{
	const Stream& stream = streams_[static_cast<size_t>(subject)];
	SubjectStatus status = stream.status;
	status.counts = stream.order.Counts();
	status.frameRate = stream.arrival.FrameRate();
	status.jitterMs = stream.arrival.JitterMs();
	status.delayMs = stream.arrival.DelayMs();
	return status;
}

} // namespace medtalk
