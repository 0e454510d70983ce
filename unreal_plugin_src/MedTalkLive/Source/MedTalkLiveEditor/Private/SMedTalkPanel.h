// The dockable panel: health, emotions, text, picture, intensity, takes, probe. Only
// widgets; what they say and do is FMedTalkPanelLogic. Slate's thread (the game thread).
#pragma once

#include "CoreMinimal.h"
#include "Widgets/DeclarativeSyntaxSupport.h"
#include "Widgets/SCompoundWidget.h"

class FMedTalkPanelLogic;

class SMedTalkPanel : public SCompoundWidget
{
public:
	SLATE_BEGIN_ARGS(SMedTalkPanel) {}
	SLATE_END_ARGS()

	void Construct(const FArguments& InArgs, const TSharedRef<FMedTalkPanelLogic>& InLogic);

	virtual FReply OnDragOver(const FGeometry& Geometry, const FDragDropEvent& Event) override;
	virtual FReply OnDrop(const FGeometry& Geometry, const FDragDropEvent& Event) override;

private:
	TSharedRef<SWidget> AddresseeRow();
	TSharedRef<SWidget> EmotionRow();
	TSharedRef<SWidget> TakeRow();

	TSharedPtr<FMedTalkPanelLogic> Logic;
	FString ProbeText;
};
