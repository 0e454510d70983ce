#include "MedTalkCore/Commands.h"

namespace medtalk
{

namespace
{

Command Guided(const char* address, std::string_view words, float intensity, float blendSeconds)
{
	return Command(OscBuilder(address).String(words).Float(intensity).Float(blendSeconds));
}

} // namespace

std::vector<uint8_t> Command::Datagram(std::string_view token) const
{
	OscBuilder message = message_;
	return token.empty() ? message.Datagram() : message.String(token).Datagram();
}

Command Commands::Emotion(std::string_view label, float intensity, float blendSeconds)
{
	return Guided("/medtalk/1/emotion", label, intensity, blendSeconds);
}

Command Commands::Text(std::string_view words, float intensity, float blendSeconds)
{
	return Guided("/medtalk/1/text", words, intensity, blendSeconds);
}

Command Commands::Image(std::string_view path, float intensity, float blendSeconds)
{
	return Guided("/medtalk/1/image", path, intensity, blendSeconds);
}

Command Commands::Intensity(float intensity) { return Command(OscBuilder("/medtalk/1/intensity").Float(intensity)); }
Command Commands::Neutral() { return Command(OscBuilder("/medtalk/1/neutral")); }

Command Commands::TakeStart(std::string_view slate, int32_t take)
{
	OscBuilder message("/medtalk/1/take/start");
	message.String(slate);
	return Command(take > 0 ? message.Int(take) : message);
}

Command Commands::TakeStop() { return Command(OscBuilder("/medtalk/1/take/stop")); }

Command Commands::Gain(std::string_view region, float gain)
{
	return Command(OscBuilder("/medtalk/1/gain").String(region).Float(gain));
}

Command Commands::Mute(bool muted) { return Command(OscBuilder("/medtalk/1/mute").Int(muted ? 1 : 0)); }
Command Commands::Ping(int32_t number) { return Command(OscBuilder("/medtalk/1/ping").Int(number)); }

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
