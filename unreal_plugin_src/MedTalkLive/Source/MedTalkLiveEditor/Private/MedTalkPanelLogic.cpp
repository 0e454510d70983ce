#include "MedTalkPanelLogic.h"

#include "MedTalkFaceComponent.h"
#include "MedTalkRecorder.h"
#include "UObject/UObjectIterator.h"

FName FMedTalkPanelLogic::Subject() const
{
	return Model.Subject().empty() ? FName() : FName(*MedTalk::ToString(Model.Subject()));
}

void FMedTalkPanelLogic::Tick()
{
	bool bLive = false;
	for (const medtalk::SourceState& Source : MedTalk::Sources())
	{
		for (const medtalk::SubjectStatus& Sender : Source.subjects)
		{
			bLive |= Sender.state == medtalk::StreamState::Live;
		}
	}
	Throttle.SetStreaming(bLive);
	TakeReplies();
	if (bRecorderRuns && !MedTalkRecorder::IsRecording())
	{
		bRecorderRuns = false;
		Send(Model.OnRecorderStopped("stopped in its own panel"));
	}
	Send(Model.Tick(FPlatformTime::Seconds()));
}

void FMedTalkPanelLogic::TakeReplies()
{
	for (const medtalk::Reply& Reply : Client.Poll())
	{
		Act(Model.OnReply(Reply));
	}
}

void FMedTalkPanelLogic::Act(medtalk::TakeAction Action)
{
	switch (Action)
	{
	case medtalk::TakeAction::StartRecorder:
	{
		TArray<FName> Subjects;
		for (const std::string& Name : Model.Performers(MedTalk::Sources()))
		{
			Subjects.Add(FName(*MedTalk::ToString(Name)));
		}
		const FString Problem = MedTalkRecorder::Start(Slate(), Model.Number(), Subjects);
		bRecorderRuns = Problem.IsEmpty();
		if (!bRecorderRuns)
		{
			Send(Model.OnRecorderStopped(Utf8(Problem)));
		}
		break;
	}
	case medtalk::TakeAction::StopRuntime:
		Send(medtalk::PanelModel::StopRuntime());
		break;
	case medtalk::TakeAction::StopRecorder:
		bRecorderRuns = false;
		MedTalkRecorder::Stop();
		break;
	case medtalk::TakeAction::None:
		break;
	}
}

void FMedTalkPanelLogic::Connect()
{
	MedTalk::EnsureSource(medtalk::Connection());
}

void FMedTalkPanelLogic::SetSlate(const FString& Slate)
{
	Model.Plan(Utf8(Slate), Slate.IsEmpty() ? 1 : MedTalkRecorder::NextTakeNumber(Slate));
}

void FMedTalkPanelLogic::SetTakeNumber(const FString& Number)
{
	Model.Plan(Model.Slate(), FCString::Atoi(*Number));
}

void FMedTalkPanelLogic::Record()
{
	const medtalk::Command Command = Model.Record(FPlatformTime::Seconds());
	if (!Command.Empty())
	{
		Model.OnAsked(Send(Command));
	}
}

int32 FMedTalkPanelLogic::Send(const medtalk::Command& Command)
{
	const int32 Told = Client.Send(Command, Subject());
	if (Told == 0 && !Command.Empty())
	{
		Model.OnUnheard();
	}
	return Told;
}

void FMedTalkPanelLogic::SetToken(const FString& Token)
{
	MedTalk::SetControlToken(Token, Subject());
}

FString FMedTalkPanelLogic::Probe() const
{
	FString Text;
	for (TObjectIterator<UMedTalkFaceComponent> Face; Face; ++Face)
	{
		if (Face->GetOwner() != nullptr)
		{
			for (const FString& Line : Face->Probe())
			{
				Text += Line + TEXT("\n");
			}
		}
	}
	return Text.IsEmpty() ? FString(TEXT("No face to follow: add a MedTalk Face component to the MetaHuman")) : Text;
}

FString FMedTalkPanelLogic::Health() const
{
	FString Text;
	for (const medtalk::PanelLine& Line : medtalk::PanelModel::Lines(MedTalk::Sources()))
	{
		Text += Line.health == medtalk::Health::Good ? TEXT("") : Line.health == medtalk::Health::Warning ? TEXT("! ") : TEXT("!! ");
		Text += MedTalk::ToString(Line.words) + TEXT("\n");
	}
	return Text;
}

FString FMedTalkPanelLogic::Message() const
{
	return MedTalk::ToString(Model.Message());
}

FString FMedTalkPanelLogic::Addressee() const
{
	return Model.Subject().empty() ? FString(TEXT("all senders")) : MedTalk::ToString(Model.Subject());
}
