#include <doctest/doctest.h>

#include "MedTalkCore/Probe.h"
#include "PanelModel.h"
#include "Samples.h"

using namespace medtalk;

namespace
{

std::string AddressOf(const std::vector<uint8_t>& bytes)
{
	OscMessage osc;
	return ParseOsc(View(bytes), osc) == Verdict::Frame ? std::string(osc.address) : "";
}

Reply Answer(bool ok, const char* command, const char* words)
{
	Reply reply;
	reply.ok = ok;
	reply.command = command;
	reply.words = words;
	return reply;
}

PanelInput Streaming()
{
	PanelInput input;
	input.hasSource = input.bound = true;
	input.port = 9870;
	input.nowSeconds = 100.0;
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
	input.subjects.push_back(subject);
	return input;
}

ProbeFacts Healthy()
{
	ProbeFacts facts;
	facts.liveLink = facts.bound = facts.subjectListed = facts.faceFound = facts.curveThere = facts.postProcess = true;
	facts.port = 9870;
	facts.frameAgeSeconds = 0.02;
	facts.propertyCount = kPropertyCount;
	facts.animClass = "MedTalkAnimInstance";
	facts.subjectValue = 0.4f;
	facts.curveValue = 0.38f;
	return facts;
}

} // namespace

TEST_CASE("the panel says rate, latency, loss and the last hello")
{
	const auto lines = PanelModel::Lines(Streaming());
	REQUIRE(lines.size() == 2);
	CHECK(lines[0].health == Health::Good);
	CHECK(lines[0].words == "MedTalk: 60.0 Hz, latency 78 ms, jitter 0.0 ms, lost 0.00 %");
	CHECK(lines[1].words == "  medtalk-live 0.1.0, model starter, happy, timecode 10:20:30:40, hello 0.5 s ago");
}

TEST_CASE("the panel names what is wrong and what to do")
{
	PanelInput input;
	CHECK(PanelModel::Lines(input)[0].health == Health::Bad);
	input.hasSource = true;
	input.port = 9870;
	CHECK(PanelModel::Lines(input)[0].words.find("9870") != std::string::npos);
	input.bound = true;
	CHECK(PanelModel::Lines(input)[0].words.find("firewall") != std::string::npos);
	input = Streaming();
	input.subjects[0].counts.lost = 50;
	CHECK(PanelModel::Lines(input)[0].health == Health::Warning);
	input.subjects[0].state = StreamState::Resting;
	CHECK(PanelModel::Lines(input)[0].words.find("rests") != std::string::npos);
	input.subjects[0].state = StreamState::Waiting;
	input.subjects[0].lastHelloSeconds = 0.0;
	CHECK(PanelModel::Lines(input)[0].words.find("sound") != std::string::npos);
	CHECK(PanelModel::Lines(input)[1].words.find("no hello") != std::string::npos);
	input.subjects[0].tableDiffers = true;
	CHECK(PanelModel::Lines(input)[0].health == Health::Bad);
	input.subjects[0].lastHelloSeconds = 90.0;
	CHECK(PanelModel::Lines(input)[1].health == Health::Warning);
}

TEST_CASE("buttons, text, pictures and the slider become commands")
{
	PanelModel model;
	CHECK(PanelModel::Emotions().size() == 7);
	CHECK(AddressOf(model.Emotion("happy")) == "/medtalk/1/emotion");
	CHECK(AddressOf(model.Emotion("neutral")) == "/medtalk/1/neutral");
	CHECK(AddressOf(model.Text("tired but glad")) == "/medtalk/1/text");
	CHECK(model.Text("").empty());
	CHECK(AddressOf(model.Image("C:\\refs\\Smile.PNG")) == "/medtalk/1/image");
	CHECK(model.Image("notes.txt").empty());
	CHECK(model.Image("nothing").empty());
	CHECK(model.Message().find("no picture") != std::string::npos);
	CHECK(AddressOf(model.SetIntensity(5.0f)) == "/medtalk/1/intensity");
	CHECK(model.Intensity() == 2.0f);
	model.SetIntensity(-1.0f);
	CHECK(model.Intensity() == 0.0f);
	model.SetToken("secret");
	CHECK(model.SetIntensity(1.0f).size() > 20);
}

