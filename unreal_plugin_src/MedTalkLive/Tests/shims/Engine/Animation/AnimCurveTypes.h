#pragma once
#include "CoreMinimal.h"
struct FBlendedCurve { void Set(FName, float); template <typename N, typename = std::enable_if_t<std::is_arithmetic_v<N>>> void Set(N, float) = delete; };
