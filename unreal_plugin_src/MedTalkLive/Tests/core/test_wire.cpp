#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/LiveLinkFace.h"
#include "Samples.h"

using namespace medtalk;

TEST_CASE("every sample datagram gets the verdict that the table gives it")
{
	const auto rows = ReadCsv(MEDTALK_PROTOCOL "/samples.csv");
	REQUIRE(rows.size() > 20);
	Message message;
	for (size_t i = 1; i < rows.size(); ++i)
	{
		CAPTURE(rows[i][0]);
		const auto bytes = ReadBytes(std::string(MEDTALK_PROTOCOL "/") + rows[i][0]);
		CHECK(bytes.size() == std::stoul(rows[i][1]));
		const Verdict verdict = Decode(View(bytes), message);
		if (rows[i][2] == "accept")
		{
			CHECK(IsUnderstood(verdict));
		}
		else
		{
			CHECK(std::string(VerdictName(verdict)) == rows[i][2]);
		}
	}
}

TEST_CASE("a frame is read to the last bit")
{
	Message message;
	const auto bytes = Sample("frame_ramp");
	REQUIRE(Decode(View(bytes), message) == Verdict::Frame);
	CHECK(message.frame.subject == "MedTalk");
	CHECK(message.frame.sequence == 7);
	CHECK(message.frame.tableHash == kTableHash);
	CHECK(message.frame.time == 1234.5);
	CHECK(message.frame.pose.head[0] == 10.0f);
	CHECK(message.frame.pose.head[5] == 3.0f);
	for (int i = 0; i < kControlCount; ++i)
	{
		const ControlRow& row = Control(i);
		const float share = static_cast<float>(i * 37 % 101) / 100.0f; // pattern() of make_samples.py
		CHECK(message.frame.pose.controls[i] == doctest::Approx(row.minimum + (row.maximum - row.minimum) * share));
	}
}

TEST_CASE("a hello tells of the stream")
{
	Message message;
	const auto bytes = Sample("hello");
	REQUIRE(Decode(View(bytes), message) == Verdict::Hello);
	const Hello& hello = message.hello;
	CHECK(hello.session == 123456789);
	CHECK(hello.version == "0.1.0");
	CHECK(hello.frameRate == doctest::Approx(60000.0 / 1001.0));
	CHECK(hello.latencyMs == 78.5f);
	CHECK(hello.controlPort == 9871);
	CHECK(hello.model == "starter");
	CHECK(hello.guidance == "happy:0.7+surprised:0.3");
	CHECK(hello.timecode == "10:20:30;40");
	CHECK(hello.timecodeTime == 1234.0);
}

TEST_CASE("no prefix of any accepted datagram is accepted, and none is read past its end")
{
	Message message;
	for (const char* name : {"frame_ramp", "hello", "bye", "frame_unicode_subject"})
	{
		const auto bytes = Sample(name);
		for (size_t size = 0; size < bytes.size(); ++size)
		{
			const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
			CHECK_FALSE(IsUnderstood(Decode(View(cut), message)));
		}
	}
}

TEST_CASE("hello and bye of the wrong shape are named")
{
	Message message;
	auto hello = Sample("hello");
	hello.resize(hello.size() + 4);
	CHECK(Decode(View(hello), message) == Verdict::Trailing);
	const auto types = OscBuilder("/medtalk/1/hello").String("MedTalk").Datagram();
	CHECK(Decode(View(types), message) == Verdict::Types);
	const auto bye = OscBuilder("/medtalk/1/bye").Int(3).Datagram();
	CHECK(Decode(View(bye), message) == Verdict::Types);
	auto longer = Sample("bye");
	longer.resize(longer.size() + 4);
	CHECK(Decode(View(longer), message) == Verdict::Trailing);
	const auto nobody = OscBuilder("/medtalk/1/bye").String("").Datagram();
	CHECK(Decode(View(nobody), message) == Verdict::Subject);
	auto broken = Sample("frame_ramp");
	broken[208] = 0xFF; // not UTF-8
	CHECK(Decode(View(broken), message) == Verdict::Subject);
	auto nameless = Sample("hello");
	nameless[nameless.size() - 8] = 0x7F; // timecode's time
	nameless[nameless.size() - 7] = 0xF0;
	CHECK(Decode(View(nameless), message) == Verdict::NotFinite);
	const std::vector<uint8_t> unended = {'/', 'm', 'e', 'd'};
	CHECK(Decode(View(unended), message) == Verdict::Truncated);
	const std::vector<uint8_t> strange = {'/', 'x', 0, 0, ',', 0, 0, 0};
	CHECK(Decode(View(strange), message) == Verdict::Address);
	auto odd = Sample("hello");
	odd[52] = 0xFF; // inside the version or a text after it
	odd[53] = 0xFE;
	CHECK_FALSE(Decode(View(odd), message) == Verdict::Frame);
}

TEST_CASE("a time that no steady clock reaches is refused")
{
	Message message;
	CHECK(Decode(View(FrameOf("MedTalk", 1, 1e12)), message) == Verdict::NotFinite);
	CHECK(Decode(View(FrameOf("MedTalk", 1, std::numeric_limits<double>::quiet_NaN())), message) == Verdict::NotFinite);
}

TEST_CASE("every verdict has a name and a sentence")
{
	for (int i = 0; i < kVerdictCount; ++i)
	{
		CHECK(std::string(VerdictName(static_cast<Verdict>(i))).size() > 2);
		CHECK(std::string(Explain(static_cast<Verdict>(i))).size() > 4);
	}
}

