#pragma once
#include "UObject/Object.h"
class ULevelSequence : public UObject {};
