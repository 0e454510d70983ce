#pragma once
#include "UObject/Object.h"
class UTakeRecorderSources : public UObject {};
