// Shows what the plugin would push to Live Link: one JSON line a frame on standard
// output, what was dropped and why on standard error. Datagrams come from standard
// input (a 4-byte little-endian length before each; no clock, so no easing) or, with
// --listen, from a UDP port, through the same receiver as in the engine.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <winsock2.h>
#include <ws2tcpip.h>
using SocketHandle = SOCKET;
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
using SocketHandle = int;
#endif

#include "MedTalkCore/Connection.h"
#include "MedTalkCore/Json.h"
#include "MedTalkCore/LiveLinkFace.h"
#include "MedTalkCore/Route.h"
#include "MedTalkCore/Take.h"

namespace
{

constexpr size_t kMostBytes = 65535;
constexpr int kDigits = 9;
volatile std::sig_atomic_t gStopped = 0;

void Stop(int) { gStopped = 1; }

struct Options
{
	int port = 0; // 0: standard input
	std::string bind = "127.0.0.1";
	double seconds = 0.0; // 0: until it is stopped
	bool liveLinkFace = false;
	bool arkit = false;
	bool stats = false;
	std::string take; // a take's folder to turn into JSON instead
	medtalk::HeadMapping head;
};

const char* const kUsage =
	"medtalk_dump [--listen PORT [--bind ADDRESS] [--duration SECONDS]] [--arkit] [--head] [--livelink] [--stats]\n"
	"medtalk_dump --take FOLDER\n"
	"  prints a JSON line for every frame that would be pushed to Live Link\n"
	"  without --listen  datagrams from standard input, each with a 4-byte little-endian length before it\n"
	"  --listen PORT     datagrams from a UDP port (loopback unless --bind says otherwise), eased when they stop\n"
	"  --arkit           the 61 values of the ARKit subject instead of the 260 of the MetaHuman one\n"
	"  --head            the head's switch on (HeadControlSwitch 1)\n"
	"  --livelink        reads Live Link Face packets instead\n"
	"  --take FOLDER     a recorded take as the JSON that the Sequencer importer reads\n"
	"  --stats           what was received, lost and dropped, as a JSON line on standard error at the end\n";

class Printer : public medtalk::FrameTarget
{
public:
	explicit Printer(const Options& options) : options_(options) {}

	void Watch(const medtalk::Receiver& receiver) { receiver_ = &receiver; }

	void OnFrame(const medtalk::PushedFrame& frame) override
	{
		line_ = "{\"subject\": ";
		medtalk::AppendQuoted(line_, receiver_->Status(frame.subject).name);
		line_ += ", \"sequence\": " + std::to_string(frame.sequence) + ", \"time\": ";
		medtalk::AppendNumber(line_, frame.eased ? frame.worldTime : frame.senderTime, kDigits);
		line_ += frame.eased ? ", \"eased\": true" : "";
		line_ += ", \"properties\": {";
		if (options_.arkit)
		{
			float values[medtalk::kArkitCount];
			medtalk::ToArkit(frame.pose, options_.head, values);
			Properties(values, medtalk::kArkitCount, medtalk::ArkitName);
		}
		else
		{
			float values[medtalk::kPropertyCount];
			medtalk::ToProperties(frame.pose, options_.head, values);
			Properties(values, medtalk::kPropertyCount, medtalk::PropertyName);
		}
		Print();
	}

	void Print(const medtalk::LiveLinkFacePacket& packet)
	{
		line_ = "{\"subject\": ";
		medtalk::AppendQuoted(line_, packet.subject);
		line_ += ", \"frame\": " + std::to_string(packet.frame) + ", \"rate\": [" +
			std::to_string(packet.rateNumerator) + ", " + std::to_string(packet.rateDenominator) + "], \"properties\": {";
		Properties(packet.values, medtalk::kArkitCount, medtalk::ArkitName);
		Print();
	}

private:
	void Properties(const float* values, int count, const char* (*name)(int))
	{
		for (int i = 0; i < count; ++i)
		{
			line_ += i > 0 ? ", \"" : "\"";
			line_ += name(i);
			line_ += "\": ";
			medtalk::AppendNumber(line_, static_cast<double>(values[i]), kDigits);
		}
	}

	void Print()
	{
		line_ += "}}\n";
		std::fwrite(line_.data(), 1, line_.size(), stdout);
		std::fflush(stdout);
	}

	const Options& options_;
	const medtalk::Receiver* receiver_ = nullptr;
	std::string line_;
};

/** The receiver and its printer: takes datagrams whatever they come from. */
class Dump
{
public:
	explicit Dump(const Options& options) : options_(options), printer_(options), receiver_(printer_)
	{
		printer_.Watch(receiver_);
	}

