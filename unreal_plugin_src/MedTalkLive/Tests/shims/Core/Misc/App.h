#pragma once
#include "Misc/QualifiedFrameTime.h"
struct FApp { static TOptional<FQualifiedFrameTime> GetCurrentFrameTime(); };
