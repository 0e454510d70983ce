// The three messages that a runtime sends: frame, hello, bye. Decoding checks
// address, types, length, table and finiteness, in this order, and says which failed.
// Texts are views into the datagram. Any thread, no allocation.
// Source: protocol/addresses.csv; verdicts of protocol/samples.csv.
#pragma once

#include "MedTalkCore/Osc.h"
#include "MedTalkCore/Rig.h"

namespace medtalk
{

constexpr size_t kLongestDatagram = 1472;

struct Frame
{
	std::string_view subject;
	int32_t sequence = 0; // wraps at 2^31
	int32_t tableHash = 0;
	double time = 0.0;    // seconds on the sender's steady clock
	Pose pose{};
};

struct Hello
{
	std::string_view subject;
	int32_t session = 0; // random; another one is another run
	std::string_view version;
	int32_t tableHash = 0;
	float frameRate = 0.0f;
	float latencyMs = 0.0f;
	int32_t controlPort = 0;
	std::string_view model;
	std::string_view guidance;
	std::string_view timecode; // HH:MM:SS:FF or ;FF, empty where there is none
	double timecodeTime = 0.0; // the sender's time that the timecode belongs to
};

struct Message
{
	Frame frame;
	Hello hello;
	std::string_view bye;
};

/** Reads one datagram; the verdict says which member of `message` holds it. */
MEDTALKCORE_API Verdict Decode(ByteView datagram, Message& message);

} // namespace medtalk
