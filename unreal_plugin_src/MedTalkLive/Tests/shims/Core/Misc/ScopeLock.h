#pragma once
#include "HAL/CriticalSection.h"
class [[nodiscard]] FScopeLock { public: explicit FScopeLock(FCriticalSection*); ~FScopeLock(); FScopeLock(const FScopeLock&) = delete; };
