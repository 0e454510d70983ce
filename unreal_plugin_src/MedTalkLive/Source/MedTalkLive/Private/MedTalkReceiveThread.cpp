#include "MedTalkReceiveThread.h"

#include "Common/UdpSocketBuilder.h"
#include "ILiveLinkClient.h"
#include "IPAddress.h"
#include "Interfaces/IPv4/IPv4Address.h"
#include "MedTalkLog.h"
#include "Misc/QualifiedFrameTime.h"
#include "Roles/LiveLinkBasicRole.h"
#include "SocketSubsystem.h"
#include "Sockets.h"

namespace MedTalkReceive
{
constexpr int32 BufferBytes = 65536;
constexpr int32 SocketBytes = 1 << 20;
constexpr double LiveWaitSeconds = 0.005;
constexpr double IdleWaitSeconds = 0.1;
constexpr double PublishSeconds = 0.1;

/** Bound exclusively: two editors on one port would leave one of them deaf. */
static FSocket* Bind(const medtalk::Connection& Connection)
{
	FIPv4Address Address;
	if (!FIPv4Address::Parse(MedTalk::ToString(Connection.bind), Address))
	{
		return nullptr;
	}
	return FUdpSocketBuilder(TEXT("MedTalkLive"))
		.AsNonBlocking()
		.BoundToAddress(Address)
		.BoundToPort(static_cast<uint16>(Connection.port))
		.WithReceiveBufferSize(SocketBytes)
		.Build();
}
} // namespace MedTalkReceive

FMedTalkReceiveThread::FMedTalkReceiveThread(ILiveLinkClient& InClient, const FGuid& InSource,
	const medtalk::Connection& InConnection, const TSharedRef<FMedTalkRecord, ESPMode::ThreadSafe>& InRecord)
	: Client(InClient)
	, Source(InSource)
	, Connection(InConnection)
	, Record(InRecord)
	, Receiver(*this)
{
	Buffer.SetNumUninitialized(MedTalkReceive::BufferBytes);
	Socket = MedTalkReceive::Bind(Connection);
	Publish(FPlatformTime::Seconds());
	if (Socket == nullptr)
	{
		UE_LOG(LogMedTalk, Error, TEXT("UDP port %d on %s cannot be bound: another program or a second editor holds it"),
			Connection.port, *MedTalk::ToString(Connection.bind));
		return;
	}
	Thread = FRunnableThread::Create(this, TEXT("MedTalkReceive"), 0, TPri_AboveNormal);
}

FMedTalkReceiveThread::~FMedTalkReceiveThread()
{
	if (Thread != nullptr)
	{
		Thread->Kill(true); // calls Stop, waits for Run to end
		delete Thread;
	}
	if (Socket != nullptr)
	{
		Socket->Close();
		ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->DestroySocket(Socket);
	}
}

void FMedTalkReceiveThread::Configure(const FMedTalkPushSettings& InSettings)
{
	FScopeLock Lock(&Section);
	Settings = InSettings;
}

void FMedTalkReceiveThread::SetSceneTime(const FQualifiedFrameTime& InTime)
{
	FScopeLock Lock(&Section);
	SceneTime = InTime;
}

uint32 FMedTalkReceiveThread::Run()
{
	while (!bStopping)
	{
		const double Wait = Receiver.IsActive() ? MedTalkReceive::LiveWaitSeconds : MedTalkReceive::IdleWaitSeconds;
		if (Socket->Wait(ESocketWaitConditions::WaitForRead, FTimespan::FromSeconds(Wait)))
		{
			ReceiveAll();
		}
		const double Now = FPlatformTime::Seconds();
		Receiver.Tick(Now);
		if (Now - LastPublish >= MedTalkReceive::PublishSeconds)
		{
			Publish(Now);
		}
	}
	return 0;
}

void FMedTalkReceiveThread::ReceiveAll()
{
	const TSharedRef<FInternetAddr> Sender = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->CreateInternetAddr();
	int32 Read = 0;
	while (!bStopping && Socket->RecvFrom(Buffer.GetData(), Buffer.Num(), Read, *Sender) && Read > 0)
	{
		const std::string Host = MedTalk::ToUtf8(Sender->ToString(false)); // without its port
		Report(Receiver.Receive({Buffer.GetData(), static_cast<size_t>(Read)}, FPlatformTime::Seconds(), Host));
	}
}

/** Says each kind of trouble once; the counters go on. */
void FMedTalkReceiveThread::Report(medtalk::Verdict Verdict)
{
	bool& bSaid = bReported[static_cast<int>(Verdict)];
	if (!bSaid && Verdict > medtalk::Verdict::Duplicate)
	{
		bSaid = true;
		UE_LOG(LogMedTalk, Warning, TEXT("A datagram on port %d was dropped: %s"), Connection.port,
			*MedTalk::ToString(medtalk::Explain(Verdict)));
	}
}

