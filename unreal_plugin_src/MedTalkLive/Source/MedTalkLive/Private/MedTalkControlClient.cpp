#include "MedTalkControlClient.h"

#include "Common/UdpSocketBuilder.h"
#include "IPAddress.h"
#include "MedTalkStatus.h"
#include "MedTalkText.h"
#include "SocketSubsystem.h"
#include "Sockets.h"

FMedTalkControlClient::~FMedTalkControlClient()
{
	if (Socket != nullptr)
	{
		Socket->Close();
		ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->DestroySocket(Socket);
	}
}

int32 FMedTalkControlClient::Send(const medtalk::Command& Command, FName Subject)
{
	if (Command.Empty())
	{
		return 0;
	}
	const std::string Name = Subject.IsNone() ? std::string() : MedTalk::ToUtf8(Subject.ToString());
	int32 Told = 0;
	for (const medtalk::ControlTarget& Target : medtalk::ControlTargets(MedTalk::Sources(), Name))
	{
		Told += SendTo(Target, Command.Datagram(Target.token)) ? 1 : 0;
	}
	return Told;
}

bool FMedTalkControlClient::SendTo(const medtalk::ControlTarget& Target, const std::vector<uint8_t>& Datagram)
{
	if (Socket == nullptr)
	{
		Socket = FUdpSocketBuilder(TEXT("MedTalkControl")).AsNonBlocking().Build();
	}
	const TSharedRef<FInternetAddr> Address = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->CreateInternetAddr();
	bool bValid = false;
	Address->SetIp(*MedTalk::ToString(Target.host), bValid);
	Address->SetPort(Target.port);
	int32 Sent = 0;
	return bValid && Socket != nullptr &&
		Socket->SendTo(Datagram.data(), static_cast<int32>(Datagram.size()), Sent, *Address);
}

std::vector<medtalk::Reply> FMedTalkControlClient::Poll()
{
	std::vector<medtalk::Reply> Replies;
	uint8 Bytes[2048];
	int32 Read = 0;
	const TSharedRef<FInternetAddr> Sender = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->CreateInternetAddr();
	while (Socket != nullptr && Socket->RecvFrom(Bytes, sizeof(Bytes), Read, *Sender) && Read > 0)
	{
		medtalk::Reply Reply;
		if (medtalk::DecodeReply({Bytes, static_cast<size_t>(Read)}, Reply))
		{
			Replies.push_back(Reply);
		}
	}
	return Replies;
}
