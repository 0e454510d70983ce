// What a runtime can be told (control channel, port 9871) and what it answers.
// Builders of datagrams and one reader; the socket is the caller's. Any thread.
// Source: protocol/addresses.csv.
#pragma once

#include "MedTalkCore/Osc.h"

namespace medtalk
{

constexpr int32_t kControlPort = 9871;
constexpr int32_t kFramePort = 9870;

/** Every command ends with this token where the runtime asks for one (bound beyond its machine). */
class MEDTALKCORE_API Commands
{
public:
	explicit Commands(std::string token = {}) : token_(std::move(token)) {}

	/** A label such as `happy`, or a mix: `happy:0.7+surprised:0.3`. */
	std::vector<uint8_t> Emotion(std::string_view label, float intensity, float blendSeconds) const;
	std::vector<uint8_t> Text(std::string_view words, float intensity, float blendSeconds) const;
	/** A picture by its path on the runtime's machine. */
	std::vector<uint8_t> Image(std::string_view path, float intensity, float blendSeconds) const;
	std::vector<uint8_t> Intensity(float intensity) const;
	std::vector<uint8_t> Neutral() const;
	std::vector<uint8_t> TakeStart(std::string_view slate, int32_t take) const; // take 0: the next free one
	std::vector<uint8_t> TakeStop() const;
	std::vector<uint8_t> Gain(std::string_view region, float gain) const;
	std::vector<uint8_t> Mute(bool muted) const;
	std::vector<uint8_t> Ping(int32_t number) const;

private:
	std::vector<uint8_t> Guided(const char* address, std::string_view words, float intensity, float blendSeconds) const;
	std::vector<uint8_t> Done(OscBuilder builder) const;

	std::string token_;
};

struct Reply
{
	bool ok = false;
	std::string command; // the address that it answers
	std::string words;
};

/** Reads an answer; false where the datagram is none. */
MEDTALKCORE_API bool DecodeReply(ByteView datagram, Reply& reply);

} // namespace medtalk
