#include "MedTalkStatus.h"

#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "MedTalkSource.h"
#include "MedTalkSourceSettings.h"
#include "MedTalkText.h"

namespace MedTalk
{

using FRecordPtr = TSharedPtr<FMedTalkRecord, ESPMode::ThreadSafe>;

static TArray<TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>>& Records()
{
	static TArray<TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>> All;
	return All;
}

static ILiveLinkClient* LiveLinkClient()
{
	IModularFeatures& Features = IModularFeatures::Get();
	const bool bThere = Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName);
	return bThere ? &Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName) : nullptr;
}

static bool Brings(const medtalk::SourceState& Source, const std::string& Subject)
{
	for (const medtalk::SubjectStatus& Known : Source.subjects)
	{
		if (medtalk::SameName(Known.name, Subject))
		{
			return true;
		}
	}
	return false;
}

void AddRecord(const FRecordPtr& Record)
{
	Records().RemoveAll([](const TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Weak) { return !Weak.Pin().IsValid(); });
	Records().Add(Record);
}

std::vector<medtalk::SourceState> Sources()
{
	std::vector<medtalk::SourceState> Found;
	for (const TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Weak : Records())
	{
		if (const FRecordPtr Record = Weak.Pin())
		{
			Found.push_back(Record->Get());
		}
	}
	return Found;
}

bool EnsureSource(const medtalk::Connection& Connection)
{
	for (const medtalk::SourceState& Source : Sources())
	{
		if (Source.connection.port == Connection.port)
		{
			return true;
		}
	}
	ILiveLinkClient* Client = LiveLinkClient();
	if (Client != nullptr)
	{
		Client->AddSource(MakeShared<FMedTalkSource>(Connection));
	}
	return Client != nullptr;
}

void SetControlToken(const FString& Token, FName Subject)
{
	ILiveLinkClient* Client = LiveLinkClient();
	for (const TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Weak : Records())
	{
		const FRecordPtr Record = Weak.Pin();
		if (!Record.IsValid() || (!Subject.IsNone() && !Brings(Record->Get(), ToUtf8(Subject.ToString()))))
		{
			continue;
		}
		medtalk::Connection Connection = Record->Get().connection;
		Connection.token = ToUtf8(Token);
		Record->SetConnection(Connection);
		UMedTalkSourceSettings* Settings =
			Client != nullptr ? Cast<UMedTalkSourceSettings>(Client->GetSourceSettings(Record->Source)) : nullptr;
		if (Settings != nullptr)
		{
			Settings->ControlToken = Token; // so that a preset keeps it
		}
	}
}

} // namespace MedTalk
