#pragma once
#include "Widgets/SWidget.h"
class STextBlock : public SWidget {
public:
	struct FArguments { FArguments& AutoWrapText(bool); template <typename F, typename = std::enable_if_t<std::is_same_v<std::invoke_result_t<F>, FText>>> FArguments& Text_Lambda(F) { return *this; } };
	void Construct(const FArguments&);
};
