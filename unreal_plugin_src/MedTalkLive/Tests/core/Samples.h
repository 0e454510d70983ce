// What the tests share: the files of protocol/, and datagrams made from them.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "MedTalkCore/Wire.h"

inline std::vector<uint8_t> ReadBytes(const std::string& path)
{
	std::ifstream file(path, std::ios::binary);
	return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::vector<uint8_t> Sample(const std::string& name)
{
	return ReadBytes(std::string(MEDTALK_PROTOCOL "/samples/") + name + ".bin");
}

inline medtalk::ByteView View(const std::vector<uint8_t>& bytes) { return {bytes.data(), bytes.size()}; }

/** Rows of a CSV without quotes. */
inline std::vector<std::vector<std::string>> ReadCsv(const std::string& path)
{
	std::vector<std::vector<std::string>> rows;
	std::ifstream file(path);
	for (std::string line; std::getline(file, line);)
	{
		std::vector<std::string> cells;
		std::stringstream stream(line);
		for (std::string cell; std::getline(stream, cell, ',');)
		{
			cells.push_back(cell);
		}
		rows.push_back(cells);
	}
	return rows;
}

/** The ramp sample with another subject, sequence number and time. */
inline std::vector<uint8_t> FrameOf(const std::string& subject, int32_t sequence, double time)
{
	constexpr size_t kSubjectAt = 208, kSubjectBytes = 8;
	std::vector<uint8_t> bytes = Sample("frame_ramp");
	std::vector<uint8_t> name(subject.begin(), subject.end());
	name.resize((subject.size() / 4 + 1) * 4);
	const auto at = bytes.begin() + kSubjectAt;
	bytes.insert(bytes.erase(at, at + kSubjectBytes), name.begin(), name.end());
	uint8_t* numbers = bytes.data() + kSubjectAt + name.size();
	uint64_t bits;
	std::memcpy(&bits, &time, sizeof(bits));
	for (size_t i = 0; i < 4; ++i)
	{
		numbers[i] = static_cast<uint8_t>(static_cast<uint32_t>(sequence) >> (24 - 8 * i));
	}
	for (size_t i = 0; i < 8; ++i)
	{
		numbers[8 + i] = static_cast<uint8_t>(bits >> (56 - 8 * i));
	}
	return bytes;
}
