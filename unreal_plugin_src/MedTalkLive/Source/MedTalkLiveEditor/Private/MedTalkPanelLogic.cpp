#include "MedTalkPanelLogic.h"

#include "MedTalkFaceComponent.h"
#include "MedTalkRecorder.h"
#include "MedTalkStatus.h"
#include "MedTalkText.h"
#include "UObject/UObjectIterator.h"

std::string FMedTalkPanelLogic::Utf8(const FString& Text)
{
	return MedTalk::ToUtf8(Text);
}

medtalk::PanelInput FMedTalkPanelLogic::Input() const
{
	medtalk::PanelInput Input;
	Input.nowSeconds = FPlatformTime::Seconds();
	for (const FMedTalkSnapshot& Snapshot : MedTalk::Snapshots())
	{
		Input.hasSource = true;
		Input.bound = Snapshot.bBound;
		Input.port = Snapshot.Connection.port;
		Input.subjects.insert(Input.subjects.end(), Snapshot.Subjects.begin(), Snapshot.Subjects.end());
	}
	return Input;
}

void FMedTalkPanelLogic::Tick()
{
	bool bLive = false;
	for (const medtalk::SubjectStatus& Subject : Input().subjects)
	{
		bLive |= Subject.state == medtalk::StreamState::Live;
	}
	Throttle.SetStreaming(bLive);
	for (const medtalk::Reply& Reply : Client.Poll())
	{
		const medtalk::TakeAction Action = Model.OnReply(Reply);
		if (Action == medtalk::TakeAction::StartRecorder)
		{
			const FString Problem = MedTalkRecorder::Start(MedTalk::ToString(Model.Slate()), Model.Number());
			bRecorderRuns = Problem.IsEmpty();
			if (!bRecorderRuns)
			{
				Send(Model.OnRecorderStopped(Utf8(Problem)));
			}
		}
		else if (Action == medtalk::TakeAction::StopRuntime)
		{
			Send(Model.StopRuntime());
		}
		else if (Action == medtalk::TakeAction::StopRecorder)
		{
			bRecorderRuns = false;
			MedTalkRecorder::Stop();
		}
	}
	if (bRecorderRuns && !MedTalkRecorder::IsRecording())
	{
		bRecorderRuns = false;
		Send(Model.OnRecorderStopped("stopped in its own panel"));
	}
	Model.Tick(FPlatformTime::Seconds());
}

void FMedTalkPanelLogic::Connect()
{
	MedTalk::EnsureSource(medtalk::Connection());
}

void FMedTalkPanelLogic::Record(const FString& Slate)
{
	const int32 Next = Slate.IsEmpty() ? 0 : MedTalkRecorder::NextTakeNumber(Slate);
	Send(Model.Record(Utf8(Slate), Next, FPlatformTime::Seconds()));
}

void FMedTalkPanelLogic::Send(const std::vector<uint8_t>& Datagram)
{
	medtalk::Connection Target;
	const TArray<FMedTalkSnapshot> Sources = MedTalk::Snapshots();
	if (Sources.Num() > 0)
	{
		Target = Sources[0].Connection;
	}
	if (!Datagram.empty())
	{
		Client.Send(MedTalk::ToString(Target.controlHost), Target.controlPort, Datagram);
	}
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
	for (const medtalk::PanelLine& Line : medtalk::PanelModel::Lines(Input()))
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
