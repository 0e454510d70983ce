#pragma once
#include "UObject/Object.h"
class UEditorEngine : public UObject { public: using FShouldDisableCPUThrottling = TDelegate<bool()>; TArray<FShouldDisableCPUThrottling> ShouldDisableCPUThrottlingDelegates; };
