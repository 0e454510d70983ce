#pragma once
#include "Widgets/DeclarativeSyntaxSupport.h"
class FReply; class FDragDropEvent; struct FGeometry;
class SWidget { public: virtual ~SWidget(); virtual FReply OnDragOver(const FGeometry&, const FDragDropEvent&); virtual FReply OnDrop(const FGeometry&, const FDragDropEvent&); };
