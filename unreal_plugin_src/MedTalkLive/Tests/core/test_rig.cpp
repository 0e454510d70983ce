#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "MedTalkCore/Rig.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

constexpr double kCsvRounding = 1e-6; // the cases are written with six decimals, inputs too (slopes up to 5)

std::vector<Pose> Cases()
{
	const auto rows = ReadCsv(MEDTALK_PROTOCOL "/gui_to_raw_cases.csv");
	std::vector<Pose> cases(rows[0].size() - 2);
	int control = 0;
	for (const auto& row : rows)
	{
		for (size_t i = 0; row[0] == "control" && i < cases.size(); ++i)
		{
			REQUIRE(row[1] == Control(control).name);
			cases[i].controls[control] = std::stof(row[i + 2]);
		}
		control += row[0] == "control" ? 1 : 0;
	}
	const float head[kHeadCount] = {10, -5, 2.5, 1, 2, 3};
	for (Pose& pose : cases)
	{
		std::copy(head, head + kHeadCount, pose.head);
	}
	return cases;
}

} // namespace

TEST_CASE("raw curves are those that Python makes of the same frames")
{
	const auto cases = Cases();
	REQUIRE(cases.size() == 12);
	int curve = 0;
	for (const auto& row : ReadCsv(MEDTALK_PROTOCOL "/gui_to_raw_cases.csv"))
	{
		for (size_t i = 0; row[0] == "raw" && i < cases.size(); ++i)
		{
			float raw[kRawCount];
			ToRaw(cases[i].controls, raw);
			CAPTURE(row[1]);
			CHECK(row[1] == RawName(curve));
			CHECK(std::fabs(raw[curve] - std::stof(row[i + 2])) <= 5 * kCsvRounding);
		}
		curve += row[0] == "raw" ? 1 : 0;
	}
	CHECK(curve == kRawCount);
}

TEST_CASE("ARKit values are those that Python makes of the same frames")
{
	const auto cases = Cases();
	HeadMapping head;
	head.on = true;
	head.signs[1] = -1.0f; // HeadAxes' default signs
	const auto rows = ReadCsv(MEDTALK_TEST_DATA "/arkit_cases.csv");
	REQUIRE(rows.size() == kArkitCount + 1);
	for (size_t i = 0; i < cases.size(); ++i)
	{
		float values[kArkitCount];
		ToArkit(cases[i], head, values);
		for (int k = 0; k < kArkitCount; ++k)
		{
			const auto& row = rows[static_cast<size_t>(k) + 1];
			CAPTURE(row[0]);
			CHECK(row[0] == ArkitName(k));
			CHECK(std::fabs(values[k] - std::stof(row[i + 1])) <= 2e-6); // sums of float32 in another order
		}
	}
}

TEST_CASE("the properties are 260 different names, head and flags last")
{
	std::set<std::string> names;
	for (int i = 0; i < kPropertyCount; ++i)
	{
		names.insert(PropertyName(i));
	}
	CHECK(names.size() == kPropertyCount);
	CHECK(names.count("CTRL_expressions_jawOpen") == 1);
	Pose pose;
	SetNeutral(pose);
	pose.head[0] = 20.0f;
	pose.head[4] = -2.0f;
	HeadMapping head;
	float values[kPropertyCount];
	ToProperties(pose, head, values);
	CHECK(values[kRawCount] == 0.0f);
	CHECK(values[kRawCount + 3] == 20.0f);
	CHECK(values[kRawCount + 5] == -2.0f);
	CHECK(values[kRawCount + 7] == 1.0f);
	CHECK(values[kRawCount + 8] == 1.0f);
	head.on = true;
	head.scale = 0.5f;
	head.order[0] = 1;
	ToProperties(pose, head, values);
	CHECK(values[kRawCount] == 1.0f);
	CHECK(values[kRawCount + 3] == 0.0f); // yaw is taken from pitch now
	CHECK(values[kRawCount + 5] == -1.0f);
}

TEST_CASE("values out of range and not finite are brought inside first")
{
	Pose pose;
	SetNeutral(pose);
	const int jaw = ControlIndex("CTRL_C_jaw-translateY");
	REQUIRE(jaw >= 0);
	CHECK(ControlIndex("CTRL_C_jaw") == -1);
	float raw[kRawCount];
	const auto open = [&] {
		ToRaw(pose.controls, raw);
		for (int i = 0; i < kRawCount; ++i)
		{
			if (std::string(RawName(i)) == "CTRL_expressions_jawOpen")
			{
				return raw[i];
			}
		}
		return -1.0f;
	};
	pose.controls[jaw] = 7.0f;
	CHECK(open() == 1.0f); // the engine's own table would answer 0
	pose.controls[jaw] = std::numeric_limits<float>::quiet_NaN();
	CHECK(open() == 0.0f);
}

TEST_CASE("a blend goes from one face to the other")
{
	Pose a, b, middle;
	SetNeutral(a);
	SetNeutral(b);
	b.controls[4] = 1.0f;
	b.head[2] = 10.0f;
	Blend(a, b, 0.25f, middle);
	CHECK(middle.controls[4] == 0.25f);
	CHECK(middle.head[2] == 2.5f);
	CHECK(std::string(BoardInput(0).name).substr(0, 5) == "CTRL_");
}
