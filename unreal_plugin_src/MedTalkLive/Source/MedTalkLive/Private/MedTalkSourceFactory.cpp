#include "MedTalkSourceFactory.h"

#include "MedTalkLog.h"
#include "MedTalkSource.h"

FText UMedTalkSourceFactory::GetSourceDisplayName() const
{
	return FText::FromString(TEXT("MedTalk Live"));
}

FText UMedTalkSourceFactory::GetSourceTooltip() const
{
	return FText::FromString(TEXT("Faces from medtalk-live, on UDP port 9870 of this machine unless set otherwise"));
}

TSharedPtr<ILiveLinkSource> UMedTalkSourceFactory::CreateSource(const FString& ConnectionString) const
{
	medtalk::Connection Connection;
	std::string Problem;
	if (!medtalk::ParseConnection(MedTalk::ToUtf8(ConnectionString), Connection, Problem))
	{
		UE_LOG(LogMedTalk, Error, TEXT("%s"), *MedTalk::ToString(Problem));
		return nullptr;
	}
	return MakeShared<FMedTalkSource>(Connection);
}
