// Offers "MedTalk Live" in the Live Link window and rebuilds sources from presets. In a
// Runtime module on purpose: packaged builds look for it. Game thread only.
#pragma once

#include "CoreMinimal.h"
#include "LiveLinkSourceFactory.h"
#include "MedTalkSourceFactory.generated.h"

UCLASS()
class MEDTALKLIVE_API UMedTalkSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
#if WITH_EDITOR
	virtual EMenuType GetMenuType() const override { return EMenuType::MenuEntry; }
#endif
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;
};