	void Take(medtalk::ByteView datagram, double now, const char* host = "")
	{
		++count_;
		medtalk::Verdict verdict;
		if (options_.liveLinkFace)
		{
			medtalk::LiveLinkFacePacket packet;
			verdict = medtalk::DecodeLiveLinkFace(datagram, packet);
			if (verdict == medtalk::Verdict::Frame)
			{
				printer_.Print(packet);
			}
		}
		else
		{
			verdict = receiver_.Receive(datagram, now, host);
			now_ = now;
		}
		if (!medtalk::IsUnderstood(verdict))
		{
			std::fprintf(stderr, "datagram %llu (%zu bytes) dropped, %s: %s\n",
				static_cast<unsigned long long>(count_), datagram.size, medtalk::VerdictName(verdict),
				medtalk::Explain(verdict));
		}
	}

	void Tick(double now) { receiver_.Tick(now); }

	void Summary() const
	{
		std::string line = "{\"datagrams\": " + std::to_string(count_) + ", \"verdicts\": {";
		for (int i = 0; i < medtalk::kVerdictCount; ++i)
		{
			const medtalk::Verdict verdict = static_cast<medtalk::Verdict>(i);
			line += i > 0 ? ", \"" : "\"";
			line += std::string(medtalk::VerdictName(verdict)) + "\": " + std::to_string(receiver_.Count(verdict));
		}
		line += "}, \"subjects\": [";
		for (int i = 0; i < receiver_.SubjectCount(); ++i)
		{
			line += i > 0 ? ", " : "";
			Append(line, receiver_.Status(i), now_);
		}
		line += "]}\n";
		std::fputs(line.c_str(), stderr);
	}

private:
	static void Append(std::string& line, const medtalk::SubjectStatus& status, double now)
	{
		line += "{\"subject\": ";
		medtalk::AppendQuoted(line, status.name);
		const medtalk::SequenceCounts& counts = status.counts;
		line += ", \"received\": " + std::to_string(counts.received) + ", \"lost\": " + std::to_string(counts.lost) +
			", \"late\": " + std::to_string(counts.late) + ", \"duplicates\": " + std::to_string(counts.duplicates) +
			", \"restarts\": " + std::to_string(counts.restarts) + ", \"jitter_ms\": ";
		medtalk::AppendNumber(line, status.jitterMs, 3);
		line += ", \"frame_rate_hz\": ";
		medtalk::AppendNumber(line, status.frameRate, 2);
		line += ", \"control\": ";
		medtalk::AppendQuoted(line, Control(status, now));
		line += "}";
	}

	/** Where commands for a subject would go, empty where it takes none. */
	static std::string Control(const medtalk::SubjectStatus& status, double now)
	{
		medtalk::SourceState source;
		source.nowSeconds = now;
		source.subjects.push_back(status);
		const auto targets = medtalk::ControlTargets({source}, status.name);
		return targets.empty() ? "" : targets[0].host + ":" + std::to_string(targets[0].port);
	}

	const Options& options_;
	Printer printer_;
	medtalk::Receiver receiver_;
	uint64_t count_ = 0;
	double now_ = 0.0; // of the newest datagram
};

double Now()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int FromStandardInput(Dump& dump)
{
#ifdef _WIN32
	_setmode(_fileno(stdin), _O_BINARY);
#endif
	std::vector<uint8_t> bytes(kMostBytes);
	uint8_t head[4];
	size_t got;
	while ((got = std::fread(head, 1, 4, stdin)) == 4)
	{
		const uint32_t length = static_cast<uint32_t>(head[0]) | static_cast<uint32_t>(head[1]) << 8 |
			static_cast<uint32_t>(head[2]) << 16 | static_cast<uint32_t>(head[3]) << 24;
		if (length > kMostBytes || std::fread(bytes.data(), 1, length, stdin) != length)
		{
			got = 1;
			break;
		}
		dump.Take({bytes.data(), length}, 0.0);
	}
	if (got != 0)
	{
		std::fputs("standard input breaks off inside a datagram: each needs its 4-byte little-endian length before it\n",
			stderr);
	}
	return got == 0 ? 0 : 1;
}

void CloseSocket(SocketHandle handle)
{
#ifdef _WIN32
	closesocket(handle);
#else
	close(handle);
#endif
}

/** A bound socket, or a negative handle. */
SocketHandle Bind(const Options& options)
{
#ifdef _WIN32
	WSADATA data;
	WSAStartup(MAKEWORD(2, 2), &data);
#endif
	const SocketHandle handle = socket(AF_INET, SOCK_DGRAM, 0);
	const int room = 4 << 20;
	setsockopt(handle, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&room), sizeof(room));
#ifdef _WIN32
	const int exclusive = 1;
	setsockopt(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&exclusive), sizeof(exclusive));
#endif
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(static_cast<uint16_t>(options.port));
	address.sin_addr.s_addr = inet_addr(options.bind.c_str());
	if (bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
	{
		CloseSocket(handle);
		return static_cast<SocketHandle>(-1);
	}
	return handle;
}

bool WaitReadable(SocketHandle handle, int milliseconds)
{
#ifdef _WIN32
	WSAPOLLFD wait = {handle, POLLIN, 0};
	return WSAPoll(&wait, 1, milliseconds) > 0;
#else
	pollfd wait = {handle, POLLIN, 0};
	return poll(&wait, 1, milliseconds) > 0;
#endif
}

