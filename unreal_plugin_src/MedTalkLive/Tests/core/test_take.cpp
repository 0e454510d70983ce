#include <doctest/doctest.h>

#include "MedTalkCore/Connection.h"
#include "MedTalkCore/Json.h"
#include "MedTalkCore/Take.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

std::string Words(const std::string& take)
{
	const auto bytes = ReadBytes(MEDTALK_PROTOCOL "/" + take + "/take.json");
	return {bytes.begin(), bytes.end()};
}

ByteView ViewOf(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

std::string Replaced(std::string text, const std::string& from, const std::string& to)
{
	const size_t at = text.find(from);
	REQUIRE(at != std::string::npos);
	return text.replace(at, from.size(), to);
}

bool Reads(const std::string& words, std::string& problem)
{
	Take take;
	return ReadTake(ViewOf(words), {}, take, problem);
}

} // namespace

TEST_CASE("the sample take is read whole")
{
	const auto curves = ReadBytes(MEDTALK_PROTOCOL "/SAMPLE_001.take/curves.bin");
	Take take;
	std::string problem;
	REQUIRE(ReadTake(ViewOf(Words("SAMPLE_001.take")), View(curves), take, problem));
	CHECK(take.slate == "SAMPLE");
	CHECK(take.number == 1);
	CHECK(take.startTimecode == "10:20:30:40");
	CHECK(take.audioRate == 16000);
	CHECK(take.closed);
	CHECK(take.rows.size() == 24);
	CHECK(take.brokenBytes == 0);
	CHECK(take.guidance.size() == 2);
	CHECK(take.guidance[1].words == "happy");
	CHECK(take.rows[23].pose.head[0] == 10.0f);
	CHECK(take.rows[23].time == doctest::Approx(23 / 60.0));
	CHECK(take.rows[23].pose.controls[1] == doctest::Approx(-0.26)); // pattern() of make_samples.py
}

TEST_CASE("a crashed take is read up to its break")
{
	const auto curves = ReadBytes(MEDTALK_PROTOCOL "/CRASHED_001.take/curves.bin");
	Take take;
	std::string problem;
	REQUIRE(ReadTake(ViewOf(Words("CRASHED_001.take")), View(curves), take, problem));
	CHECK(take.rows.size() == 20);
	CHECK(take.brokenBytes == 300);
	CHECK_FALSE(take.closed);
}

TEST_CASE("a flipped bit ends the take at its row")
{
	auto curves = ReadBytes(MEDTALK_PROTOCOL "/SAMPLE_001.take/curves.bin");
	curves[736 * 5 + 100] ^= 1;
	Take take;
	std::string problem;
	REQUIRE(ReadTake(ViewOf(Words("SAMPLE_001.take")), View(curves), take, problem));
	CHECK(take.rows.size() == 5);
	CHECK(take.brokenBytes == 736 * 19);
}

TEST_CASE("a take.json that is damaged, newer or of another rig is refused in a sentence")
{
	const std::string good = Words("SAMPLE_001.take");
	std::string problem;
	REQUIRE(Reads(good, problem));
	CHECK_FALSE(Reads("", problem));
	CHECK(problem.find("repair") != std::string::npos);
	CHECK_FALSE(Reads(good.substr(0, 1000), problem));
	CHECK_FALSE(Reads(Replaced(good, "medtalk-take", "other"), problem));
	CHECK_FALSE(Reads(Replaced(good, "\"version\": 1", "\"version\": 2"), problem));
	CHECK(problem.find("newer") != std::string::npos);
	CHECK_FALSE(Reads(Replaced(good, "CTRL_C_jaw-translateX", "CTRL_C_jawX"), problem));
	CHECK(problem.find("rig") != std::string::npos);
	CHECK_FALSE(Reads(Replaced(good, "  60,\n  1", "  60,\n  0"), problem));
	CHECK_FALSE(Reads(Replaced(good, "\"time\": 0.2", "\"time\": \"x\""), problem));
	CHECK_FALSE(Reads(Replaced(good, "16000", "-5"), problem));
	CHECK_FALSE(Reads(Replaced(good, "\"take\": 1", "\"take\": 1.5"), problem));
	CHECK_FALSE(Reads(Replaced(good, "\"CTRL_C_eye-translateX\",", ""), problem));
}

TEST_CASE("the authors' spelling and another order of the controls are read")
{
	const std::string good = Words("SAMPLE_001.take");
	std::string published = good;
	for (int i = 0; i < kControlCount; ++i)
	{
		if (std::string(Control(i).name) != Control(i).published)
		{
			published = Replaced(published, Control(i).name, Control(i).published);
		}
	}
	CHECK(published != good);
	const auto curves = ReadBytes(MEDTALK_PROTOCOL "/SAMPLE_001.take/curves.bin");
	Take take, swapped;
	std::string problem;
	CHECK(ReadTake(ViewOf(published), View(curves), take, problem));
	std::string other = Replaced(good, "CTRL_C_eye-translateX", "@");
	other = Replaced(other, "CTRL_C_eye-translateY", "CTRL_C_eye-translateX");
	other = Replaced(other, "@", "CTRL_C_eye-translateY");
	REQUIRE(ReadTake(ViewOf(other), View(curves), swapped, problem));
	CHECK(swapped.rows[20].pose.controls[0] == take.rows[20].pose.controls[1]);
}

