// What the panel knows and does, without Slate and without the engine: health in a few
// words, commands to the runtime, and the take that the runtime and the Take Recorder
// start and stop together. Game thread only. Tested in Tests/core.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/Receiver.h"

namespace medtalk
{

enum class Health : uint8_t
{
	Good,
	Warning,
	Bad,
};

/** What the engine side knows of the connection. */
struct PanelInput
{
	bool hasSource = false;
	bool bound = false;
	int port = 0;
	double nowSeconds = 0.0; // on the clock of the statuses
	std::vector<SubjectStatus> subjects;
};

/** One line of the panel. */
struct PanelLine
{
	Health health = Health::Good;
	std::string words;
};

enum class TakeState : uint8_t
{
	Idle,
	Starting, // the runtime has been asked
	Recording,
	Stopping,
};

/** What the engine side has to do after a click or an answer. */
enum class TakeAction : uint8_t
{
	None,
	StartRecorder,
	StopRecorder,
	StopRuntime, // its take began after we had given up waiting
};

class PanelModel
{
public:
	/** Labels of the emotion buttons, in their order. */
	static const std::vector<std::string>& Emotions();

	/** Connection and health, the worst news first. */
	static std::vector<PanelLine> Lines(const PanelInput& input);

	// each answers with the datagram to send; empty where there is nothing to send
	std::vector<uint8_t> Emotion(const std::string& label) const;
	std::vector<uint8_t> Text(const std::string& words) const;
	std::vector<uint8_t> Image(const std::string& path); // refused, in words, where it is no picture
	std::vector<uint8_t> SetIntensity(float intensity);

	/** The record button: starts the runtime's take first, so that a refusal leaves nothing half recorded. */
	std::vector<uint8_t> Record(const std::string& slate, int nextNumber, double now);

	/** An answer of the runtime. */
	TakeAction OnReply(const Reply& reply);

	/** Ends the runtime's take. */
	std::vector<uint8_t> StopRuntime() const { return commands_.TakeStop(); }

	/** The Take Recorder did not start, or was stopped by other hands. */
	std::vector<uint8_t> OnRecorderStopped(const std::string& why);

	/** Lets time pass: a runtime that does not answer is said so. */
	void Tick(double now);

	void SetToken(const std::string& token) { commands_ = Commands(token); }

	TakeState State() const { return state_; }
	const std::string& Slate() const { return slate_; }
	int Number() const { return number_; }
	float Intensity() const { return intensity_; }
	const std::string& Message() const { return message_; } // the newest answer or refusal

private:
	Commands commands_;
	TakeState state_ = TakeState::Idle;
	std::string slate_;
	int number_ = 0;
	float intensity_ = 1.0f;
	double asked_ = 0.0;
	std::string message_;
};

} // namespace medtalk
