#pragma once
#include "UObject/Object.h"
class AActor : public UObject { public: template <typename T> void GetComponents(TArray<T*>&, bool = false) const; }; // K
