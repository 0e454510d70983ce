#include "MedTalkSource.h"

#include "ILiveLinkClient.h"
#include "MedTalkLog.h"
#include "MedTalkSourceFactory.h"
#include "MedTalkSourceSettings.h"
#include "Misc/App.h"

FMedTalkSource::FMedTalkSource(const medtalk::Connection& InConnection)
	: Connection(InConnection)
	, Record(MakeShared<FMedTalkRecord, ESPMode::ThreadSafe>(InConnection))
{
}

void FMedTalkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	Guid = InSourceGuid;
	Record->Source = InSourceGuid;
	MedTalk::AddRecord(Record);
	Open();
}

void FMedTalkSource::Open()
{
	Thread.Reset(); // joins and frees the port first
	if (Client != nullptr)
	{
		Thread = MakeUnique<FMedTalkReceiveThread>(*Client, Guid, Connection, Record);
		Thread->Configure(Push);
	}
}

void FMedTalkSource::InitializeSettings(ULiveLinkSourceSettings* InSettings)
{
	UMedTalkSourceSettings* Settings = Cast<UMedTalkSourceSettings>(InSettings);
	if (Settings == nullptr)
	{
		return;
	}
	if (Settings->ConnectionString.IsEmpty()) // a new source: a preset's values are left alone
	{
		Settings->Mode = ELiveLinkSourceMode::EngineTime;
		Settings->BufferSettings.EngineTimeOffset = Settings->SmoothingSeconds;
		Settings->Port = Connection.port;
		Settings->BindAddress = MedTalk::ToString(Connection.bind);
		Settings->ControlHost = MedTalk::ToString(Connection.controlHost);
		Settings->ControlPort = Connection.controlPort;
		Settings->ControlToken = MedTalk::ToString(Connection.token);
		Settings->ConnectionString = MedTalk::ToString(medtalk::ConnectionText(Connection));
		Settings->Factory = UMedTalkSourceFactory::StaticClass();
	}
	Apply(*Settings);
}

void FMedTalkSource::OnSettingsChanged(ULiveLinkSourceSettings* InSettings, const FPropertyChangedEvent& Event)
{
	ILiveLinkSource::OnSettingsChanged(InSettings, Event);
	UMedTalkSourceSettings* Settings = Cast<UMedTalkSourceSettings>(InSettings);
	if (Settings != nullptr)
	{
		Settings->BufferSettings.EngineTimeOffset = Settings->SmoothingSeconds;
		Apply(*Settings);
		Settings->ConnectionString = MedTalk::ToString(medtalk::ConnectionText(Connection));
	}
}

void FMedTalkSource::Apply(const UMedTalkSourceSettings& Settings)
{
	const medtalk::Connection Before = Connection;
	medtalk::Connection Wanted;
	Wanted.port = Settings.Port;
	Wanted.bind = MedTalk::ToUtf8(Settings.BindAddress);
	Wanted.controlHost = MedTalk::ToUtf8(Settings.ControlHost);
	Wanted.controlPort = Settings.ControlPort;
	std::string Problem;
	if (!medtalk::ParseConnection(medtalk::ConnectionText(Wanted), Connection, Problem))
	{
		UE_LOG(LogMedTalk, Error, TEXT("%s"), *MedTalk::ToString(Problem));
		Connection = Before;
	}
	Connection.token = MedTalk::ToUtf8(Settings.ControlToken);
	Record->SetConnection(Connection);
	Push.bSenderTimecode = Settings.bUseSenderTimecode;
	Push.Head.on = Settings.bMoveHead;
	Push.Head.scale = Settings.HeadScale;
	Push.Head.arkitDegreesPerUnit = FMath::Max(Settings.ArkitDegreesPerUnit, 1.0f);
	const EMedTalkAngle From[3] = {Settings.HeadYawFrom, Settings.HeadPitchFrom, Settings.HeadRollFrom};
	const bool bInvert[3] = {Settings.bInvertYaw, Settings.bInvertPitch, Settings.bInvertRoll};
	for (int32 Index = 0; Index < 3; ++Index)
	{
		Push.Head.order[Index] = static_cast<int>(From[Index]);
		Push.Head.signs[Index] = bInvert[Index] ? -1.0f : 1.0f;
	}
	if (Thread.IsValid() && (Before.port != Connection.port || Before.bind != Connection.bind))
	{
		Open();
	}
	else if (Thread.IsValid())
	{
		Thread->Configure(Push);
	}
}

void FMedTalkSource::Update()
{
	const TOptional<FQualifiedFrameTime> Now = FApp::GetCurrentFrameTime();
	if (Thread.IsValid() && Now.IsSet())
	{
		Thread->SetSceneTime(Now.GetValue());
	}
}

bool FMedTalkSource::IsSourceStillValid() const
{
	return Thread.IsValid() && Thread->IsBound();
}

bool FMedTalkSource::RequestSourceShutdown()
{
	Thread.Reset();
	return true;
}

TSubclassOf<ULiveLinkSourceSettings> FMedTalkSource::GetSettingsClass() const
{
	return UMedTalkSourceSettings::StaticClass();
}

FText FMedTalkSource::GetSourceType() const
{
	return FText::FromString(TEXT("MedTalk Live"));
}

FText FMedTalkSource::GetSourceMachineName() const
{
	return FText::FromString(FString::Printf(TEXT("%s:%d"), *MedTalk::ToString(Connection.bind), Connection.port));
}

FText FMedTalkSource::GetSourceStatus() const
{
	if (!IsSourceStillValid())
	{
		return FText::FromString(FString::Printf(TEXT("Port %d is taken"), Connection.port));
	}
	const medtalk::SourceState State = Record->Get();
	for (const medtalk::SubjectStatus& Subject : State.subjects)
	{
		if (Subject.tableDiffers)
		{
			return FText::FromString(TEXT("Another control table: update medtalk-live or this plugin"));
		}
	}
	return FText::FromString(State.subjects.empty() ? TEXT("Listening") : TEXT("Active"));
}
