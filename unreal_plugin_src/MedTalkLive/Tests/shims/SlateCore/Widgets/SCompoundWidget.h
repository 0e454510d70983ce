#pragma once
#include "Widgets/SWidget.h"
class SCompoundWidget : public SWidget { protected: struct FShimSlot { FShimSlot& operator[](const TSharedRef<SWidget>&); }; FShimSlot ChildSlot; };
