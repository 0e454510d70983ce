// From datagrams to frames that are pushed: decodes, orders, rebases the sender's
// time, eases a face to neutral when its stream stops, and keeps the figures of
// every subject. Owns no socket and no clock: the receive thread hands it both, and
// is the only thread that may call it. Subjects are capped, their names checked,
// because an engine name once made is never freed.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Sequence.h"
#include "MedTalkCore/Timing.h"
#include "MedTalkCore/Wire.h"

namespace medtalk
{

constexpr int kMostSubjects = 16;

enum class StreamState : uint8_t
{
	Waiting, // a hello, but no frame yet
	Live,
	Easing,  // on its way to neutral
	Resting, // neutral, nothing comes
};

/** Everything a person may want to know about one sender. */
struct SubjectStatus
{
	std::string name;
	std::string host;             // the machine that sends it, as the receive thread told; may be empty
	StreamState state = StreamState::Waiting;
	SequenceCounts counts;
	double frameRate = 0.0;       // measured, Hz
	double jitterMs = 0.0;
	double delayMs = 0.0;         // on top of the fastest datagram of the last ten seconds
	double lastFrameSeconds = 0.0; // our clock
	double lastHelloSeconds = 0.0; // our clock, 0 where none came
	bool tableDiffers = false;    // its frames are dropped for that
	// from the newest hello
	int32_t session = 0;
	float nominalRate = 0.0f;
	float latencyMs = 0.0f;
	int32_t controlPort = 0;
	std::string version, model, guidance, timecode;
	double timecodeTime = 0.0;
};

/** One frame for Live Link. */
struct PushedFrame
{
	int subject = 0;        // position in Receiver::Status, fixed for the receiver's life
	int32_t sequence = 0;   // of the sender's newest frame
	double worldTime = 0.0; // sender's clock, rebased so that it never runs back
	double senderTime = 0.0;
	bool eased = false;     // made here, on the way to neutral
	Pose pose{};
};

class MEDTALKCORE_API FrameTarget
{
public:
	virtual ~FrameTarget() = default;
	virtual void OnFrame(const PushedFrame& frame) = 0;
};

/** Settings of the ease to neutral; times in seconds. */
struct EaseTimes
{
	double stale = 0.25;
	double blend = 0.2;
};

class MEDTALKCORE_API Receiver
{
public:
	explicit Receiver(FrameTarget& target, EaseTimes ease = {}) : target_(target), ease_(ease) {}

	/** Takes one datagram that came at `now` (seconds, steady) from a machine (its address in words, where known). */
	Verdict Receive(ByteView datagram, double now, std::string_view host = {});

	/** Lets time pass: pushes the ease of streams that stopped. Call it every few milliseconds. */
	void Tick(double now);

	/** Whether any face is live or easing, so that Tick must come often. */
	bool IsActive() const;

	int SubjectCount() const { return static_cast<int>(streams_.size()); }
	SubjectStatus Status(int subject) const;

	/** How often each verdict was given. */
	uint64_t Count(Verdict verdict) const { return verdicts_[static_cast<int>(verdict)]; }

private:
	struct Stream
	{
		SubjectStatus status;
		SequenceTracker order;
		ArrivalMeter arrival;
		PushedFrame last;          // newest pushed
		Pose easeFrom{};
		double timeShift = 0.0;    // sender's time -> world time
		double easeStart = 0.0;
		bool helloed = false;
	};

	Stream* Find(std::string_view name);
	Stream* FindOrAdd(std::string_view name);
	Verdict Judge(ByteView datagram, double now, std::string_view host);
	Verdict TakeFrame(const Frame& frame, double now, std::string_view host);
	Verdict TakeHello(const Hello& hello, double now, std::string_view host);
	void Show(Stream& stream, const Frame& frame, bool restarted, double now);
	void StartEase(Stream& stream, double now);
	void PushEased(Stream& stream, double now);

	FrameTarget& target_;
	EaseTimes ease_;
	Message message_;
	std::vector<Stream> streams_;
	uint64_t verdicts_[kVerdictCount] = {};
};

/** Whether a subject's name can become an engine name: printable, not taken by a rule of ours. */
MEDTALKCORE_API bool IsShowableName(std::string_view name);

/** Whether two names are one to the engine, which compares without case (of ASCII letters at least). */
MEDTALKCORE_API bool SameName(std::string_view a, std::string_view b);

} // namespace medtalk
