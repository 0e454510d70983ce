#pragma once
#include "LiveLinkRole.h"
class ULiveLinkBasicRole : public ULiveLinkRole { public: static UClass* StaticClass(); };
