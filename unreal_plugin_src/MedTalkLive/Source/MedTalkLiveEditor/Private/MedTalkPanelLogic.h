// Ties the panel's model to the engine: reads the sources, sends the commands, starts and
// stops the Take Recorder. No Slate here. Game thread; the editor's tick drives it.
#pragma once

#include "CoreMinimal.h"

#include "MedTalkControlClient.h"
#include "MedTalkThrottle.h"
#include "PanelModel.h"

class FMedTalkPanelLogic
{
public:
	/** Once a tick of the editor. */
	void Tick();

	void Connect();
	void SetEmotion(const FString& Label) { Send(Model.Emotion(Utf8(Label))); }
	void SetText(const FString& Words) { Send(Model.Text(Utf8(Words))); }
	void DropImage(const FString& Path) { Send(Model.Image(Utf8(Path))); }
	void SetIntensity(float Intensity) { Send(Model.SetIntensity(Intensity)); }
	void Record(const FString& Slate);

	/** Probe of every selected actor's face component, or how to add one. */
	FString Probe() const;

	FString Health() const; // several lines
	FString Message() const;
	bool IsRecording() const { return Model.State() == medtalk::TakeState::Recording; }
	float Intensity() const { return Model.Intensity(); }

private:
	static std::string Utf8(const FString& Text);
	medtalk::PanelInput Input() const;
	void Send(const std::vector<uint8_t>& Datagram);

	medtalk::PanelModel Model;
	FMedTalkControlClient Client;
	FMedTalkThrottle Throttle;
	bool bRecorderRuns = false;
};
