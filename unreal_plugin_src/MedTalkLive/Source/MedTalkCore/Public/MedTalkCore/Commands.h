// What a runtime can be told (control channel, port 9871) and what it answers.
// Builders of datagrams and one reader; the socket is the caller's. Any thread.
// Source: protocol/addresses.csv.
#pragma once

#include "MedTalkCore/Osc.h"

namespace medtalk
{

constexpr int32_t kControlPort = 9871;

/** One command, before it is known to whom it goes; empty where there is nothing to send. */
class MEDTALKCORE_API Command
{
public:
	Command() = default;
	explicit Command(OscBuilder message) : message_(std::move(message)), any_(true) {}

	bool Empty() const { return !any_; }

	/** @param token Last argument where the runtime asks for one (bound beyond its machine), else empty. */
	std::vector<uint8_t> Datagram(std::string_view token = {}) const;

private:
	OscBuilder message_{""};
	bool any_ = false;
};

/** All commands of the control channel. */
struct MEDTALKCORE_API Commands
{
	/** A label such as `happy`, or a mix: `happy:0.7+surprised:0.3`. */
	static Command Emotion(std::string_view label, float intensity, float blendSeconds);
	static Command Text(std::string_view words, float intensity, float blendSeconds);
	/** A picture by its path on the runtime's machine. */
	static Command Image(std::string_view path, float intensity, float blendSeconds);
	static Command Intensity(float intensity);
	static Command Neutral();
	static Command TakeStart(std::string_view slate, int32_t take); // take 0: the next free one
	static Command TakeStop();
	static Command Gain(std::string_view region, float gain);
	static Command Mute(bool muted);
	static Command Ping(int32_t number);
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
