// All of Slate here is general engine knowledge (K): the facts prove only FReply, FDragDropEvent and FExternalDragOperation.
#pragma once
#include "CoreMinimal.h"
#define SLATE_BEGIN_ARGS(Widget) struct FArguments { using WidgetArgsType = FArguments; using WidgetType = Widget; FArguments()
#define SLATE_END_ARGS() };
template <typename T> struct TShimDecl {
	template <typename... A> static TShimDecl Make(A&&... Args) { (void)sizeof(decltype(std::declval<T&>().Construct(std::declval<const typename T::FArguments&>(), Args...), 0)); return {}; }
	TSharedRef<T> operator<<=(const typename T::FArguments&) const { return TSharedRef<T>::Made(); }
};
#define SNew(Type, ...) TShimDecl<Type>::Make(__VA_ARGS__) <<= Type::FArguments()
