#pragma once
#include "UObject/Object.h"
class UTakeRecorderSource : public UObject {};
