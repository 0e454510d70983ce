#pragma once
#include "Widgets/SWidget.h"
enum class ETabRole : uint8 { MajorTab, NomadTab };
class SDockTab : public SWidget { public: struct FArguments { FArguments& TabRole(ETabRole); }; void Construct(const FArguments&); void SetContent(TSharedRef<SWidget>); };