TEST_CASE("the importer's JSON is JSON and holds every curve")
{
	const auto curves = ReadBytes(MEDTALK_PROTOCOL "/SAMPLE_001.take/curves.bin");
	Take take;
	std::string problem;
	REQUIRE(ReadTake(ViewOf(Words("SAMPLE_001.take")), View(curves), take, problem));
	JsonValue json;
	size_t broken = 0;
	REQUIRE(ParseJson(TakeToJson(take, "C:\\takes\\audio.wav"), json, broken));
	CHECK(json["format"].text == "medtalk-unreal-take");
	CHECK(json["frames"].items.size() == 24);
	CHECK(json["board"].keys.size() == kBoardCount);
	CHECK(json["raw"].keys.size() == kRawCount);
	CHECK(json["head"]["head_yaw"].items.size() == 1); // it never moves
	CHECK(json["audio"].text == "C:\\takes\\audio.wav");
	CHECK(json["guidance"].items[1]["frame"].number == 12);
	CHECK(json["drop_frame"].boolean == false);
	take.startTimecode.clear();
	take.rateNumerator = 60000;
	take.rateDenominator = 1001;
	REQUIRE(ParseJson(TakeToJson(take, ""), json, broken));
	CHECK(json["drop_frame"].boolean);
	CHECK(json["audio"].Is(JsonValue::Kind::Null));
	REQUIRE(ParseJson(TakeToJson(Take(), ""), json, broken));
	CHECK(json["times"].items.empty());
}

TEST_CASE("JSON is read with its escapes, and damage is placed")
{
	JsonValue value;
	size_t broken = 0;
	REQUIRE(ParseJson(R"( {"a": [1, -2.5e2, true, false, null, 3E+1], "b\u00eb\ud83d\ude00\n\"": {"c": []}, "d": {}} )", value, broken));
	CHECK(value["a"].items[1].number == -250.0);
	CHECK(value["a"].items[5].number == 30.0);
	CHECK(value["b\xC3\xAB\xF0\x9F\x98\x80\n\""]["c"].items.empty());
	CHECK(value["nothing"].Is(JsonValue::Kind::Null));
	for (const char* bad : {"", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\u12g4\"",
			 "\"\x01\"", "\"open", "1.", "-", "1e", "1e999", "[1 2]", "1 2", "\"\xFF\"", "{\"a\":1,}", "\"\\ud800\\u0041\""})
	{
		CAPTURE(bad);
		CHECK_FALSE(ParseJson(bad, value, broken));
	}
	CHECK_FALSE(ParseJson(std::string(100, '['), value, broken)); // deeper than anything of ours
	std::string text;
	AppendQuoted(text, "a\"\\\n\x01");
	CHECK(text == "\"a\\\"\\\\\\u000a\\u0001\"");
	text.clear();
	AppendNumber(text, -0.0000001, 5);
	text += ' ';
	AppendNumber(text, 12.5, 5);
	text += ' ';
	AppendNumber(text, 100, 0);
	CHECK(text == "0 12.5 100");
}

TEST_CASE("CRC-32 is zlib's")
{
	CHECK(Crc32(ViewOf("123456789")) == 0xCBF43926u);
	CHECK(Crc32({}) == 0u);
}

TEST_CASE("connection strings are read, written and refused")
{
	Connection connection;
	std::string problem;
	REQUIRE(ParseConnection("", connection, problem));
	CHECK(ConnectionText(connection) == "port=9870;bind=127.0.0.1");
	REQUIRE(ParseConnection("control=10.0.0.7", connection, problem));
	CHECK(ConnectionText(connection) == "port=9870;bind=127.0.0.1;control=10.0.0.7");
	REQUIRE(ParseConnection("control=:9881", connection, problem));
	CHECK(ConnectionText(connection) == "port=9870;bind=127.0.0.1;control=:9881");
	connection.token = "secret";
	CHECK(ConnectionText(connection).find("secret") == std::string::npos);
	REQUIRE(ParseConnection("port=9000;;bind=0.0.0.0;control=10.0.0.7:1234", connection, problem));
	CHECK(connection.port == 9000);
	CHECK(connection.controlHost == "10.0.0.7");
	Connection again;
	REQUIRE(ParseConnection(ConnectionText(connection), again, problem));
	CHECK(again.controlPort == 1234);
	for (const char* bad : {"port=0", "port=65536", "port=99999999999", "port=x", "port", "bind=localhost", "bind=1.2.3", "bind=1.2.3.4.5",
			 "bind=1.2.3.256", "control=", "control=1.2.3.4:", "control=1.2.3.4:0", "control=there:9871", "host=1.2.3.4", "bind="})
	{
		CAPTURE(bad);
		CHECK_FALSE(ParseConnection(bad, connection, problem));
		CHECK(problem.find("port=9870") != std::string::npos);
	}
}
