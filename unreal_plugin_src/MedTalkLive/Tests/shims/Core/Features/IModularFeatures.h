#pragma once
#include "CoreMinimal.h"
class IModularFeatures { public: static IModularFeatures& Get(); virtual bool IsModularFeatureAvailable(const FName) const; template <typename T> T& GetModularFeature(const FName); virtual ~IModularFeatures(); };
