// Writes what the core itself encodes (every command, and a Live Link Face packet) to
// standard output, each with its 4-byte little-endian length, so that other people's
// decoders can be asked what they make of it: tests/integration/test_unreal_third_parties.py.
#include <cstdio>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/LiveLinkFace.h"

static void Write(const std::vector<uint8_t>& datagram)
{
	for (int shift = 0; shift < 32; shift += 8)
	{
		std::putchar(static_cast<int>(datagram.size() >> shift & 0xFFu));
	}
	std::fwrite(datagram.data(), 1, datagram.size(), stdout);
}

static medtalk::LiveLinkFacePacket Packet()
{
	medtalk::LiveLinkFacePacket packet;
	packet.device = "0b5e7a3c-8d41-4f0e-9c1d-2f6a7b8c9d0e";
	packet.subject = "Zo\xC3\xAB";
	packet.frame = 3600 * 60;
	packet.subframe = 0.25f;
	for (int i = 0; i < medtalk::kArkitCount; ++i)
	{
		packet.values[i] = static_cast<float>(i) / 64.0f;
	}
	return packet;
}

int main()
{
#ifdef _WIN32
	_setmode(_fileno(stdout), _O_BINARY);
#endif
	using medtalk::Commands;
	const medtalk::Command commands[] = {
		Commands::Emotion("happy:0.7+surprised:0.3", 1.25f, 0.5f),
		Commands::Text("a sly half smile", 1.0f, 0.25f),
		Commands::Image("C:\\refs\\smile.png", 0.5f, 2.0f),
		Commands::Intensity(1.5f),
		Commands::Neutral(),
		Commands::TakeStart("SHOT", 3),
		Commands::TakeStop(),
		Commands::Gain("jaw", 0.75f),
		Commands::Mute(true),
		Commands::Ping(7),
	};
	for (const medtalk::Command& command : commands)
	{
		Write(command.Datagram());
	}
	Write(Commands::TakeStart("SHOT", 3).Datagram("secret"));
	Write(medtalk::EncodeLiveLinkFace(Packet()));
	return 0;
}
