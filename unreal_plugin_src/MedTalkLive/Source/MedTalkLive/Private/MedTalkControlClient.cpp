#include "MedTalkControlClient.h"

#include "Common/UdpSocketBuilder.h"
#include "IPAddress.h"
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

bool FMedTalkControlClient::Send(const FString& Host, int32 Port, const std::vector<uint8_t>& Datagram)
{
	if (Socket == nullptr)
	{
		Socket = FUdpSocketBuilder(TEXT("MedTalkControl")).AsNonBlocking().Build();
	}
	const TSharedRef<FInternetAddr> Address = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->CreateInternetAddr();
	bool bValid = false;
	Address->SetIp(*Host, bValid);
	Address->SetPort(Port);
	int32 Sent = 0;
	return bValid && !Datagram.empty() && Socket != nullptr &&
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
