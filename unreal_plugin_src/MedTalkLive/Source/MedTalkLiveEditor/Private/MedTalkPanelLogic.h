// Ties the panel's model to the engine: reads the sources, sends the commands, starts and
// stops the Take Recorder. No Slate here. Game thread; the editor's tick drives it.
#pragma once

#include "CoreMinimal.h"

#include "MedTalkControlClient.h"
#include "MedTalkStatus.h"
#include "MedTalkText.h"
#include "MedTalkThrottle.h"
#include "PanelModel.h"

class FMedTalkPanelLogic
{
public:
	/** Once a tick of the editor. */
	void Tick();

	void Connect();
	void NextSubject() { Model.NextSubject(MedTalk::Sources()); }
	void SetEmotion(const FString& Label) { Send(Model.Emotion(Utf8(Label))); }
	void SetText(const FString& Words) { Send(Model.Text(Utf8(Words))); }
	void DropImage(const FString& Path) { Send(Model.Image(Utf8(Path))); }
	void SetIntensity(float Intensity) { Send(Model.SetIntensity(Intensity)); }
	void SetToken(const FString& Token);
	void SetSlate(const FString& Slate); // and the number that is free
	void SetTakeNumber(const FString& Number);
	void Record();

	/** Probe of every selected actor's face component, or how to add one. */
	FString Probe() const;

	FString Health() const; // several lines
	FString Message() const;
	FString Addressee() const; // whose runtime the commands go to
	bool IsRecording() const { return Model.State() == medtalk::TakeState::Recording; }
	FString Slate() const { return MedTalk::ToString(Model.Slate()); }
	FString TakeNumber() const { return FString::FromInt(Model.Number()); }
	float Intensity() const { return Model.Intensity(); }

private:
	static std::string Utf8(const FString& Text) { return MedTalk::ToUtf8(Text); }
	FName Subject() const;
	int32 Send(const medtalk::Command& Command);
	void TakeReplies();
	void Act(medtalk::TakeAction Action);

	medtalk::PanelModel Model;
	FMedTalkControlClient Client;
	FMedTalkThrottle Throttle;
	bool bRecorderRuns = false;
};
