// Text between the engine's strings and the core's, for both modules.
#pragma once

#include "CoreMinimal.h"

#include <string>
#include <string_view>

namespace MedTalk
{

inline FString ToString(std::string_view Text)
{
	return FString(FUTF8ToTCHAR(Text.data(), static_cast<int32>(Text.size())));
}

inline std::string ToUtf8(const FString& Text)
{
	const FTCHARToUTF8 Converted(*Text);
	return std::string(Converted.Get(), static_cast<size_t>(Converted.Length()));
}

} // namespace MedTalk