TEST_CASE("a take starts in the runtime first, then in the recorder, and both stop together")
{
	PanelModel model;
	CHECK(model.Record("", 1, 0.0).empty());
	CHECK(AddressOf(model.Record("SHOT", 3, 0.0)) == "/medtalk/1/take/start");
	CHECK(model.State() == TakeState::Starting);
	CHECK(model.Record("SHOT", 3, 0.1).empty()); // a second click waits
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 3 in takes/")) == TakeAction::StartRecorder);
	CHECK(model.Slate() == "SHOT");
	CHECK(model.Number() == 3);
	CHECK(AddressOf(model.Record("SHOT", 4, 5.0)) == "/medtalk/1/take/stop");
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/stop", "closed")) == TakeAction::StopRecorder);
	CHECK(model.State() == TakeState::Idle);
}

TEST_CASE("a refused or unanswered take leaves nothing half recorded")
{
	PanelModel model;
	model.Record("SHOT", 0, 0.0);
	CHECK(model.Number() == 1);
	CHECK(model.OnReply(Answer(false, "/medtalk/1/take/start", "the disk is full")) == TakeAction::None);
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.Message() == "the disk is full");
	model.Record("SHOT", 1, 10.0);
	model.Tick(12.0);
	CHECK(model.State() == TakeState::Starting);
	model.Tick(14.0);
	CHECK(model.State() == TakeState::Idle);
	CHECK(model.OnReply(Answer(true, "/medtalk/1/take/start", "too late")) == TakeAction::StopRuntime);
	CHECK(AddressOf(model.StopRuntime()) == "/medtalk/1/take/stop");
	model.Record("SHOT", 1, 20.0);
	model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 1"));
	CHECK(AddressOf(model.OnRecorderStopped("cancelled")) == "/medtalk/1/take/stop");
	CHECK(model.OnRecorderStopped("again").empty());
	model.Record("SHOT", 2, 30.0);
	model.OnReply(Answer(true, "/medtalk/1/take/start", "SHOT 2"));
	model.Record("SHOT", 2, 31.0);
	model.Tick(40.0);
	CHECK(model.State() == TakeState::Recording); // it can be asked again
	CHECK(model.OnReply(Answer(true, "/medtalk/1/ping", "7")) == TakeAction::None);
}

TEST_CASE("the probe follows a healthy face to its end")
{
	const auto lines = Diagnose(Healthy());
	CHECK(lines.size() == 13);
	for (const ProbeLine& line : lines)
	{
		CHECK(line.good);
	}
}

TEST_CASE("the probe stops at the first station that fails and says what to do")
{
	const auto stopsWith = [](const char* words, void (*harm)(ProbeFacts&)) {
		ProbeFacts facts = Healthy();
		harm(facts);
		const auto lines = Diagnose(facts);
		CAPTURE(words);
		CHECK_FALSE(lines.back().good);
		CHECK(lines.back().words.find(words) != std::string::npos);
	};
	stopsWith("Live Link plugin", [](ProbeFacts& f) { f.liveLink = false; });
	stopsWith("+ Source", [](ProbeFacts& f) { f.port = 0; });
	stopsWith("Port 9870", [](ProbeFacts& f) { f.bound = false; });
	stopsWith("same version", [](ProbeFacts& f) { f.tableDiffers = true; });
	stopsWith("firewall", [](ProbeFacts& f) { f.subjectListed = false; });
	stopsWith("stopped", [](ProbeFacts& f) { f.frameAgeSeconds = -1.0; });
	stopsWith("same subject name", [](ProbeFacts& f) { f.propertyCount = 0; });
	stopsWith("'Face'", [](ProbeFacts& f) { f.faceFound = false; });
	stopsWith("leader", [](ProbeFacts& f) { f.leaderPose = true; });
	stopsWith("no animation instance", [](ProbeFacts& f) { f.animClass.clear(); });
	stopsWith("Native", [](ProbeFacts& f) { f.curveThere = false; });
	stopsWith("Sequencer", [](ProbeFacts& f) { f.curveValue = 0.0f; });
	stopsWith("post-process", [](ProbeFacts& f) { f.postProcess = false; });
}
