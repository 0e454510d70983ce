#pragma once
#include "Widgets/SWidget.h"
namespace ETextCommit { enum Type { Default, OnEnter }; }
class SEditableTextBox : public SWidget {
public:
	struct FArguments {
		FArguments& HintText(const FText&); FArguments& IsPassword(bool); template <typename F, typename = std::enable_if_t<std::is_same_v<std::invoke_result_t<F>, FText>>> FArguments& Text_Lambda(F) { return *this; }
		template <typename F, typename = std::invoke_result_t<F, const FText&, ETextCommit::Type>> FArguments& OnTextCommitted_Lambda(F) { return *this; }
	};
	void Construct(const FArguments&);
};
