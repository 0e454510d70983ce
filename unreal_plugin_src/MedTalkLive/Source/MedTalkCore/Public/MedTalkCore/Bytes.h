// Bytes from outside and back: a view, a reader that cannot run past the end, a
// writer, CRC-32. Everything that comes from a socket or a file goes through the
// reader. No allocation in the reader; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "MedTalkCore/Export.h"

namespace medtalk
{

/** Bytes that somebody else owns. */
struct ByteView
{
	const uint8_t* data = nullptr;
	size_t size = 0;
};

/** Reads big-endian values one after another; `ok` turns false at the first that is not there. */
class BigEndianReader
{
public:
	explicit BigEndianReader(ByteView bytes) : bytes_(bytes) {}

	uint8_t U8()
	{
		const ByteView bytes = Next(1);
		return bytes.size > 0 ? bytes.data[0] : uint8_t{0};
	}

	int32_t I32()
	{
		const ByteView bytes = Next(4);
		return bytes.size > 0 ? static_cast<int32_t>(Load(bytes.data)) : 0;
	}

	float F32()
	{
		float value = 0.0f;
		Floats(&value, 1);
		return value;
	}

	double F64()
	{
		const ByteView bytes = Next(8);
		if (bytes.size == 0)
		{
			return 0.0;
		}
		return As<double>(static_cast<uint64_t>(Load(bytes.data)) << 32 | Load(bytes.data + 4));
	}

	/** The next `count` floats; left as they are when not all are there. */
	void Floats(float* values, size_t count)
	{
		const ByteView bytes = Next(4 * count);
		for (size_t i = 0; 4 * i < bytes.size; ++i)
		{
			values[i] = As<float>(Load(bytes.data + 4 * i));
		}
	}

	/** The next `count` bytes as text; empty when they are not there. */
	std::string_view Text(size_t count)
	{
		const ByteView bytes = Next(count);
		return {reinterpret_cast<const char*>(bytes.data), bytes.size};
	}

	bool Ok() const { return ok_; }
	size_t Left() const { return bytes_.size - at_; }

private:
	ByteView Next(size_t count)
	{
		ok_ = ok_ && count <= Left();
		if (!ok_)
		{
			return {};
		}
		at_ += count;
		return {bytes_.data + (at_ - count), count};
	}

	static uint32_t Load(const uint8_t* bytes)
	{
		return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
			static_cast<uint32_t>(bytes[2]) << 8 | static_cast<uint32_t>(bytes[3]);
	}

	template <typename To, typename From>
	static To As(From bits)
	{
		static_assert(sizeof(To) == sizeof(From), "the same bits");
		To value;
		std::memcpy(&value, &bits, sizeof(value));
		return value;
	}

	ByteView bytes_;
	size_t at_ = 0;
	bool ok_ = true;
};

/** Collects big-endian values. */
class BigEndianWriter
{
public:
	void U8(uint8_t value) { bytes_.push_back(value); }
	void I32(int32_t value) { Unsigned(static_cast<uint32_t>(value)); }

	void F32(float value)
	{
		uint32_t bits;
		std::memcpy(&bits, &value, sizeof(bits));
		Unsigned(bits);
	}

	void Text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
	std::vector<uint8_t> Take() { return std::move(bytes_); }
	size_t Size() const { return bytes_.size(); }

private:
	void Unsigned(uint32_t value)
	{
		for (int shift = 24; shift >= 0; shift -= 8)
		{
			bytes_.push_back(static_cast<uint8_t>(value >> shift));
		}
	}

	std::vector<uint8_t> bytes_;
};

/** CRC-32 as zlib computes it. */
MEDTALKCORE_API uint32_t Crc32(ByteView bytes);

/** Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms). */
MEDTALKCORE_API bool IsUtf8(std::string_view text);

} // namespace medtalk