TEST_CASE("UTF-8 is told from what looks like it")
{
	for (const char* good : {"", "Ada", "Zo\xC3\xAB", "\xE9\x98\xBF", "\xF0\x9F\x98\x80", "\xED\x9F\xBF"})
	{
		CHECK(IsUtf8(good));
	}
	for (const char* bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
			 "\xF5\x80\x80\x80", "\xE9\x98", "\xC3(", "\xE9(\xBF"})
	{
		CHECK_FALSE(IsUtf8(bad));
	}
}

TEST_CASE("a Live Link Face packet of ours comes back to the byte")
{
	const auto bytes = Sample("livelink_face");
	LiveLinkFacePacket packet;
	REQUIRE(DecodeLiveLinkFace(View(bytes), packet) == Verdict::Frame);
	CHECK(packet.subject == "MedTalk");
	CHECK(packet.device.size() == 36);
	CHECK(packet.frame == 2000000);
	CHECK(packet.subframe == 0.25f);
	CHECK(packet.rateNumerator == 60);
	CHECK(packet.values[60] == 60.0f / 64.0f);
	CHECK(EncodeLiveLinkFace(packet) == bytes);
}

TEST_CASE("damaged Live Link Face packets are named")
{
	const auto bytes = Sample("livelink_face");
	LiveLinkFacePacket packet;
	for (size_t size = 0; size < bytes.size(); ++size)
	{
		const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
		CHECK(DecodeLiveLinkFace(View(cut), packet) == Verdict::Truncated);
	}
	auto changed = [&](size_t at, uint8_t value) {
		auto copy = bytes;
		copy[at] = value;
		return DecodeLiveLinkFace(View(copy), packet);
	};
	CHECK(changed(0, 5) == Verdict::Foreign);
	CHECK(changed(1, 0x7F) == Verdict::Truncated);  // a name of two billion bytes
	CHECK(changed(1, 0xFF) == Verdict::Truncated);  // of a negative number
	CHECK(changed(5, 0xFF) == Verdict::Subject);    // not UTF-8
	CHECK(changed(bytes.size() - 245, 52) == Verdict::Types);
	CHECK(changed(bytes.size() - 4, 0x7F) == Verdict::Frame);
	CHECK(changed(bytes.size() - 249, 0x80) == Verdict::NotFinite); // a negative rate
	auto longer = bytes;
	longer.push_back(0);
	CHECK(DecodeLiveLinkFace(View(longer), packet) == Verdict::Trailing);
	auto nan = bytes;
	nan[nan.size() - 4] = 0x7F;
	nan[nan.size() - 3] = 0xC0;
	CHECK(DecodeLiveLinkFace(View(nan), packet) == Verdict::NotFinite);
}

TEST_CASE("commands have the types of the address table")
{
	const auto rows = ReadCsv(MEDTALK_PROTOCOL "/addresses.csv");
	const std::map<std::string, std::vector<uint8_t>> made = {
		{"emotion", Commands::Emotion("happy:0.7+sad:0.3", 1.2f, 0.4f).Datagram()},
		{"text", Commands::Text("a sly half smile", 1.0f, 0.4f).Datagram()},
		{"image", Commands::Image("C:\\ref.png", 1.0f, 0.4f).Datagram()},
		{"intensity", Commands::Intensity(1.5f).Datagram()},
		{"neutral", Commands::Neutral().Datagram()},
		{"take/start", Commands::TakeStart("SHOT", 3).Datagram()},
		{"take/stop", Commands::TakeStop().Datagram()},
		{"gain", Commands::Gain("jaw", 0.5f).Datagram()},
		{"mute", Commands::Mute(true).Datagram()},
		{"ping", Commands::Ping(7).Datagram()},
	};
	size_t seen = 0;
	for (const auto& row : rows)
	{
		if (row[3] != "in")
		{
			continue;
		}
		++seen;
		const auto& bytes = made.at(row[0].substr(std::string("/medtalk/1/").size()));
		OscMessage osc;
		REQUIRE(ParseOsc(View(bytes), osc) == Verdict::Frame);
		CHECK(osc.address == row[0]);
		std::string types;
		for (const char letter : row[1])
		{
			types += letter >= 'a' && letter <= 'z' ? std::string(1, letter) : "";
		}
		CHECK(osc.types == types);
	}
	CHECK(seen == made.size());
}

TEST_CASE("a token is the last argument, and take 0 is left to the runtime")
{
	OscMessage osc;
	const auto bytes = Commands::TakeStart("SHOT", 0).Datagram("secret");
	REQUIRE(ParseOsc(View(bytes), osc) == Verdict::Frame);
	CHECK(osc.types == "ss");
	BigEndianReader reader(osc.arguments);
	std::string_view slate, token;
	REQUIRE(ReadOscString(reader, slate));
	REQUIRE(ReadOscString(reader, token));
	CHECK(slate == "SHOT");
	CHECK(token == "secret");
}

TEST_CASE("answers are read, other datagrams are no answers")
{
	Reply reply;
	const auto ok = OscBuilder("/medtalk/1/ok").String("/medtalk/1/take/start").String("SHOT 3").Datagram();
	REQUIRE(DecodeReply(View(ok), reply));
	CHECK(reply.ok);
	CHECK(reply.command == "/medtalk/1/take/start");
	CHECK(reply.words == "SHOT 3");
	const auto error = OscBuilder("/medtalk/1/error").String("/medtalk/1/emotion").String("no such label").Datagram();
	REQUIRE(DecodeReply(View(error), reply));
	CHECK_FALSE(reply.ok);
	CHECK_FALSE(DecodeReply(View(Sample("frame_ramp")), reply));
	const auto other = OscBuilder("/other").String("a").String("b").Datagram();
	CHECK_FALSE(DecodeReply(View(other), reply));
}
