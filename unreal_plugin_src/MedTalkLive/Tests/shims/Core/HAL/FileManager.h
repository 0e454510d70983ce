#pragma once
#include "CoreMinimal.h"
class IFileManager { public: static IFileManager& Get(); virtual bool FileExists(const TCHAR*) = 0; virtual ~IFileManager(); }; // K
