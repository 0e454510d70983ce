#include "MedTalkCore/Wire.h"

#include <cmath>

namespace medtalk
{
namespace
{

constexpr size_t kLongestSubject = 64;
constexpr double kLatestTime = 1e9; // a steady clock counts from a start of the machine
constexpr std::string_view kFrameTypes = "siid";
constexpr std::string_view kHelloTypes = "sisiffisssd";
constexpr size_t kFloatCount = kHeadCount + kControlCount;

bool IsFrameTypes(std::string_view types)
{
	return types.size() == kFrameTypes.size() + kFloatCount && types.substr(0, kFrameTypes.size()) == kFrameTypes &&
		types.find_first_not_of('f', kFrameTypes.size()) == std::string_view::npos;
}

Verdict Ended(const BigEndianReader& reader)
{
	if (!reader.Ok())
	{
		return Verdict::Truncated;
	}
	return reader.Left() > 0 ? Verdict::Trailing : Verdict::Frame;
}

bool ReadFloats(BigEndianReader& reader, float* values, int count)
{
	reader.Floats(values, static_cast<size_t>(count));
	float sum = 0.0f;
	for (int i = 0; i < count; ++i)
	{
		sum += values[i] * 0.0f; // NaN as soon as one value is no number, else 0
	}
	return sum == 0.0f;
}

bool IsName(std::string_view subject)
{
	return !subject.empty() && subject.size() <= kLongestSubject && IsUtf8(subject);
}

Verdict DecodeFrame(const OscMessage& osc, Frame& frame)
{
	if (!IsFrameTypes(osc.types))
	{
		return Verdict::Types;
	}
	BigEndianReader reader(osc.arguments);
	if (!ReadOscString(reader, frame.subject))
	{
		return Verdict::Truncated;
	}
	frame.sequence = reader.I32();
	frame.tableHash = reader.I32();
	frame.time = reader.F64();
	const bool headFinite = ReadFloats(reader, frame.pose.head, kHeadCount);
	const bool faceFinite = ReadFloats(reader, frame.pose.controls, kControlCount);
	const Verdict end = Ended(reader);
	if (end != Verdict::Frame)
	{
		return end;
	}
	if (!IsName(frame.subject))
	{
		return Verdict::Subject;
	}
	if (frame.tableHash != kTableHash)
	{
		return Verdict::Table;
	}
	const bool sane = std::isfinite(frame.time) && std::fabs(frame.time) < kLatestTime;
	return headFinite && faceFinite && sane ? Verdict::Frame : Verdict::NotFinite;
}

Verdict DecodeHello(const OscMessage& osc, Hello& hello)
{
	if (osc.types != kHelloTypes)
	{
		return Verdict::Types;
	}
	BigEndianReader reader(osc.arguments);
	bool whole = ReadOscString(reader, hello.subject);
	hello.session = reader.I32();
	whole = whole && ReadOscString(reader, hello.version);
	hello.tableHash = reader.I32();
	hello.frameRate = reader.F32();
	hello.latencyMs = reader.F32();
	hello.controlPort = reader.I32();
	whole = whole && ReadOscString(reader, hello.model) && ReadOscString(reader, hello.guidance) &&
		ReadOscString(reader, hello.timecode);
	hello.timecodeTime = reader.F64();
	if (!whole || Ended(reader) != Verdict::Frame)
	{
		return !whole || !reader.Ok() ? Verdict::Truncated : Verdict::Trailing;
	}
	const bool words = IsUtf8(hello.version) && IsUtf8(hello.model) && IsUtf8(hello.guidance) && IsUtf8(hello.timecode);
	if (!IsName(hello.subject) || !words)
	{
		return Verdict::Subject;
	}
	const bool finite =
		std::isfinite(hello.frameRate) && std::isfinite(hello.latencyMs) && std::isfinite(hello.timecodeTime);
	return finite ? Verdict::Hello : Verdict::NotFinite;
}

Verdict DecodeBye(const OscMessage& osc, std::string_view& subject)
{
	if (osc.types != "s")
	{
		return Verdict::Types;
	}
	BigEndianReader reader(osc.arguments);
	if (!ReadOscString(reader, subject))
	{
		return Verdict::Truncated;
	}
	if (reader.Left() > 0)
	{
		return Verdict::Trailing;
	}
	return IsName(subject) ? Verdict::Bye : Verdict::Subject;
}

} // namespace

Verdict Decode(ByteView datagram, Message& message)
{
	OscMessage osc;
	const Verdict parsed = ParseOsc(datagram, osc);
	if (parsed == Verdict::Types || parsed == Verdict::Frame)
	{
		const bool known = osc.address == "/medtalk/1/frame" || osc.address == "/medtalk/1/hello" ||
			osc.address == "/medtalk/1/bye";
		if (!known)
		{
			return Verdict::Address;
		}
	}
	if (parsed != Verdict::Frame)
	{
		return parsed;
	}
	if (osc.address == "/medtalk/1/frame")
	{
		return DecodeFrame(osc, message.frame);
	}
	return osc.address == "/medtalk/1/hello" ? DecodeHello(osc, message.hello) : DecodeBye(osc, message.bye);
}

} // namespace medtalk
