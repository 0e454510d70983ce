#include "MedTalkCore/Json.h"

#include <cmath>
#include <cstdio>

#include "MedTalkCore/Bytes.h"

namespace medtalk
{
namespace
{

constexpr int kDeepest = 16;

void AppendUtf8(std::string& out, uint32_t code)
{
	if (code < 0x80)
	{
		out += static_cast<char>(code);
		return;
	}
	const int tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	const uint32_t lead = tail == 1 ? 0xC0u : tail == 2 ? 0xE0u : 0xF0u;
	out += static_cast<char>(lead | code >> (6 * tail));
	for (int shift = 6 * (tail - 1); shift >= 0; shift -= 6)
	{
		out += static_cast<char>(0x80u | ((code >> shift) & 0x3Fu));
	}
}

class JsonReader
{
public:
	explicit JsonReader(std::string_view text) : text_(text) {}

	bool Document(JsonValue& value)
	{
		const bool whole = Value(value, 0);
		Space();
		return whole && at_ == text_.size();
	}

	size_t At() const { return at_; }

private:
	char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

	void Space()
	{
		while (Peek() == ' ' || Peek() == '\n' || Peek() == '\r' || Peek() == '\t')
		{
			++at_;
		}
	}

	bool Taken(char wanted)
	{
		Space();
		const bool there = Peek() == wanted && at_ < text_.size();
		at_ += there ? 1 : 0;
		return there;
	}

	bool Word(std::string_view word)
	{
		const bool there = text_.substr(at_, word.size()) == word;
		at_ += there ? word.size() : 0;
		return there;
	}

	bool Value(JsonValue& value, int depth)
	{
		Space();
		if (depth > kDeepest)
		{
			return false;
		}
		switch (Peek())
		{
		case '{':
			return Object(value, depth);
		case '[':
			return List(value, depth);
		case '"':
			value.kind = JsonValue::Kind::Text;
			return Text(value.text);
		case 't':
		case 'f':
			value.kind = JsonValue::Kind::Bool;
			value.boolean = Peek() == 't';
			return Word(value.boolean ? "true" : "false");
		case 'n':
			return Word("null");
		default:
			value.kind = JsonValue::Kind::Number;
			return Number(value.number);
		}
	}

	bool List(JsonValue& value, int depth)
	{
		value.kind = JsonValue::Kind::List;
		++at_;
		if (Taken(']'))
		{
			return true;
		}
		do
		{
			value.items.emplace_back();
			if (!Value(value.items.back(), depth + 1))
			{
				return false;
			}
		} while (Taken(','));
		return Taken(']');
	}

	bool Object(JsonValue& value, int depth)
	{
		value.kind = JsonValue::Kind::Object;
		++at_;
		if (Taken('}'))
		{
			return true;
		}
		do
		{
			Space();
			value.keys.emplace_back();
			value.items.emplace_back();
			if (Peek() != '"' || !Text(value.keys.back()) || !Taken(':') || !Value(value.items.back(), depth + 1))
			{
				return false;
			}
		} while (Taken(','));
		return Taken('}');
	}

	bool Hex(uint32_t& code)
	{
		code = 0;
		for (int i = 0; i < 4; ++i, ++at_)
		{
			const char c = Peek();
			const int digit = c >= '0' && c <= '9' ? c - '0'
				: c >= 'a' && c <= 'f'             ? c - 'a' + 10
				: c >= 'A' && c <= 'F'             ? c - 'A' + 10
												   : -1;
			if (digit < 0)
			{
				return false;
			}
			code = code << 4 | static_cast<uint32_t>(digit);
		}
		return true;
	}

	bool Escape(std::string& out)
	{
		const char kind = Peek();
		++at_;
		const std::string_view plain = "\"\\/bfnrt";
		const size_t which = plain.find(kind);
		if (kind != 'u')
		{
			out += which == std::string_view::npos ? '?' : "\"\\/\b\f\n\r\t"[which];
			return which != std::string_view::npos;
		}
		uint32_t code = 0, low = 0;
		if (!Hex(code))
		{
			return false;
		}
		if (code >= 0xD800 && code < 0xDC00)
		{
			if (!Word("\\u") || !Hex(low) || low < 0xDC00 || low > 0xDFFF)
			{
				return false;
			}
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		}
		AppendUtf8(out, code);
		return code < 0xD800 || code > 0xDFFF;
	}

	bool Text(std::string& out)
	{
		for (++at_; at_ < text_.size(); )
		{
			const char c = text_[at_++];
			if (c == '"')
			{
				return IsUtf8(out);
			}
			if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !Escape(out)))
			{
				return false;
			}
			if (c != '\\')
			{
				out += c;
			}
		}
		return false;
	}

	bool Digits(double& value, int& count)
	{
		const size_t start = at_;
		for (; Peek() >= '0' && Peek() <= '9'; ++at_)
		{
			value = value * 10.0 + (Peek() - '0');
		}
		count = static_cast<int>(at_ - start);
		return count > 0;
	}

	bool Number(double& value)
	{
		const bool negative = Peek() == '-';
		at_ += negative ? 1 : 0;
		double mantissa = 0.0, power = 0.0;
		int count = 0, fraction = 0;
		if (!Digits(mantissa, count))
		{
			return false;
		}
		if (Peek() == '.')
		{
			++at_;
			if (!Digits(mantissa, fraction))
			{
				return false;
			}
		}
		if (Peek() == 'e' || Peek() == 'E')
		{
			++at_;
			const bool down = Peek() == '-';
			at_ += down || Peek() == '+' ? 1 : 0;
			if (!Digits(power, count))
			{
				return false;
			}
			power = down ? -power : power;
		}
		const double scale = power - fraction;
		const double size = scale < 0 ? mantissa / std::pow(10.0, -scale) : mantissa * std::pow(10.0, scale);
		value = negative ? -size : size;
		return std::isfinite(value);
	}

	std::string_view text_;
	size_t at_ = 0;
};

} // namespace

const JsonValue& JsonValue::operator[](std::string_view key) const
{
	static const JsonValue nothing;
	for (size_t i = 0; i < keys.size(); ++i)
	{
		if (keys[i] == key)
		{
			return items[i];
		}
	}
	return nothing;
}

bool ParseJson(std::string_view document, JsonValue& value, size_t& brokenAt)
{
	JsonReader reader(document);
	value = JsonValue();
	const bool whole = reader.Document(value);
	brokenAt = whole ? document.size() : reader.At();
	return whole;
}

void AppendNumber(std::string& out, double value, int digits)
{
	char text[400];
	int length = std::snprintf(text, sizeof(text), "%.*f", digits, value);
	for (int i = 0; i < length; ++i)
	{
		text[i] = text[i] == ',' ? '.' : text[i]; // a locale with a comma
	}
	while (digits > 0 && length > 1 && text[length - 1] == '0')
	{
		--length;
	}
	length -= length > 1 && text[length - 1] == '.' ? 1 : 0;
	const std::string_view shown(text, static_cast<size_t>(length));
	out += shown == "-0" ? std::string_view("0") : shown;
}

void AppendQuoted(std::string& out, std::string_view text)
{
	out += '"';
	for (const char c : text)
	{
		if (static_cast<unsigned char>(c) < 0x20)
		{
			char code[8];
			std::snprintf(code, sizeof(code), "\\u%04x", static_cast<unsigned>(c));
			out += code;
			continue;
		}
		if (c == '"' || c == '\\')
		{
			out += '\\';
		}
		out += c;
	}
	out += '"';
}

} // namespace medtalk
