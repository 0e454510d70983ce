#include "SMedTalkPanel.h"

#include "Input/DragAndDrop.h"
#include "Input/Reply.h"
#include "MedTalkPanelLogic.h"
#include "MedTalkText.h"
#include "Widgets/Input/SButton.h"
#include "Widgets/Input/SEditableTextBox.h"
#include "Widgets/Input/SSlider.h"
#include "Widgets/SBoxPanel.h"
#include "Widgets/Text/STextBlock.h"

void SMedTalkPanel::Construct(const FArguments& InArgs, const TSharedRef<FMedTalkPanelLogic>& InLogic)
{
	Logic = InLogic;
	if (Logic->Slate().IsEmpty())
	{
		Logic->SetSlate(TEXT("SHOT"));
	}
	ChildSlot
	[
		SNew(SVerticalBox)
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(STextBlock).AutoWrapText(true).Text_Lambda([this]() { return FText::FromString(Logic->Health()); })
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(SButton)
			.Text(FText::FromString(TEXT("Connect")))
			.OnClicked_Lambda([this]() { Logic->Connect(); return FReply::Handled(); })
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			AddresseeRow()
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			EmotionRow()
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(SEditableTextBox)
			.HintText(FText::FromString(TEXT("Emotion in words, Enter to send; or drop a picture on this panel")))
			.OnTextCommitted_Lambda([this](const FText& Text, ETextCommit::Type Commit) {
				if (Commit == ETextCommit::OnEnter)
				{
					Logic->SetText(Text.ToString());
				}
			})
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(SSlider)
			.MinValue(0.0f)
			.MaxValue(2.0f)
			.Value_Lambda([this]() { return Logic->Intensity(); })
			.OnValueChanged_Lambda([this](float Value) { Logic->SetIntensity(Value); })
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			TakeRow()
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(SButton)
			.Text(FText::FromString(TEXT("Probe: where do the curves stop?")))
			.OnClicked_Lambda([this]() { ProbeText = Logic->Probe(); return FReply::Handled(); })
		]
		+ SVerticalBox::Slot().AutoHeight().Padding(4.0f)
		[
			SNew(STextBlock).AutoWrapText(true).Text_Lambda([this]() { return FText::FromString(ProbeText + Logic->Message()); })
		]
	];
}

TSharedRef<SWidget> SMedTalkPanel::AddresseeRow()
{
	const TSharedRef<SHorizontalBox> Row = SNew(SHorizontalBox);
	Row->AddSlot()
	[
		SNew(SButton)
		.Text_Lambda([this]() { return FText::FromString(FString(TEXT("Commands go to: ")) + Logic->Addressee()); })
		.OnClicked_Lambda([this]() { Logic->NextSubject(); return FReply::Handled(); })
	];
	Row->AddSlot()
	[
		SNew(SEditableTextBox)
		.HintText(FText::FromString(TEXT("Control token, where the runtime asks for one; Enter")))
		.IsPassword(true)
		.OnTextCommitted_Lambda([this](const FText& Text, ETextCommit::Type Commit) {
			if (Commit == ETextCommit::OnEnter)
			{
				Logic->SetToken(Text.ToString());
			}
		})
	];
	return Row;
}

TSharedRef<SWidget> SMedTalkPanel::EmotionRow()
{
	const TSharedRef<SHorizontalBox> Row = SNew(SHorizontalBox);
	for (const std::string& Label : medtalk::PanelModel::Emotions())
	{
		const FString Name = MedTalk::ToString(Label);
		Row->AddSlot()
		[
			SNew(SButton)
			.Text(FText::FromString(Name))
			.OnClicked_Lambda([this, Name]() { Logic->SetEmotion(Name); return FReply::Handled(); })
		];
	}
	return Row;
}

TSharedRef<SWidget> SMedTalkPanel::TakeRow()
{
	const TSharedRef<SHorizontalBox> Row = SNew(SHorizontalBox);
	Row->AddSlot()
	[
		SNew(SEditableTextBox)
		.HintText(FText::FromString(TEXT("Slate")))
		.Text_Lambda([this]() { return FText::FromString(Logic->Slate()); })
		.OnTextCommitted_Lambda([this](const FText& Text, ETextCommit::Type) { Logic->SetSlate(Text.ToString()); })
	];
	Row->AddSlot()
	[
		SNew(SEditableTextBox)
		.HintText(FText::FromString(TEXT("Take number")))
		.Text_Lambda([this]() { return FText::FromString(Logic->TakeNumber()); })
		.OnTextCommitted_Lambda([this](const FText& Text, ETextCommit::Type) { Logic->SetTakeNumber(Text.ToString()); })
	];
	Row->AddSlot()
	[
		SNew(SButton)
		.Text_Lambda([this]() { return FText::FromString(Logic->IsRecording() ? TEXT("Stop take") : TEXT("Record take")); })
		.OnClicked_Lambda([this]() { Logic->Record(); return FReply::Handled(); })
	];
	return Row;
}

FReply SMedTalkPanel::OnDragOver(const FGeometry& Geometry, const FDragDropEvent& Event)
{
	return Event.GetOperationAs<FExternalDragOperation>().IsValid() ? FReply::Handled() : FReply::Unhandled();
}

FReply SMedTalkPanel::OnDrop(const FGeometry& Geometry, const FDragDropEvent& Event)
{
	const TSharedPtr<FExternalDragOperation> Drag = Event.GetOperationAs<FExternalDragOperation>();
	if (!Drag.IsValid() || !Drag->HasFiles() || Drag->GetFiles().Num() == 0)
	{
		return FReply::Unhandled();
	}
	Logic->DropImage(Drag->GetFiles()[0]);
	return FReply::Handled();
}
