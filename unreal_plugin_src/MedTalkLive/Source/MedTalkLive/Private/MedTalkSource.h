// The Live Link source: owns the receive thread and its settings, says how it does.
// Live Link calls it on the game thread.
#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

#include "MedTalkReceiveThread.h"

class UMedTalkSourceSettings;

class FMedTalkSource : public ILiveLinkSource
{
public:
	explicit FMedTalkSource(const medtalk::Connection& InConnection);

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual void InitializeSettings(ULiveLinkSourceSettings* InSettings) override;
	virtual void OnSettingsChanged(ULiveLinkSourceSettings* InSettings, const FPropertyChangedEvent& Event) override;
	virtual void Update() override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual TSubclassOf<ULiveLinkSourceSettings> GetSettingsClass() const override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	void Apply(const UMedTalkSourceSettings& Settings);
	void Open();

	medtalk::Connection Connection;
	ILiveLinkClient* Client = nullptr;
	FGuid Guid;
	FMedTalkPushSettings Push;
	TSharedRef<FMedTalkRecord, ESPMode::ThreadSafe> Record;
	TUniquePtr<FMedTalkReceiveThread> Thread;
};
