// Any bytes as a Live Link Face packet; what is read must be written back the same.
#include <cstring>

#include "MedTalkCore/LiveLinkFace.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
	medtalk::LiveLinkFacePacket packet;
	if (medtalk::DecodeLiveLinkFace({data, size}, packet) == medtalk::Verdict::Frame)
	{
		const std::vector<uint8_t> again = medtalk::EncodeLiveLinkFace(packet);
		if (again.size() != size || std::memcmp(again.data(), data, size) != 0)
		{
			__builtin_trap();
		}
	}
	return 0;
}
