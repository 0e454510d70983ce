// OSC 1.0 messages, both ways: a reader that hostile input cannot lead astray, and
// a builder for the commands. Views point into the datagram. Any thread.
// Source: the OSC 1.0 specification; addresses in protocol/addresses.csv.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "MedTalkCore/Bytes.h"

namespace medtalk
{

/** What came of a datagram. */
enum class Verdict : uint8_t
{
	Frame,      // understood: a face at one moment
	Hello,      // understood: what is being sent
	Bye,        // understood: the subject ends
	Late,       // a frame older than one already shown
	Duplicate,  // a frame that came before
	Table,      // another control table: shown values would be guesses
	NotFinite,  // a NaN or an infinity
	Truncated,  // ends before its fields do
	Trailing,   // goes on after its fields
	Types,      // other argument types than the address has
	Address,    // no address of this protocol
	Subject,    // a name that cannot be shown, or one too many
	Foreign,    // another protocol's packet
};

constexpr int kVerdictCount = static_cast<int>(Verdict::Foreign) + 1;

/** Whether the datagram is used. */
inline bool IsUnderstood(Verdict verdict) { return verdict <= Verdict::Bye; }

/** One word, as in protocol/samples.csv. */
MEDTALKCORE_API const char* VerdictName(Verdict verdict);

/** A sentence for a person: what it means and what to do. */
MEDTALKCORE_API const char* Explain(Verdict verdict);

/** A message taken apart; valid as long as the datagram is. */
struct OscMessage
{
	std::string_view address;
	std::string_view types; // without the comma
	ByteView arguments;
};

/** Next OSC string (ended by a zero, padded to four bytes); false where it does not end. */
MEDTALKCORE_API bool ReadOscString(BigEndianReader& reader, std::string_view& text);

/**
 * Takes a datagram apart.
 * @return Frame where it is a message, else why not (Address, Types, Truncated, Foreign).
 */
MEDTALKCORE_API Verdict ParseOsc(ByteView datagram, OscMessage& message);

/** Builds one message: OscBuilder("/medtalk/1/intensity").Float(1.2f).Datagram(). */
class MEDTALKCORE_API OscBuilder
{
public:
	explicit OscBuilder(std::string_view address);

	OscBuilder& Int(int32_t value);
	OscBuilder& Float(float value);
	OscBuilder& String(std::string_view value); // a zero inside ends it

	std::vector<uint8_t> Datagram() const;

private:
	std::string address_;
	std::string types_;
	BigEndianWriter arguments_;
};

} // namespace medtalk
