#include "MedTalkCore/Osc.h"

namespace medtalk
{
namespace
{

struct Words
{
	const char* name;
	const char* sentence;
};

const Words kVerdicts[kVerdictCount] = {
	{"frame", "a frame"},
	{"hello", "a hello"},
	{"bye", "a bye"},
	{"late", "a frame that is older than one already shown: the network reorders, or two senders share a subject"},
	{"duplicate", "a frame that came before: the network doubles datagrams"},
	{"table", "the sender has another table of controls: install the same version of medtalk-live and of this plugin"},
	{"not_finite", "a frame with a value that is not a number: update medtalk-live"},
	{"truncated", "a datagram that ends before its values do: something on the way cuts it"},
	{"trailing", "a datagram that goes on after its values: the sender is no medtalk-live, or a newer one"},
	{"types", "a message with other argument types than its address has: update medtalk-live or this plugin"},
	{"address", "a message that this protocol does not have: another program sends to this port, or a newer medtalk-live"},
	{"subject", "a subject that cannot be shown: its name must be 1 to 64 bytes of printable UTF-8, not 'None', not ending "
				"in '_ARKit' or '_Head', not taken in another spelling, and one of 16 at most"},
	{"foreign", "another protocol's packet: Live Link Face belongs on port 11111, VMC on 39539"},
};

void AppendOscString(std::vector<uint8_t>& out, std::string_view text)
{
	out.insert(out.end(), text.begin(), text.end());
	out.insert(out.end(), 4 - text.size() % 4, 0);
}

/** First bytes of what is often sent to the wrong port. */
bool LooksForeign(ByteView datagram)
{
	const std::string_view text(reinterpret_cast<const char*>(datagram.data), datagram.size);
	const std::string_view phone("\x06\0\0\0\x24", 5);
	return text.substr(0, 8) == std::string_view("#bundle\0", 8) || text.substr(0, 5) == phone;
}

} // namespace

const char* VerdictName(Verdict verdict) { return kVerdicts[static_cast<int>(verdict)].name; }
const char* Explain(Verdict verdict) { return kVerdicts[static_cast<int>(verdict)].sentence; }

bool ReadOscString(BigEndianReader& reader, std::string_view& text)
{
	BigEndianReader ahead = reader;
	const std::string_view rest = ahead.Text(ahead.Left());
	const size_t length = rest.find('\0');
	const size_t padded = (length / 4 + 1) * 4;
	if (length == std::string_view::npos || padded > rest.size())
	{
		return false;
	}
	text = reader.Text(padded).substr(0, length);
	return true;
}

Verdict ParseOsc(ByteView datagram, OscMessage& message)
{
	if (datagram.size == 0)
	{
		return Verdict::Truncated;
	}
	if (LooksForeign(datagram))
	{
		return Verdict::Foreign;
	}
	BigEndianReader reader(datagram);
	if (datagram.data[0] != '/')
	{
		return Verdict::Address;
	}
	if (!ReadOscString(reader, message.address))
	{
		return Verdict::Truncated;
	}
	std::string_view types;
	if (reader.Left() == 0)
	{
		return Verdict::Types; // messages without a type string are older than OSC 1.0
	}
	if (!ReadOscString(reader, types))
	{
		return Verdict::Truncated;
	}
	if (types.empty() || types[0] != ',')
	{
		return Verdict::Types;
	}
	message.types = types.substr(1);
	message.arguments = {datagram.data + (datagram.size - reader.Left()), reader.Left()};
	return Verdict::Frame;
}

OscBuilder::OscBuilder(std::string_view address) : address_(address), types_(",") {}

OscBuilder& OscBuilder::Int(int32_t value)
{
	types_ += 'i';
	arguments_.I32(value);
	return *this;
}

OscBuilder& OscBuilder::Float(float value)
{
	types_ += 'f';
	arguments_.F32(value);
	return *this;
}

OscBuilder& OscBuilder::String(std::string_view value)
{
	std::vector<uint8_t> padded;
	AppendOscString(padded, value.substr(0, value.find('\0')));
	types_ += 's';
	arguments_.Text({reinterpret_cast<const char*>(padded.data()), padded.size()});
	return *this;
}

std::vector<uint8_t> OscBuilder::Datagram() const
{
	std::vector<uint8_t> out;
	AppendOscString(out, address_);
	AppendOscString(out, types_);
	const std::vector<uint8_t> arguments = BigEndianWriter(arguments_).Take();
	out.insert(out.end(), arguments.begin(), arguments.end());
	return out;
}

} // namespace medtalk
