// Live Link Face packets (version 6, big-endian), both ways: what the phone app and
// medtalk-live's --livelink send to port 11111. Used to look at such a stream
// (medtalk_dump --livelink) and to feed stock Unreal. Any thread.
// Source: the app's packets as PyLiveLinkFace decodes them.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Osc.h"
#include "MedTalkCore/Tables.h"

namespace medtalk
{

struct LiveLinkFacePacket
{
	std::string device;
	std::string subject;
	int32_t frame = 0;       // since midnight
	float subframe = 0.0f;   // fraction of the next frame
	int32_t rateNumerator = 60;
	int32_t rateDenominator = 1;
	float values[kArkitCount] = {};
};

/** Reads a packet; Frame where it is one, else Truncated, Trailing, Types, NotFinite, Subject or Foreign. */
MEDTALKCORE_API Verdict DecodeLiveLinkFace(ByteView datagram, LiveLinkFacePacket& packet);

/** The packet's bytes. */
MEDTALKCORE_API std::vector<uint8_t> EncodeLiveLinkFace(const LiveLinkFacePacket& packet);

} // namespace medtalk
