#pragma once
#include "UObject/Object.h"
class UTakeRecorder : public UObject {};