int Listen(Dump& dump, const Options& options)
{
	const SocketHandle handle = Bind(options);
	if (handle == static_cast<SocketHandle>(-1))
	{
		std::fprintf(stderr, "port %d on %s cannot be bound: another program (or a second editor) holds it, or the address is "
							 "not of this machine\n",
			options.port, options.bind.c_str());
		return 1;
	}
	std::fprintf(stderr, "listening on %s:%d\n", options.bind.c_str(), options.port);
	std::vector<uint8_t> bytes(kMostBytes);
	const double end = options.seconds > 0.0 ? Now() + options.seconds : 1e300;
	while (!gStopped && Now() < end)
	{
		if (WaitReadable(handle, 5))
		{
			sockaddr_in sender{};
			socklen_t length = sizeof(sender);
			const auto size = recvfrom(handle, reinterpret_cast<char*>(bytes.data()), static_cast<int>(bytes.size()), 0,
				reinterpret_cast<sockaddr*>(&sender), &length);
			char host[INET_ADDRSTRLEN] = "";
			inet_ntop(AF_INET, &sender.sin_addr, host, sizeof(host));
			if (size >= 0)
			{
				dump.Take({bytes.data(), static_cast<size_t>(size)}, Now(), host);
			}
		}
		dump.Tick(Now());
	}
	CloseSocket(handle);
	return 0;
}

bool ReadFile(const std::string& path, std::vector<uint8_t>& bytes)
{
	std::FILE* file = std::fopen(path.c_str(), "rb");
	if (file == nullptr)
	{
		std::fprintf(stderr, "%s cannot be read: name the folder of a take\n", path.c_str());
		return false;
	}
	uint8_t block[65536];
	for (size_t got; (got = std::fread(block, 1, sizeof(block), file)) > 0;)
	{
		bytes.insert(bytes.end(), block, block + got);
	}
	std::fclose(file);
	return true;
}

int ShowTake(const std::string& folder)
{
	std::vector<uint8_t> info, curves;
	medtalk::Take take;
	std::string problem;
	if (!ReadFile(folder + "/take.json", info) || !ReadFile(folder + "/curves.bin", curves))
	{
		return 1;
	}
	if (!medtalk::ReadTake({info.data(), info.size()}, {curves.data(), curves.size()}, take, problem))
	{
		std::fprintf(stderr, "%s: %s\n", folder.c_str(), problem.c_str());
		return 1;
	}
	std::puts(medtalk::TakeToJson(take, take.audioRate > 0 ? folder + "/audio.wav" : "").c_str());
	return 0;
}

bool ReadOptions(int count, char** words, Options& options)
{
	medtalk::Connection connection;
	std::string problem;
	for (int i = 1; i < count; ++i)
	{
		const std::string word = words[i];
		const std::string value = i + 1 < count ? words[i + 1] : "";
		const bool takesValue = word == "--listen" || word == "--bind" || word == "--duration" || word == "--take";
		i += takesValue ? 1 : 0;
		bool good = !takesValue || !value.empty();
		if (word == "--listen")
		{
			good = medtalk::ParseConnection("port=" + value, connection, problem);
			options.port = connection.port;
		}
		else if (word == "--bind")
		{
			good = medtalk::ParseConnection("bind=" + value, connection, problem);
			options.bind = value;
		}
		else if (word == "--take")
		{
			options.take = value;
		}
		else if (word == "--duration")
		{
			char* rest = nullptr;
			options.seconds = std::strtod(value.c_str(), &rest);
			good = good && *rest == '\0' && options.seconds > 0.0;
		}
		else if (word == "--arkit" || word == "--head" || word == "--livelink" || word == "--stats")
		{
			options.arkit = options.arkit || word == "--arkit";
			options.head.on = options.head.on || word == "--head";
			options.liveLinkFace = options.liveLinkFace || word == "--livelink";
			options.stats = options.stats || word == "--stats";
		}
		else
		{
			good = false;
		}
		if (!good)
		{
			std::fprintf(stderr, "medtalk_dump: '%s %s' is not understood\n%s", word.c_str(),
				takesValue ? value.c_str() : "", kUsage);
			return false;
		}
	}
	return true;
}

} // namespace

int main(int count, char** words)
{
	if (count == 2 && (std::string(words[1]) == "--help" || std::string(words[1]) == "-h"))
	{
		std::fputs(kUsage, stdout);
		return 0;
	}
	Options options;
	if (!ReadOptions(count, words, options))
	{
		return 2;
	}
	if (!options.take.empty())
	{
		return ShowTake(options.take);
	}
	std::signal(SIGINT, Stop);
	std::signal(SIGTERM, Stop);
	Dump dump(options);
	const int status = options.port > 0 ? Listen(dump, options) : FromStandardInput(dump);
	if (options.stats)
	{
		dump.Summary();
	}
	return status;
}
