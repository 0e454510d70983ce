#pragma once
#include "LiveLinkRole.h"
#include "LiveLinkTypes.h"
class ILiveLinkSource; class ULiveLinkSourceSettings;
class ILiveLinkClient {
public:
	static const FName ModularFeatureName; virtual ~ILiveLinkClient();
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource>) = 0; virtual ULiveLinkSourceSettings* GetSourceSettings(const FGuid&) const = 0; virtual void RemoveSource(FGuid) = 0;
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey&, TSubclassOf<ULiveLinkRole>, FLiveLinkStaticDataStruct&&) = 0;
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey&, FLiveLinkFrameDataStruct&&) = 0;
	virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey&) = 0;
	virtual bool EvaluateFrame_AnyThread(FLiveLinkSubjectName, TSubclassOf<ULiveLinkRole>, FLiveLinkSubjectFrameData&) = 0;
};
