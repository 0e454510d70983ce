// Any bytes as a take: up to a zero byte the take.json, after it the rows. Rows get a
// right checksum first, since no fuzzer guesses one; what is read must become JSON.
#include <algorithm>
#include <cstring>

#include "MedTalkCore/Json.h"
#include "MedTalkCore/Take.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
	const uint8_t* end = std::find(data, data + size, uint8_t{0});
	const size_t words = static_cast<size_t>(end - data);
	std::vector<uint8_t> rows(end, data + size);
	for (size_t at = 0; at + 736 <= rows.size(); at += 736)
	{
		const uint32_t crc = medtalk::Crc32({rows.data() + at, 732});
		for (size_t i = 0; i < 4; ++i)
		{
			rows[at + 732 + i] = static_cast<uint8_t>(crc >> (8 * i));
		}
	}
	medtalk::Take take;
	std::string problem;
	medtalk::JsonValue json;
	size_t broken = 0;
	if (medtalk::ReadTake({data, words}, {rows.data(), rows.size()}, take, problem))
	{
		if (!medtalk::ParseJson(medtalk::TakeToJson(take, "audio.wav"), json, broken))
		{
			__builtin_trap();
		}
	}
	else if (problem.empty())
	{
		__builtin_trap(); // a refusal without a sentence
	}
	return 0;
}
