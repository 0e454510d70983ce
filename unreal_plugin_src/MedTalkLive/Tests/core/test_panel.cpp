#include <doctest/doctest.h>

#include "PanelModel.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

std::string AddressOf(const Command& command)
{
	const std::vector<uint8_t> bytes = command.Datagram();
	OscMessage osc;
	return !command.Empty() && ParseOsc(View(bytes), osc) == Verdict::Frame ? std::string(osc.address) : "";
}

Reply Answer(bool ok, const char* command, const char* words)
{
	Reply reply;
	reply.ok = ok;
	reply.command = command;
	reply.words = words;
	return reply;
}

SourceState Streaming()
{
	SourceState source;
	source.bound = true;
	source.nowSeconds = 100.0;
	SubjectStatus subject;
	subject.name = "MedTalk";
	subject.state = StreamState::Live;
	subject.frameRate = 60.0;
	subject.counts.received = 1000;
	subject.latencyMs = 78.5f;
	subject.lastHelloSeconds = 99.5;
	subject.version = "0.1.0";
	subject.model = "starter";
	subject.guidance = "happy";
	subject.timecode = "10:20:30:40";
	source.subjects.push_back(subject);
	return source;
}

} // namespace

TEST_CASE("the panel says rate, latency, loss and the last hello")
{
	const auto lines = PanelModel::Lines({Streaming()});
	REQUIRE(lines.size() == 2);
	CHECK(lines[0].health == Health::Good);
	CHECK(lines[0].words == "MedTalk: 60.0 Hz, latency 78 ms, jitter 0.0 ms, lost 0.00 %");
	CHECK(lines[1].words == "  medtalk-live 0.1.0, model starter, happy, timecode 10:20:30:40, hello 0.5 s ago");
}

TEST_CASE("the panel names what is wrong and what to do")
{
	CHECK(PanelModel::Lines({})[0].health == Health::Bad);
	SourceState source;
	CHECK(PanelModel::Lines({source})[0].words.find("9870 cannot be bound") != std::string::npos);
	source.bound = true;
	CHECK(PanelModel::Lines({source})[0].words.find("firewall") != std::string::npos);
	source = Streaming();
	SubjectStatus& subject = source.subjects[0];
	subject.counts.lost = 50;
	CHECK(PanelModel::Lines({source})[0].health == Health::Warning);
	subject.state = StreamState::Resting;
	CHECK(PanelModel::Lines({source})[0].words.find("rests") != std::string::npos);
	subject.state = StreamState::Waiting;
	subject.lastHelloSeconds = 0.0;
	CHECK(PanelModel::Lines({source})[0].words.find("sound") != std::string::npos);
	CHECK(PanelModel::Lines({source})[1].words.find("no hello") != std::string::npos);
	subject.tableDiffers = true;
	CHECK(PanelModel::Lines({source})[0].health == Health::Bad);
	subject.lastHelloSeconds = 90.0;
	CHECK(PanelModel::Lines({source})[1].health == Health::Warning);
}

TEST_CASE("a second source that cannot be bound is said beside a healthy one")
{
	SourceState second;
	second.connection.port = 9880;
	const auto lines = PanelModel::Lines({Streaming(), second});
	REQUIRE(lines.size() == 3);
	CHECK(lines[0].health == Health::Good);
	CHECK(lines[2].words.find("9880") != std::string::npos);
}

TEST_CASE("the addressee goes round: all, each sender, all again")
{
	SourceState first = Streaming(), second = Streaming();
	first.subjects[0].name = "Ada";
	second.subjects[0].name = "Ben";
	PanelModel model;
	CHECK(model.Subject().empty());
	for (const char* wanted : {"Ada", "Ben", "", "Ada"})
	{
		model.NextSubject({first, second});
		CHECK(model.Subject() == wanted);
	}
	CHECK(model.Performers({first, second}) == std::vector<std::string>{"Ada"});
	model.NextSubject({}); // everybody has gone
	CHECK(model.Subject().empty());
}

TEST_CASE("a take of all records those who send at present")
{
	SourceState first = Streaming(), second = Streaming();
	second.subjects[0].name = "Gone";
	second.subjects[0].state = StreamState::Resting;
	second.subjects[0].lastHelloSeconds = 20.0;
	CHECK(PanelModel().Performers({first, second}) == std::vector<std::string>{"MedTalk"});
}

