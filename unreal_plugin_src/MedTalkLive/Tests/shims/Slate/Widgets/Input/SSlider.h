#pragma once
#include "Widgets/SWidget.h"
class SSlider : public SWidget {
public:
	struct FArguments {
		FArguments& MinValue(float); FArguments& MaxValue(float); template <typename F, typename = std::enable_if_t<std::is_same_v<std::invoke_result_t<F>, float>>> FArguments& Value_Lambda(F) { return *this; }
		template <typename F, typename = std::invoke_result_t<F, float>> FArguments& OnValueChanged_Lambda(F) { return *this; }
	};
	void Construct(const FArguments&);
};
