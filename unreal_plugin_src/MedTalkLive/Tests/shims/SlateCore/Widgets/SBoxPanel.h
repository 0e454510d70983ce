#pragma once
#include "Widgets/SWidget.h"
struct FShimSlotArguments { FShimSlotArguments& AutoHeight(); FShimSlotArguments& Padding(float); FShimSlotArguments& operator[](const TSharedRef<SWidget>&); };
class SBoxPanel : public SWidget {};
class SVerticalBox : public SBoxPanel { public: struct FArguments { FArguments& operator+(const FShimSlotArguments&); }; void Construct(const FArguments&); static FShimSlotArguments Slot(); FShimSlotArguments AddSlot(); };
class SHorizontalBox : public SBoxPanel { public: struct FArguments { FArguments& operator+(const FShimSlotArguments&); }; void Construct(const FArguments&); static FShimSlotArguments Slot(); FShimSlotArguments AddSlot(); };
