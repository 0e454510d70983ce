#include "MedTalkCore/Commands.h"

namespace medtalk
{

std::vector<uint8_t> Commands::Done(OscBuilder builder) const
{
	return token_.empty() ? builder.Datagram() : builder.String(token_).Datagram();
}

std::vector<uint8_t> Commands::Guided(
	const char* address, std::string_view words, float intensity, float blendSeconds) const
{
	return Done(OscBuilder(address).String(words).Float(intensity).Float(blendSeconds));
}

std::vector<uint8_t> Commands::Emotion(std::string_view label, float intensity, float blendSeconds) const
{
	return Guided("/medtalk/1/emotion", label, intensity, blendSeconds);
}

std::vector<uint8_t> Commands::Text(std::string_view words, float intensity, float blendSeconds) const
{
	return Guided("/medtalk/1/text", words, intensity, blendSeconds);
}

std::vector<uint8_t> Commands::Image(std::string_view path, float intensity, float blendSeconds) const
{
	return Guided("/medtalk/1/image", path, intensity, blendSeconds);
}

std::vector<uint8_t> Commands::Intensity(float intensity) const
{
	return Done(OscBuilder("/medtalk/1/intensity").Float(intensity));
}

std::vector<uint8_t> Commands::Neutral() const { return Done(OscBuilder("/medtalk/1/neutral")); }

std::vector<uint8_t> Commands::TakeStart(std::string_view slate, int32_t take) const
{
	OscBuilder builder("/medtalk/1/take/start");
	builder.String(slate);
	return Done(take > 0 ? builder.Int(take) : builder);
}

std::vector<uint8_t> Commands::TakeStop() const { return Done(OscBuilder("/medtalk/1/take/stop")); }

std::vector<uint8_t> Commands::Gain(std::string_view region, float gain) const
{
	return Done(OscBuilder("/medtalk/1/gain").String(region).Float(gain));
}

std::vector<uint8_t> Commands::Mute(bool muted) const
{
	return Done(OscBuilder("/medtalk/1/mute").Int(muted ? 1 : 0));
}

std::vector<uint8_t> Commands::Ping(int32_t number) const { return Done(OscBuilder("/medtalk/1/ping").Int(number)); }

bool DecodeReply(ByteView datagram, Reply& reply)
{
	OscMessage osc;
	if (ParseOsc(datagram, osc) != Verdict::Frame || osc.types != "ss")
	{
		return false;
	}
	reply.ok = osc.address == "/medtalk/1/ok";
	BigEndianReader reader(osc.arguments);
	std::string_view command, words;
	const bool whole = ReadOscString(reader, command) && ReadOscString(reader, words) && IsUtf8(command) && IsUtf8(words);
	reply.command = std::string(command);
	reply.words = std::string(words);
	return whole && (reply.ok || osc.address == "/medtalk/1/error");
}

} // namespace medtalk
