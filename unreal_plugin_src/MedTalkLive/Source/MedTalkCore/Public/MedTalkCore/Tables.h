// The face rig as tables: 174 controls, the control board of UE 5.x, its 251 raw
// curves, the 260 properties of a MetaHuman subject and the 61 of an ARKit one.
// The numbers are generated (TablesData.inl) from the Python package's own tables.
// Constant data, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "MedTalkCore/Export.h"

namespace medtalk
{

constexpr int kControlCount = 174;
constexpr int kHeadCount = 6; // yaw, pitch, roll in degrees; x, y, z in centimetres
constexpr int kBoardCount = 166;
constexpr int kRawCount = 251;
constexpr int kPropertyCount = 260;
constexpr int kShapeCount = 52;
constexpr int kArkitCount = 61;

/** CRC-32 of the 174 names joined by newlines; travels in every frame. */
constexpr int32_t kTableHash = -1621690422;

struct ControlRow
{
	const char* name;
	const char* published; // the authors' spelling, where two names stand twice
	float minimum;
	float maximum;
	float neutral;
};

/** An input of the control board: the control that feeds it, and one that is added (or -1). */
struct BoardRow
{
	const char* name;
	int control;
	int also;
};

/** A raw curve: the lower of a rising and a falling line over its board input (or -1). */
struct RawRow
{
	const char* name;
	int board;
	float rise, riseAt0;
	float fall, fallAt0;
};

MEDTALKCORE_API const ControlRow& Control(int index);
MEDTALKCORE_API const BoardRow& BoardInput(int index);
MEDTALKCORE_API const char* RawName(int index);
MEDTALKCORE_API const char* ArkitName(int index);

/** Names of a MetaHuman subject: the raw curves, then head and flags. */
MEDTALKCORE_API const char* PropertyName(int index);

/** Position of a control by its name, -1 where there is none. */
MEDTALKCORE_API int ControlIndex(std::string_view name);

} // namespace medtalk
