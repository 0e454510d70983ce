#pragma once
#include "UObject/Object.h"
class ULiveLinkRole : public UObject {};
