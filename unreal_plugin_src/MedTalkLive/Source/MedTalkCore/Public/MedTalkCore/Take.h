// Reads a recorded take (take.json and curves.bin, docs/takes.md) and turns it into
// the JSON that the Sequencer importer keys from. Bytes in, values out: the files are
// the caller's. Whatever a crash left is read up to the first broken row. Any thread.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Bytes.h"
#include "MedTalkCore/Rig.h"

namespace medtalk
{

struct TakeMark
{
	double time = 0.0; // on the clock of the rows
	std::string words;
};

struct TakeRow
{
	uint32_t index = 0; // of the live stream; a jump is a lost frame
	double time = 0.0;
	Pose pose{};
};

struct Take
{
	std::string slate;
	int32_t number = 0;
	std::string subject;
	std::string model;
	std::string startTimecode;
	int32_t rateNumerator = 60;
	int32_t rateDenominator = 1;
	int32_t audioRate = 0; // Hz, 0 where there is no sound
	bool closed = false;
	std::vector<TakeMark> guidance;
	std::vector<TakeRow> rows;
	size_t brokenBytes = 0; // of curves.bin that could not be read
};

/** Reads a take; false, and a sentence in `problem`, where it is none. */
MEDTALKCORE_API bool ReadTake(ByteView info, ByteView curves, Take& take, std::string& problem);

/** The text that `medtalk-live take export --as json` writes; `audioPath` may be empty. */
MEDTALKCORE_API std::string TakeToJson(const Take& take, std::string_view audioPath);

} // namespace medtalk
