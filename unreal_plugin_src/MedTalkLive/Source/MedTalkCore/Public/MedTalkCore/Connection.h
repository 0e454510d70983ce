// The connection string that Live Link presets store, say
// "port=9870;bind=127.0.0.1;control=10.0.0.7:9871": parsed, checked, written.
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "MedTalkCore/Export.h"

namespace medtalk
{

struct Connection
{
	int port = 9870;                // frames come in here
	std::string bind = "127.0.0.1"; // 0.0.0.0: from other machines as well
	std::string controlHost;        // commands go there; empty: to the machine that a subject's frames come from
	int controlPort = 0;            // 0: as the subject's hello tells
	std::string token;              // last word of every command; a secret, so not part of the string
};

/** Reads a connection string; empty means the defaults. False, and a sentence, where it is wrong. */
MEDTALKCORE_API bool ParseConnection(std::string_view text, Connection& connection, std::string& problem);

MEDTALKCORE_API std::string ConnectionText(const Connection& connection);

} // namespace medtalk
