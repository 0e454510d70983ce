// What the panel knows and does, without Slate and without the engine: health in a few
// words, commands to one runtime or to all, and the take that the runtimes and the Take
// Recorder start and stop together. Game thread only. Tested in Tests/core.
#pragma once

#include <string>
#include <vector>

#include "MedTalkCore/Commands.h"
#include "MedTalkCore/Route.h"

namespace medtalk
{

enum class Health : uint8_t
{
	Good,
	Warning,
	Bad,
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
	Starting, // the runtimes have been asked
	Recording,
	Stopping,
};

/** What the engine side has to do after a click or an answer. */
enum class TakeAction : uint8_t
{
	None,
	StartRecorder,
	StopRecorder,
	StopRuntime, // a take began after we had given up waiting, or beside a runtime that refused
};

class PanelModel
{
public:
	/** Labels of the emotion buttons, in their order. */
	static const std::vector<std::string>& Emotions();

	/** Connection and health, source by source. */
	static std::vector<PanelLine> Lines(const std::vector<SourceState>& sources);

	/** Whose runtime the commands go to; empty: all that send. */
	const std::string& Subject() const { return subject_; }

	/** The next choice: all, then each sender, then all again. */
	void NextSubject(const std::vector<SourceState>& sources);

	/** Subjects that a take is made of: the chosen one, else all that send at present. */
	std::vector<std::string> Performers(const std::vector<SourceState>& sources) const;

	// each answers with the command to send; an empty one where there is nothing to send
	Command Emotion(const std::string& label) const;
	Command Text(const std::string& words) const;
	Command Image(const std::string& path); // refused, in words, where it is no picture
	Command SetIntensity(float intensity);

	/** Slate and number (1 and up) of the next take; refused while one runs. */
	void Plan(const std::string& slate, int number);

	/** The record button: starts the runtimes' takes first, so that a refusal leaves nothing half recorded. */
	Command Record(double now);

	/** How many runtimes the take's command went to: so many have to answer. */
	void OnAsked(int runtimes);

	/** A command found no runtime. */
	void OnUnheard();

	/** An answer of a runtime. */
	TakeAction OnReply(const Reply& reply);

	/** Ends the runtimes' takes. */
	static Command StopRuntime() { return Commands::TakeStop(); }

	/** The Take Recorder did not start, or was stopped by other hands. */
	Command OnRecorderStopped(const std::string& why);

	/** Lets time pass: a runtime that does not answer is said so, and takes that began are ended by the command answered. */
	Command Tick(double now);

	TakeState State() const { return state_; }
	const std::string& Slate() const { return slate_; } // of the take that runs, else of the next
	int Number() const { return number_; }
	float Intensity() const { return intensity_; }
	const std::string& Message() const { return message_; } // the newest answer or refusal

private:
	TakeAction Started(const Reply& reply);
	void Finish();

	std::string subject_;
	TakeState state_ = TakeState::Idle;
	std::string slate_;
	int number_ = 1;
	float intensity_ = 1.0f;
	int awaited_ = 1; // answers to the take's command
	double asked_ = 0.0;
	std::string message_;
};

} // namespace medtalk
