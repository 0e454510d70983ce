#pragma once
#include "LiveLinkSourceSettings.h"
class ILiveLinkClient;
struct FPropertyChangedEvent;
class ILiveLinkSource {
public:
	virtual ~ILiveLinkSource() {}
	virtual void ReceiveClient(ILiveLinkClient*, FGuid) = 0; virtual void InitializeSettings(ULiveLinkSourceSettings*) {} virtual void Update() {}
	virtual bool CanBeDisplayedInUI() const { return true; } virtual bool IsSourceStillValid() const = 0; virtual bool RequestSourceShutdown() = 0;
	virtual FText GetSourceType() const = 0; virtual FText GetSourceMachineName() const = 0; virtual FText GetSourceStatus() const = 0;
	virtual TSubclassOf<ULiveLinkSourceSettings> GetSettingsClass() const { return nullptr; }
	virtual void OnSettingsChanged(ULiveLinkSourceSettings*, const FPropertyChangedEvent&) {}
#if ENGINE_MINOR_VERSION >= 8
	virtual FText GetSourceToolTip() const;
#endif
};
