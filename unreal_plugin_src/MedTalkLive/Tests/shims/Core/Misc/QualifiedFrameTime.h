#pragma once
#include "CoreMinimal.h"
struct FQualifiedFrameTime { FQualifiedFrameTime(); FQualifiedFrameTime(const FFrameTime&, const FFrameRate&); FFrameTime Time; FFrameRate Rate; };
