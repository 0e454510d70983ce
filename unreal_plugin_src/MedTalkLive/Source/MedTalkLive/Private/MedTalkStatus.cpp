#include "MedTalkStatus.h"

#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "MedTalkSource.h"

namespace MedTalk
{

static TArray<TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>>& Records()
{
	static TArray<TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>> All;
	return All;
}

void AddRecord(const TSharedPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Record)
{
	Records().Add(Record);
}

TArray<FMedTalkSnapshot> Snapshots()
{
	TArray<FMedTalkSnapshot> Found;
	for (const TWeakPtr<FMedTalkRecord, ESPMode::ThreadSafe>& Weak : Records())
	{
		if (const TSharedPtr<FMedTalkRecord, ESPMode::ThreadSafe> Record = Weak.Pin())
		{
			Found.Add(Record->Get());
		}
	}
	return Found;
}

bool EnsureSource(const medtalk::Connection& Connection)
{
	for (const FMedTalkSnapshot& Snapshot : Snapshots())
	{
		if (Snapshot.Connection.port == Connection.port)
		{
			return true;
		}
	}
	IModularFeatures& Features = IModularFeatures::Get();
	if (!Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName))
	{
		return false;
	}
	ILiveLinkClient& Client = Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
	Client.AddSource(MakeShared<FMedTalkSource>(Connection));
	return true;
}

} // namespace MedTalk
