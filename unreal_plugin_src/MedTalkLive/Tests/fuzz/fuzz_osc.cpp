// Any bytes as datagrams: the first byte of each says how many follow, so that one
// input is a small session (order, restarts, easing), not a single packet.
#include "MedTalkCore/Commands.h"
#include "MedTalkCore/Receiver.h"

namespace
{

struct Checker : medtalk::FrameTarget
{
	double last[medtalk::kMostSubjects] = {};
	bool any[medtalk::kMostSubjects] = {};

	void OnFrame(const medtalk::PushedFrame& frame) override
	{
		const bool rises = !any[frame.subject] || frame.worldTime > last[frame.subject];
		if (!rises)
		{
			__builtin_trap(); // world time must never run back
		}
		any[frame.subject] = true;
		last[frame.subject] = frame.worldTime;
		float properties[medtalk::kPropertyCount], values[medtalk::kArkitCount];
		medtalk::ToProperties(frame.pose, {}, properties);
		medtalk::ToArkit(frame.pose, {}, values);
		for (int i = 0; i < medtalk::kRawCount; ++i)
		{
			if (!(properties[i] >= 0.0f && properties[i] <= 1.0f))
			{
				__builtin_trap();
			}
		}
	}
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
	Checker checker;
	medtalk::Receiver receiver(checker);
	medtalk::Reply reply;
	double now = 1.0;
	size_t length = 0;
	for (size_t at = 0; at + 2 <= size; at += length)
	{
		length = static_cast<size_t>(data[at]) << 8 | data[at + 1];
		at += 2;
		length = length < size - at ? length : size - at;
		now += 0.016;
		receiver.Receive({data + at, length}, now);
		receiver.Tick(now);
		medtalk::DecodeReply({data + at, length}, reply);
	}
	receiver.Receive({data, size}, now);
	receiver.Tick(now + 0.3);
	receiver.Tick(now + 0.6);
	return 0;
}