TEST_CASE("buttons, text, pictures and the slider become commands")
{
	PanelModel model;
	CHECK(PanelModel::Emotions().size() == 7);
	CHECK(AddressOf(model.Emotion("happy")) == "/medtalk/1/emotion");
	CHECK(AddressOf(model.Emotion("neutral")) == "/medtalk/1/neutral");
	CHECK(AddressOf(model.Text("tired but glad")) == "/medtalk/1/text");
	CHECK(model.Text("").Empty());
	CHECK(AddressOf(model.Image("C:\\refs\\Smile.PNG")) == "/medtalk/1/image");
	CHECK(model.Image("notes.txt").Empty());
	CHECK(model.Image("nothing").Empty());
	CHECK(model.Message().find("no picture") != std::string::npos);
	CHECK(AddressOf(model.SetIntensity(5.0f)) == "/medtalk/1/intensity");
	CHECK(model.Intensity() == 2.0f);
	model.SetIntensity(-1.0f);
	CHECK(model.Intensity() == 0.0f);
	model.OnUnheard();
	CHECK(model.Message().find("No runtime") != std::string::npos);
}

TEST_CASE("a take starts in the runtime first, then in the recorder, and both stop together")
{
	PanelModel model;
	CHECK(model.Record(0.0).Empty()); // no slate yet
	model.Plan("SHOT", 3);
	CHECK(AddressOf(model.Record(0.0)) == "/medtalk/1/take/start");
	model.OnAsked(1);
	CHECK(model.State() == TakeState::Starting);
	CHECK(model.Record(0.1).Empty()); // a second click waits
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 3 in takes/")) == TakeAction::StartRecorder);
	CHECK(model.Slate() == "SHOT");
	CHECK(model.Number() == 3);
	model.Plan("OTHER", 8); // not while it runs
	CHECK(model.Slate() == "SHOT");
	CHECK(AddressOf(model.Record(5.0)) == "/medtalk/1/take/stop");
	model.OnAsked(1);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/stop", "closed")) == TakeAction::StopRecorder);
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.Message() == "closed");
	CHECK(model.Number() == 4); // the next take's
	model.Plan("OTHER", -5);
	CHECK(model.Slate() == "OTHER");
	CHECK(model.Number() == 1);
}

TEST_CASE("a take of several runtimes begins when all have answered and ends when all have")
{
	PanelModel model;
	model.Plan("SHOT", 3);
	model.Record(0.0);
	model.OnAsked(2);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "Ada")) == TakeAction::None);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "Ben")) == TakeAction::StartRecorder);
	model.Record(5.0);
	model.OnAsked(2);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/stop", "Ada")) == TakeAction::None);
	CHECK(model.State() == TakeState::Stopping);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/stop", "Ben")) == TakeAction::StopRecorder);
}

TEST_CASE("where one of several runtimes refuses a take, the others' takes are ended")
{
	PanelModel model;
	model.Plan("SHOT", 3);
	model.Record(0.0);
	model.OnAsked(3);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "Ada")) == TakeAction::None);
	CHECK(model.OnReply(Answer(false, "/medtalk/1/take/start", "the disk is full")) == TakeAction::StopRuntime);
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/stop", "Ada closed")) == TakeAction::None);
	CHECK(model.Message() == "the disk is full"); // the reason stays
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "Ben, late")) == TakeAction::StopRuntime);
}

TEST_CASE("a refused or unanswered take leaves nothing half recorded")
{
	PanelModel model;
	model.Plan("SHOT", 0);
	model.Record(0.0);
	CHECK(model.Number() == 1);
	model.OnAsked(0);
	CHECK(model.State() == TakeState::Idle);
	model.Record(0.0);
	model.OnAsked(1);
	CHECK(model.OnReply(Answer(false, "/medtalk/1/take/start", "the disk is full")) == TakeAction::None);
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.Message() == "the disk is full");
	CHECK(model.Number() == 1); // not used up
	model.Record(10.0);
	CHECK(model.Tick(12.0).Empty());
	CHECK(model.State() == TakeState::Starting);
	CHECK(AddressOf(model.Tick(14.0)) == "/medtalk/1/take/stop"); // some may have begun
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "too late")) == TakeAction::StopRuntime);
	CHECK(AddressOf(PanelModel::StopRuntime()) == "/medtalk/1/take/stop");
	model.Record(20.0);
	model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 1"));
	CHECK(AddressOf(model.OnRecorderStopped("cancelled")) == "/medtalk/1/take/stop");
	CHECK(model.OnRecorderStopped("again").Empty());
	model.Record(30.0);
	model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 2"));
	model.Record(31.0);
	model.OnAsked(0); // the runtime has gone
	CHECK(model.Tick(40.0).Empty());
	CHECK(model.State() == TakeState::Recording); // it can be asked again
	CHECK(model.OnReply(Answer(true, "/medtalk/1/ping", "7")) == TakeAction::None);
}
