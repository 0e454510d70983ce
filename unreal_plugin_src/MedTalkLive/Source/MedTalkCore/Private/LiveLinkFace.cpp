#include "MedTalkCore/LiveLinkFace.h"

#include <cmath>

namespace medtalk
{
namespace
{

constexpr uint8_t kVersion = 6;
constexpr int32_t kLongestName = 256;

bool ReadName(BigEndianReader& reader, std::string& name)
{
	const int32_t length = reader.I32();
	if (!reader.Ok() || length < 0 || length > kLongestName)
	{
		return false;
	}
	name = std::string(reader.Text(static_cast<size_t>(length)));
	return reader.Ok();
}

void WriteName(BigEndianWriter& writer, const std::string& name)
{
	writer.I32(static_cast<int32_t>(name.size()));
	writer.Text(name);
}

} // namespace

Verdict DecodeLiveLinkFace(ByteView datagram, LiveLinkFacePacket& packet)
{
	BigEndianReader reader(datagram);
	if (datagram.size > 0 && reader.U8() != kVersion)
	{
		return Verdict::Foreign;
	}
	if (!ReadName(reader, packet.device) || !ReadName(reader, packet.subject))
	{
		return Verdict::Truncated;
	}
	packet.frame = reader.I32();
	packet.subframe = reader.F32();
	packet.rateNumerator = reader.I32();
	packet.rateDenominator = reader.I32();
	const uint8_t count = reader.U8();
	if (reader.Ok() && count != kArkitCount)
	{
		return Verdict::Types;
	}
	bool finite = std::isfinite(packet.subframe);
	for (float& value : packet.values)
	{
		value = reader.F32();
		finite = finite && std::isfinite(value);
	}
	if (!reader.Ok() || reader.Left() > 0)
	{
		return reader.Ok() ? Verdict::Trailing : Verdict::Truncated;
	}
	if (packet.subject.empty() || !IsUtf8(packet.subject) || !IsUtf8(packet.device))
	{
		return Verdict::Subject;
	}
	const bool rate = packet.rateNumerator > 0 && packet.rateDenominator > 0;
	return finite && rate ? Verdict::Frame : Verdict::NotFinite;
}

std::vector<uint8_t> EncodeLiveLinkFace(const LiveLinkFacePacket& packet)
{
	BigEndianWriter writer;
	writer.U8(kVersion);
	WriteName(writer, packet.device);
	WriteName(writer, packet.subject);
	writer.I32(packet.frame);
	writer.F32(packet.subframe);
	writer.I32(packet.rateNumerator);
	writer.I32(packet.rateDenominator);
	writer.U8(kArkitCount);
	for (const float value : packet.values)
	{
		writer.F32(value);
	}
	return writer.Take();
}

} // namespace medtalk
