// From the 174 controls to what Unreal takes: raw curves, ARKit values, Live Link
// properties. Values are clamped first, because the engine's own table answers an
// input out of its range with 0. Pure functions, any thread, no allocation.
// Source: medtalk_live/rig/metahuman.py and arkit.py, which they must agree with.
#pragma once

#include "MedTalkCore/Tables.h"

namespace medtalk
{

/** A face at one moment. */
struct Pose
{
	float head[kHeadCount];
	float controls[kControlCount];
};

/** Which of our head angles goes where, and how far. */
struct HeadMapping
{
	bool on = false;               // HeadControlSwitch
	float scale = 1.0f;            // of angles and offsets in the raw layout
	float arkitDegreesPerUnit = 50.0f;
	int order[3] = {0, 1, 2};      // source of HeadYaw, HeadPitch, HeadRoll: 0 yaw, 1 pitch, 2 roll
	float signs[3] = {1.0f, 1.0f, 1.0f};
};

/** The face at rest, the head straight. */
MEDTALKCORE_API void SetNeutral(Pose& pose);

/** `from` at 0, `to` at 1. */
MEDTALKCORE_API void Blend(const Pose& from, const Pose& to, float share, Pose& out);

/** Inputs of the control board, inside their ranges. */
MEDTALKCORE_API void ToBoard(const float (&controls)[kControlCount], float (&board)[kBoardCount]);

/** The 251 raw curves, each in 0..1. */
MEDTALKCORE_API void ToRaw(const float (&controls)[kControlCount], float (&raw)[kRawCount]);

/** The 260 properties of a MetaHuman subject. */
MEDTALKCORE_API void ToProperties(const Pose& pose, const HeadMapping& head, float (&properties)[kPropertyCount]);

/** The 61 values of a Live Link Face subject; the head rests where `head.on` is false. */
MEDTALKCORE_API void ToArkit(const Pose& pose, const HeadMapping& head, float (&values)[kArkitCount]);

} // namespace medtalk
