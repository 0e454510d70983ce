// As much JSON as a take's take.json and the importer need: a reader with a depth
// limit that answers any bytes with a value or a place of damage, and number and text
// writers that do not ask the locale. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "MedTalkCore/Export.h"

namespace medtalk
{

struct JsonValue
{
	enum class Kind : uint8_t { Null, Bool, Number, Text, List, Object };

	Kind kind = Kind::Null;
	bool boolean = false;
	double number = 0.0;
	std::string text;
	std::vector<JsonValue> items;    // of a list, or the values of an object
	std::vector<std::string> keys;   // of an object, beside `items`

	/** A member of an object; a null where it is none. */
	MEDTALKCORE_API const JsonValue& operator[](std::string_view key) const;

	bool Is(Kind wanted) const { return kind == wanted; }
	bool IsText(std::string_view wanted) const { return kind == Kind::Text && text == wanted; }
};

/** Reads a document; false, and the byte where it breaks, when it is none. */
MEDTALKCORE_API bool ParseJson(std::string_view document, JsonValue& value, size_t& brokenAt);

/** Appends a number with `digits` after the point, without trailing zeros; never `-0`. */
MEDTALKCORE_API void AppendNumber(std::string& out, double value, int digits);

/** Appends a quoted, escaped text (well-formed UTF-8 is expected). */
MEDTALKCORE_API void AppendQuoted(std::string& out, std::string_view text);

} // namespace medtalk
