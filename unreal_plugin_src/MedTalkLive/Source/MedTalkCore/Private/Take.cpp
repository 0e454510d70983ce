#include "MedTalkCore/Take.h"

#include <cmath>

#include "MedTalkCore/Json.h"

namespace medtalk
{
namespace
{

constexpr int32_t kTakeVersion = 1;
constexpr size_t kRowBytes = 736;
constexpr int kKeptDigits = 5;
using Kind = JsonValue::Kind;

uint64_t LittleEndian(const uint8_t* bytes, int count)
{
	uint64_t value = 0;
	for (int i = count - 1; i >= 0; --i)
	{
		value = value << 8 | bytes[i];
	}
	return value;
}

float LittleFloat(const uint8_t* bytes)
{
	const uint32_t bits = static_cast<uint32_t>(LittleEndian(bytes, 4));
	float value;
	std::memcpy(&value, &bits, sizeof(value));
	return value;
}

bool ToWhole(const JsonValue& value, double low, double high, int32_t& whole)
{
	const bool fits = value.Is(Kind::Number) && value.number >= low && value.number <= high;
	whole = fits ? static_cast<int32_t>(value.number) : 0;
	return fits && value.number == whole;
}

/** Column of the file's controls -> ours; both spellings of the list are read. */
bool ReadOrder(const JsonValue& names, int (&order)[kControlCount])
{
	if (!names.Is(Kind::List) || names.items.size() != kControlCount)
	{
		return false;
	}
	bool published = true;
	bool seen[kControlCount] = {};
	int found = 0;
	for (int column = 0; column < kControlCount; ++column)
	{
		const JsonValue& name = names.items[static_cast<size_t>(column)];
		published = published && name.IsText(Control(column).published);
		const int index = ControlIndex(name.text);
		order[column] = index;
		found += index >= 0 && !seen[index] ? 1 : 0;
		seen[index >= 0 ? index : 0] = seen[index >= 0 ? index : 0] || index >= 0;
	}
	for (int column = 0; published && column < kControlCount; ++column)
	{
		order[column] = column;
	}
	return published || found == kControlCount;
}

bool ReadMarks(const JsonValue& marks, std::vector<TakeMark>& out)
{
	for (const JsonValue& mark : marks.items)
	{
		if (!mark["time"].Is(Kind::Number) || !mark["words"].Is(Kind::Text))
		{
			return false;
		}
		out.push_back({mark["time"].number, mark["words"].text});
	}
	return marks.Is(Kind::List);
}

bool ReadInfo(const JsonValue& info, Take& take, std::string& problem)
{
	const JsonValue& rate = info["frame_rate"];
	const JsonValue& audio = info["audio"];
	bool good = rate.Is(Kind::List) && rate.items.size() == 2 && ToWhole(rate.items[0], 1, 1e6, take.rateNumerator) &&
		ToWhole(rate.items[1], 1, 1e6, take.rateDenominator) && take.rateNumerator >= take.rateDenominator &&
		take.rateNumerator <= 1000.0 * take.rateDenominator;
	good = good && ToWhole(info["take"], 0, 1e9, take.number) && ReadMarks(info["guidance"], take.guidance);
	good = good && (audio.Is(Kind::Null) || ToWhole(audio["sample_rate"], 0, 1e9, take.audioRate));
	if (!good)
	{
		problem = "take.json is damaged (frame rate, take number, guidance or sound): run medtalk-live take repair";
		return false;
	}
	take.slate = info["slate"].text;
	take.subject = info["subject"].text;
	take.model = info["model"].text;
	take.startTimecode = info["start_timecode"].text;
	take.closed = info["closed"].boolean;
	return true;
}

bool ReadRow(const uint8_t* bytes, const int (&order)[kControlCount], TakeRow& row)
{
	if (LittleEndian(bytes + kRowBytes - 4, 4) != Crc32({bytes, kRowBytes - 4}))
	{
		return false;
	}
	row.index = static_cast<uint32_t>(LittleEndian(bytes, 4));
	const uint64_t time = LittleEndian(bytes + 4, 8);
	std::memcpy(&row.time, &time, sizeof(row.time));
	bool finite = std::isfinite(row.time);
	for (int i = 0; i < kHeadCount; ++i)
	{
		row.pose.head[i] = LittleFloat(bytes + 12 + 4 * i);
		finite = finite && std::isfinite(row.pose.head[i]);
	}
	for (int i = 0; i < kControlCount; ++i)
	{
		row.pose.controls[order[i]] = LittleFloat(bytes + 36 + 4 * i);
	}
	return finite;
}

double FramesPerSecond(const Take& take) { return static_cast<double>(take.rateNumerator) / take.rateDenominator; }

double SinceStart(const Take& take, double time) { return time - (take.rows.empty() ? 0.0 : take.rows[0].time); }

bool CountsDropFrame(const Take& take)
{
	if (!take.startTimecode.empty())
	{
		return take.startTimecode.find(';') != std::string::npos;
	}
	return take.rateDenominator == 1001 && std::llround(FramesPerSecond(take)) % 30 == 0;
}

void AppendKey(std::string& out, std::string_view key)
{
	out += out.back() == '{' ? "" : ", ";
	AppendQuoted(out, key);
	out += ": ";
}

void AppendText(std::string& out, std::string_view key, std::string_view text)
{
	AppendKey(out, key);
	AppendQuoted(out, text);
}

template <typename Value>
void AppendList(std::string& out, size_t count, int digits, Value value)
{
	out += '[';
	for (size_t i = 0; i < count; ++i)
	{
		out += i > 0 ? ", " : "";
		AppendNumber(out, value(i), digits);
	}
	out += ']';
}

/** A curve; a single value where it never moves. */
void AppendCurve(std::string& out, const char* name, const std::vector<float>& values, int column, int columns)
{
	const size_t count = values.size() / static_cast<size_t>(columns);
	const auto value = [&](size_t row) {
		return static_cast<double>(values[row * static_cast<size_t>(columns) + static_cast<size_t>(column)]);
	};
	bool still = true;
	for (size_t row = 1; row < count; ++row)
	{
		still = still && value(row) == value(0);
	}
	AppendKey(out, name);
	AppendList(out, still && count > 0 ? 1 : count, kKeptDigits, value);
}

template <int Columns, typename Convert, typename Name>
void AppendCurves(std::string& out, const Take& take, const char* key, Convert convert, Name name)
{
	std::vector<float> values;
	for (const TakeRow& row : take.rows)
	{
		float converted[Columns];
		convert(row.pose, converted);
		values.insert(values.end(), converted, converted + Columns);
	}
	AppendKey(out, key);
	out += '{';
	for (int column = 0; column < Columns; ++column)
	{
		AppendCurve(out, name(column), values, column, Columns);
	}
	out += '}';
}

void AppendMarks(std::string& out, const Take& take)
{
	AppendKey(out, "guidance");
	out += '[';
	for (const TakeMark& mark : take.guidance)
	{
		const double time = SinceStart(take, mark.time);
		out += out.back() == '[' ? "{" : ", {";
		AppendKey(out, "time");
		AppendNumber(out, time, kKeptDigits);
		AppendKey(out, "frame");
		AppendNumber(out, std::nearbyint(time * FramesPerSecond(take)), 0);
		AppendText(out, "words", mark.words);
		out += '}';
	}
	out += ']';
}

void AppendFacts(std::string& out, const Take& take, std::string_view audioPath)
{
	AppendText(out, "format", "medtalk-unreal-take");
	AppendKey(out, "version");
	out += '1';
	AppendText(out, "slate", take.slate);
	AppendKey(out, "take");
	AppendNumber(out, take.number, 0);
	AppendText(out, "subject", take.subject);
	AppendText(out, "model", take.model);
	AppendKey(out, "frame_rate");
	const int32_t rate[2] = {take.rateNumerator, take.rateDenominator};
	AppendList(out, 2, 0, [&](size_t i) { return static_cast<double>(rate[i]); });
	AppendKey(out, "drop_frame");
	out += CountsDropFrame(take) ? "true" : "false";
	AppendText(out, "start_timecode", take.startTimecode);
	AppendKey(out, "audio");
	audioPath.empty() ? void(out += "null") : AppendQuoted(out, audioPath);
}

} // namespace

bool ReadTake(ByteView info, ByteView curves, Take& take, std::string& problem)
{
	take = Take();
	JsonValue json;
	size_t broken = 0;
	const std::string_view text(reinterpret_cast<const char*>(info.data), info.size);
	if (!ParseJson(text, json, broken) || !json["format"].IsText("medtalk-take"))
	{
		problem = "take.json is damaged or no take's (byte " + std::to_string(broken) +
			"): name the folder of a take, or run medtalk-live take repair";
		return false;
	}
	if (json["version"].number > kTakeVersion)
	{
		problem = "the take is of a newer version than this plugin reads: update the plugin";
		return false;
	}
	int order[kControlCount];
	if (!ReadOrder(json["controls"], order))
	{
		problem = "the take was recorded for another rig: its list of controls is not the 174 of this plugin";
		return false;
	}
	if (!ReadInfo(json, take, problem))
	{
		return false;
	}
	size_t at = 0;
	for (TakeRow row; at + kRowBytes <= curves.size && ReadRow(curves.data + at, order, row); at += kRowBytes)
	{
		take.rows.push_back(row);
	}
	take.brokenBytes = curves.size - at;
	return true;
}

std::string TakeToJson(const Take& take, std::string_view audioPath)
{
	static const char* const kHeadNames[kHeadCount] = {"head_yaw", "head_pitch", "head_roll", "head_x", "head_y", "head_z"};
	const double fps = FramesPerSecond(take);
	std::string out = "{";
	AppendFacts(out, take, audioPath);
	AppendKey(out, "frames");
	AppendList(out, take.rows.size(), 0, [&](size_t i) { return std::nearbyint(SinceStart(take, take.rows[i].time) * fps); });
	AppendKey(out, "times");
	AppendList(out, take.rows.size(), kKeptDigits, [&](size_t i) { return SinceStart(take, take.rows[i].time); });
	AppendCurves<kBoardCount>(
		out, take, "board", [](const Pose& pose, float (&to)[kBoardCount]) { ToBoard(pose.controls, to); },
		[](int i) { return BoardInput(i).name; });
	AppendCurves<kRawCount>(
		out, take, "raw", [](const Pose& pose, float (&to)[kRawCount]) { ToRaw(pose.controls, to); },
		[](int i) { return RawName(i); });
	AppendCurves<kHeadCount>(
		out, take, "head",
		[](const Pose& pose, float (&to)[kHeadCount]) {
			for (int i = 0; i < kHeadCount; ++i)
			{
				to[i] = pose.head[i];
			}
		},
		[](int i) { return kHeadNames[i]; });
	AppendMarks(out, take);
	out += '}';
	return out;
}

} // namespace medtalk
