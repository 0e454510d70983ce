#include "MedTalkCore/Bytes.h"

namespace medtalk
{
namespace
{

struct CrcTable
{
	uint32_t entries[256];

	constexpr CrcTable() : entries()
	{
		for (uint32_t index = 0; index < 256; ++index)
		{
			uint32_t value = index;
			for (int bit = 0; bit < 8; ++bit)
			{
				value = (value & 1) ? 0xEDB88320u ^ (value >> 1) : value >> 1;
			}
			entries[index] = value;
		}
	}
};

constexpr CrcTable kCrc;

/** Length of the UTF-8 sequence that starts with `lead`, 0 where none does. */
size_t Utf8Length(uint8_t lead)
{
	if (lead < 0x80)
	{
		return 1;
	}
	if (lead < 0xC2 || lead > 0xF4)
	{
		return 0;
	}
	return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/** Second bytes that would spell an overlong form, a surrogate or more than U+10FFFF. */
bool BadSecond(uint8_t lead, uint8_t second)
{
	return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
		(lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
}

} // namespace

uint32_t Crc32(ByteView bytes)
{
	uint32_t value = 0xFFFFFFFFu;
	for (size_t i = 0; i < bytes.size; ++i)
	{
		value = kCrc.entries[(value ^ bytes.data[i]) & 0xFF] ^ (value >> 8);
	}
	return ~value;
}

bool IsUtf8(std::string_view text)
{
	for (size_t at = 0; at < text.size();)
	{
		const uint8_t lead = static_cast<uint8_t>(text[at]);
		const size_t length = Utf8Length(lead);
		if (length == 0 || length > text.size() - at)
		{
			return false;
		}
		for (size_t i = 1; i < length; ++i)
		{
			const uint8_t next = static_cast<uint8_t>(text[at + i]);
			if ((next & 0xC0) != 0x80 || (i == 1 && BadSecond(lead, next)))
			{
				return false;
			}
		}
		at += length;
	}
	return true;
}

} // namespace medtalk
