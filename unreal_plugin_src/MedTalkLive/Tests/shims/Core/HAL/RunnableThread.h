#pragma once
#include "CoreMinimal.h"
class FRunnable;
enum EThreadPriority { TPri_Normal, TPri_AboveNormal };
class FRunnableThread { public: static FRunnableThread* Create(FRunnable*, const TCHAR*, uint32 = 0, EThreadPriority = TPri_Normal); virtual bool Kill(bool bShouldWait = true) = 0; virtual ~FRunnableThread(); };
