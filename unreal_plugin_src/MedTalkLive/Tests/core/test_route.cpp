#include <doctest/doctest.h>

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/Route.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

struct Nobody : FrameTarget
{
	void OnFrame(const PushedFrame&) override {}
};

SubjectStatus Sender(const char* name, const char* host, int32_t port, double helloAt = 99.0)
{
	SubjectStatus subject;
	subject.name = name;
	subject.host = host;
	subject.controlPort = port;
	subject.lastHelloSeconds = helloAt;
	subject.state = StreamState::Live;
	return subject;
}

SourceState Source(std::vector<SubjectStatus> subjects)
{
	SourceState source;
	source.bound = true;
	source.nowSeconds = 100.0;
	source.subjects = std::move(subjects);
	return source;
}

std::string Words(const std::vector<SourceState>& sources, std::string_view subject)
{
	std::string words;
	for (const ControlTarget& target : ControlTargets(sources, subject))
	{
		words += (words.empty() ? "" : " ") + target.host + ":" + std::to_string(target.port);
	}
	return words;
}

} // namespace

TEST_CASE("a subject's commands go to the machine and the port of its own runtime")
{
	const std::vector<SourceState> sources = {
		Source({Sender("Ada", "127.0.0.1", 9871), Sender("Ben", "127.0.0.1", 9872)}), Source({Sender("Cleo", "10.0.0.7", 9871)})};
	CHECK(Words(sources, "Ada") == "127.0.0.1:9871");
	CHECK(Words(sources, "Ben") == "127.0.0.1:9872");
	CHECK(Words(sources, "CLEO") == "10.0.0.7:9871"); // engine names compare without case
	CHECK(Words(sources, "Dora").empty());
	CHECK(Words(sources, "") == "127.0.0.1:9871 127.0.0.1:9872 10.0.0.7:9871");
}

TEST_CASE("the source's own address and port overrule what the senders tell, and a runtime is told once")
{
	SourceState source = Source({Sender("Ada", "10.0.0.7", 9871), Sender("Ben", "10.0.0.8", 9872)});
	source.connection.controlHost = "192.168.0.2";
	CHECK(Words({source}, "") == "192.168.0.2:9871 192.168.0.2:9872");
	source.connection.controlPort = 9990;
	CHECK(Words({source}, "") == "192.168.0.2:9990");
	CHECK(Words({source}, "Ben") == "192.168.0.2:9990");
}

TEST_CASE("before a hello the usual port is tried; a runtime without control channel is told nothing")
{
	CHECK(Words({Source({Sender("Ada", "10.0.0.7", 0, 0.0)})}, "Ada") == "10.0.0.7:9871");
	CHECK(Words({Source({Sender("Ada", "", 0, 0.0)})}, "Ada") == "127.0.0.1:9871");
	CHECK(Words({Source({Sender("Ada", "10.0.0.7", 0)})}, "Ada").empty());
	CHECK(Words({Source({Sender("Ada", "10.0.0.7", 70000)})}, "Ada").empty());
}

TEST_CASE("all means those who send at present; without any, whoever was there, and the default address")
{
	SubjectStatus gone = Sender("Ada", "127.0.0.1", 9871, 50.0);
	gone.state = StreamState::Resting;
	SubjectStatus silent = Sender("Ben", "127.0.0.1", 9872);
	silent.state = StreamState::Waiting; // says hello, waits for sound
	CHECK(Words({Source({gone, silent})}, "") == "127.0.0.1:9872");
	CHECK(Words({Source({gone, silent}), Source({})}, "") == "127.0.0.1:9872");
	CHECK(Words({Source({gone})}, "") == "127.0.0.1:9871");
	CHECK(Words({Source({gone})}, "Ada") == "127.0.0.1:9871");
	SourceState other = Source({});
	other.connection.controlPort = 9881;
	CHECK(Words({other}, "") == "127.0.0.1:9881");
	CHECK(Words({}, "") == "127.0.0.1:9871");
	CHECK(Words({}, "Ada").empty());
}

TEST_CASE("each source's token goes to its own runtimes")
{
	SourceState first = Source({Sender("Ada", "127.0.0.1", 9871)}), second = Source({Sender("Ben", "10.0.0.7", 9871)});
	second.connection.token = "secret";
	const auto targets = ControlTargets({first, second}, "");
	REQUIRE(targets.size() == 2);
	CHECK(targets[0].token.empty());
	CHECK(targets[1].token == "secret");
	OscMessage osc;
	const auto bytes = Commands::Neutral().Datagram(targets[1].token);
	REQUIRE(ParseOsc(View(bytes), osc) == Verdict::Frame);
	CHECK(osc.types == "s");
}

TEST_CASE("the receiver remembers the machine that a subject's newest message came from")
{
	Nobody target;
	Receiver receiver(target);
	receiver.Receive(View(FrameOf("Ada", 0, 1.0)), 1.0, "10.0.0.7");
	receiver.Receive(View(Sample("hello")), 1.0, "10.0.0.8");
	CHECK(receiver.Status(0).host == "10.0.0.7");
	CHECK(receiver.Status(1).host == "10.0.0.8");
	SourceState source;
	source.nowSeconds = 1.5;
	source.subjects = {receiver.Status(0), receiver.Status(1)};
	CHECK(Words({source}, "medtalk") == "10.0.0.8:9871");
	receiver.Receive(View(FrameOf("Ada", 1, 1.1)), 1.1, "10.0.0.9"); // another laptop takes over
	CHECK(receiver.Status(0).host == "10.0.0.9");
}
