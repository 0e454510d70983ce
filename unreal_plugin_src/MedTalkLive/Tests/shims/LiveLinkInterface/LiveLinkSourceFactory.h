#pragma once
#include "UObject/Object.h"
class ILiveLinkSource; class SWidget;
using FOnLiveLinkSourceCreated = TDelegate<void(TSharedPtr<ILiveLinkSource>, FString)>;
class ULiveLinkSourceFactory : public UObject {
public:
	enum class EMenuType { Disabled, SubPanel, MenuEntry };
	virtual FText GetSourceDisplayName() const = 0; virtual FText GetSourceTooltip() const = 0; virtual EMenuType GetMenuType() const; virtual bool IsEnabled() const;
	virtual TSharedPtr<SWidget> BuildCreationPanel(FOnLiveLinkSourceCreated) const; virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString&) const; static UClass* StaticClass();
};