void FMedTalkReceiveThread::Publish(double Now)
{
	LastPublish = Now;
	std::vector<medtalk::SubjectStatus> Subjects;
	for (int Subject = 0; Subject < Receiver.SubjectCount(); ++Subject)
	{
		Subjects.push_back(Receiver.Status(Subject));
	}
	Record->SetStream(Socket != nullptr, Now, MoveTemp(Subjects));
}

const FMedTalkReceiveThread::FPushed& FMedTalkReceiveThread::NamesOf(int Subject)
{
	while (Names.Num() <= Subject)
	{
		const FString Name = MedTalk::ToString(Receiver.Status(Names.Num()).name);
		FPushed Pushed;
		Pushed.Face = FName(*Name);
		Pushed.Arkit = FName(*(Name + TEXT("_ARKit")));
		PushStatic(Pushed.Face, medtalk::kPropertyCount, medtalk::PropertyName);
		PushStatic(Pushed.Arkit, medtalk::kArkitCount, medtalk::ArkitName);
		Names.Add(Pushed);
	}
	return Names[Subject];
}

/** Once a subject: pushing it again would empty Live Link's buffer. */
void FMedTalkReceiveThread::PushStatic(FName Name, int Count, const char* (*PropertyName)(int))
{
	FLiveLinkStaticDataStruct Data(FLiveLinkBaseStaticData::StaticStruct());
	FLiveLinkBaseStaticData& Static = *Data.Cast<FLiveLinkBaseStaticData>();
	Static.PropertyNames.Reserve(Count);
	for (int Index = 0; Index < Count; ++Index)
	{
		Static.PropertyNames.Add(FName(PropertyName(Index)));
	}
	Client.PushSubjectStaticData_AnyThread(
		FLiveLinkSubjectKey(Source, FLiveLinkSubjectName(Name)), ULiveLinkBasicRole::StaticClass(), MoveTemp(Data));
}

void FMedTalkReceiveThread::OnFrame(const medtalk::PushedFrame& Frame)
{
	const FPushed& Pushed = NamesOf(Frame.subject);
	medtalk::HeadMapping Head;
	{
		FScopeLock Lock(&Section);
		Head = Settings.Head;
	}
	float Face[medtalk::kPropertyCount];
	medtalk::ToProperties(Frame.pose, Head, Face);
	PushFrame(Pushed.Face, Frame, Face, medtalk::kPropertyCount);
	float Arkit[medtalk::kArkitCount];
	medtalk::ToArkit(Frame.pose, Head, Arkit);
	PushFrame(Pushed.Arkit, Frame, Arkit, medtalk::kArkitCount);
}

void FMedTalkReceiveThread::PushFrame(FName Name, const medtalk::PushedFrame& Frame, const float* Values, int Count)
{
	FLiveLinkFrameDataStruct Data(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Base = *Data.Cast<FLiveLinkBaseFrameData>();
	Base.WorldTime = FLiveLinkWorldTime(Frame.worldTime);
	Base.MetaData.SceneTime = SceneTimeOf(Frame);
	Base.MetaData.StringMetaData.Add(FName(TEXT("HeadPoseMode")), TEXT("0"));
	Base.PropertyValues.Append(Values, Count);
	Client.PushSubjectFrameData_AnyThread(FLiveLinkSubjectKey(Source, FLiveLinkSubjectName(Name)), MoveTemp(Data));
}

/** The engine's time of the last tick, or the sender's timecode where that is wanted and known. */
FQualifiedFrameTime FMedTalkReceiveThread::SceneTimeOf(const medtalk::PushedFrame& Frame) const
{
	FScopeLock Lock(&Section);
	if (!Settings.bSenderTimecode)
	{
		return SceneTime;
	}
	const medtalk::SubjectStatus Status = Receiver.Status(Frame.subject);
	int64_t First = 0;
	if (!medtalk::TimecodeFrames(Status.timecode.c_str(), Status.nominalRate, First))
	{
		return SceneTime;
	}
	const bool bNtsc = FMath::Abs(Status.nominalRate - FMath::RoundToFloat(Status.nominalRate)) > 0.005f;
	const int32 Base = FMath::RoundToInt(Status.nominalRate);
	const FFrameRate Rate = bNtsc ? FFrameRate(Base * 1000, 1001) : FFrameRate(Base, 1);
	const double Since = (Frame.senderTime - Status.timecodeTime) * static_cast<double>(Status.nominalRate);
	return FQualifiedFrameTime(FFrameTime::FromDecimal(static_cast<double>(First) + Since), Rate);
}
