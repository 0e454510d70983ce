#pragma once
#include "UObject/Object.h"
class UTakeMetaData : public UObject { public: void SetSlate(FString, bool = true); void SetTakeNumber(int32, bool = true); };
