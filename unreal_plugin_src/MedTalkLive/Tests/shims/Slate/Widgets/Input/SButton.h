#pragma once
#include "Input/Reply.h"
#include "Widgets/SWidget.h"
class SButton : public SWidget {
public:
	struct FArguments {
		FArguments& Text(const FText&); template <typename F, typename = std::enable_if_t<std::is_same_v<std::invoke_result_t<F>, FText>>> FArguments& Text_Lambda(F) { return *this; }
		template <typename F, typename = std::enable_if_t<std::is_same_v<std::invoke_result_t<F>, FReply>>> FArguments& OnClicked_Lambda(F) { return *this; }
	};
	void Construct(const FArguments&);
};
