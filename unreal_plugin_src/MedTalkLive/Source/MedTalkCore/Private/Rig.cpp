#include "MedTalkCore/Rig.h"

#include <algorithm>
#include <cmath>

namespace medtalk
{
namespace
{

/** What the way back to ARKit looks at: one half of a control, with a common gaze (or -1). */
struct HalfRow
{
	int control;
	int also;
	float sign;
};

struct Weight
{
	int from;
	int to;
	float value;
};

struct BrowLine
{
	float slope;
	float offset;
};

// clang-format off
#include "TablesData.inl"
// clang-format on

const char* const kTailNames[kPropertyCount - kRawCount] = {
	"HeadControlSwitch", "HeadRoll", "HeadPitch", "HeadYaw", "HeadTranslationX",
	"HeadTranslationY", "HeadTranslationZ", "MHFDSVersion", "DisableFaceOverride"};

constexpr int kHalfCount = static_cast<int>(sizeof(kHalves) / sizeof(kHalves[0]));

float Clamp(float value, float low, float high)
{
	return value < low ? low : value > high ? high : value;
}

float Inside(float value, const ControlRow& row)
{
	return std::isfinite(value) ? Clamp(value, row.minimum, row.maximum) : row.neutral;
}

/** Our angle that goes to a head property; the order may come from a user's settings. */
float Angle(const Pose& pose, const HeadMapping& head, int which)
{
	return pose.head[head.order[which] % 3] * head.signs[which];
}

void ReadHalves(const float (&controls)[kControlCount], float (&halves)[kHalfCount])
{
	for (int i = 0; i < kHalfCount; ++i)
	{
		const HalfRow& row = kHalves[i];
		const float value = controls[row.control] + (row.also < 0 ? 0.0f : controls[row.also]);
		halves[i] = Clamp(value * row.sign, 0.0f, 1.0f);
	}
}

/** How far the inner brow is raised where the whole brow is at its end. */
float InnerBrow(const float (&halves)[kHalfCount])
{
	float inner = 1.0f;
	for (int i = 0; i < 4; ++i)
	{
		const float line = halves[kHalfCount - 4 + i] * kBrows[i].slope + kBrows[i].offset;
		inner = line < inner ? line : inner;
	}
	return inner;
}

} // namespace

const ControlRow& Control(int index) { return kControls[index]; }
const BoardRow& BoardInput(int index) { return kBoard[index]; }
const char* RawName(int index) { return kRaw[index].name; }
const char* ArkitName(int index) { return kArkitNames[index]; }

const char* PropertyName(int index)
{
	return index < kRawCount ? kRaw[index].name : kTailNames[index - kRawCount];
}

int ControlIndex(std::string_view name)
{
	for (int i = 0; i < kControlCount; ++i)
	{
		if (name == kControls[i].name)
		{
			return i;
		}
	}
	return -1;
}

void SetNeutral(Pose& pose)
{
	std::fill(pose.head, pose.head + kHeadCount, 0.0f);
	for (int i = 0; i < kControlCount; ++i)
	{
		pose.controls[i] = kControls[i].neutral;
	}
}

void Blend(const Pose& from, const Pose& to, float share, Pose& out)
{
	for (int i = 0; i < kHeadCount; ++i)
	{
		out.head[i] = from.head[i] + (to.head[i] - from.head[i]) * share;
	}
	for (int i = 0; i < kControlCount; ++i)
	{
		out.controls[i] = from.controls[i] + (to.controls[i] - from.controls[i]) * share;
	}
}

void ToBoard(const float (&controls)[kControlCount], float (&board)[kBoardCount])
{
	for (int i = 0; i < kBoardCount; ++i)
	{
		const BoardRow& row = kBoard[i];
		board[i] = Inside(controls[row.control], kControls[row.control]);
		if (row.also >= 0)
		{
			const ControlRow& also = kControls[row.also];
			board[i] = Clamp(board[i] + Inside(controls[row.also], also), also.minimum, also.maximum);
		}
	}
}

void ToRaw(const float (&controls)[kControlCount], float (&raw)[kRawCount])
{
	float board[kBoardCount];
	ToBoard(controls, board);
	for (int i = 0; i < kRawCount; ++i)
	{
		const RawRow& row = kRaw[i];
		const float input = row.board < 0 ? 0.0f : board[row.board];
		const float rising = input * row.rise + row.riseAt0;
		const float falling = input * row.fall + row.fallAt0;
		raw[i] = Clamp(rising < falling ? rising : falling, 0.0f, 1.0f);
	}
}

void ToProperties(const Pose& pose, const HeadMapping& head, float (&properties)[kPropertyCount])
{
	float raw[kRawCount];
	ToRaw(pose.controls, raw);
	std::copy(raw, raw + kRawCount, properties);
	float* tail = properties + kRawCount;
	tail[0] = head.on ? 1.0f : 0.0f;
	tail[1] = Angle(pose, head, 2) * head.scale;
	tail[2] = Angle(pose, head, 1) * head.scale;
	tail[3] = Angle(pose, head, 0) * head.scale;
	for (int i = 0; i < 3; ++i)
	{
		tail[4 + i] = pose.head[3 + i] * head.scale;
	}
	tail[7] = 1.0f;
	tail[8] = 1.0f;
}

void ToArkit(const Pose& pose, const HeadMapping& head, float (&values)[kArkitCount])
{
	float halves[kHalfCount];
	ReadHalves(pose.controls, halves);
	std::fill(values, values + kArkitCount, 0.0f);
	for (const Weight& weight : kHalfToShape)
	{
		values[weight.to] += halves[weight.from] * weight.value;
	}
	for (int i = 0; i < kShapeCount; ++i)
	{
		values[i] = Clamp(values[i], 0.0f, 1.0f);
	}
	const float inner = InnerBrow(halves);
	values[kBrowInnerUp] = inner > values[kBrowInnerUp] ? inner : values[kBrowInnerUp];
	values[kMouthClose] *= values[kJawOpen];
	for (int i = 0; head.on && i < 3; ++i)
	{
		values[kShapeCount + i] = Angle(pose, head, i) / head.arkitDegreesPerUnit;
	}
	for (const Weight& weight : kShapeToEye)
	{
		values[kShapeCount + weight.to] += values[weight.from] * weight.value;
	}
}

} // namespace medtalk
