#include "MedTalkCore/Connection.h"

namespace medtalk
{
namespace
{

bool ReadPort(std::string_view text, int& port)
{
	int value = 0;
	for (const char digit : text)
	{
		if (digit < '0' || digit > '9' || value > 65535)
		{
			return false;
		}
		value = value * 10 + (digit - '0');
	}
	port = value;
	return !text.empty() && value >= 1 && value <= 65535;
}

bool IsIPv4(std::string_view text)
{
	for (int part = 0; part < 4; ++part)
	{
		const size_t dot = text.find('.');
		const std::string_view digits = text.substr(0, dot);
		int value = 0;
		for (const char digit : digits)
		{
			value = digit >= '0' && digit <= '9' && value <= 255 ? value * 10 + (digit - '0') : 256;
		}
		if (digits.empty() || value > 255 || (part < 3) != (dot != std::string_view::npos))
		{
			return false;
		}
		text = part < 3 ? text.substr(dot + 1) : text;
	}
	return true;
}

bool Apply(std::string_view key, std::string_view value, Connection& connection)
{
	if (key == "port")
	{
		return ReadPort(value, connection.port);
	}
	if (key == "bind")
	{
		connection.bind = std::string(value);
		return IsIPv4(value);
	}
	const size_t colon = value.rfind(':');
	connection.controlHost = std::string(value.substr(0, colon));
	return key == "control" && !value.empty() && (connection.controlHost.empty() || IsIPv4(connection.controlHost)) &&
		(colon == std::string_view::npos || ReadPort(value.substr(colon + 1), connection.controlPort));
}

} // namespace

bool ParseConnection(std::string_view text, Connection& connection, std::string& problem)
{
	connection = Connection();
	while (!text.empty())
	{
		const size_t end = text.find(';');
		const std::string_view part = text.substr(0, end);
		text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
		const size_t equals = part.find('=');
		if (part.empty())
		{
			continue;
		}
		if (equals == std::string_view::npos || !Apply(part.substr(0, equals), part.substr(equals + 1), connection))
		{
			problem = "'" + std::string(part) +
				"' is no setting of a MedTalk connection: write port=9870;bind=127.0.0.1, and control=10.0.0.7:9871 where commands go elsewhere "
				"(ports 1 to 65535, addresses as four numbers)";
			return false;
		}
	}
	return true;
}

std::string ConnectionText(const Connection& connection)
{
	std::string text = "port=" + std::to_string(connection.port) + ";bind=" + connection.bind;
	if (!connection.controlHost.empty() || connection.controlPort != 0)
	{
		text += ";control=" + connection.controlHost;
		text += connection.controlPort != 0 ? ":" + std::to_string(connection.controlPort) : "";
	}
	return text;
}

} // namespace medtalk
