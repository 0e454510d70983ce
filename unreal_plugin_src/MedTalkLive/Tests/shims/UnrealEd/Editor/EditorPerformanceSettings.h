#pragma once
#include "UObject/Object.h"
class UEditorPerformanceSettings : public UObject { public: uint32 bThrottleCPUWhenNotForeground : 1; };
