// The module's log category.
#pragma once

#include "CoreMinimal.h"

#include "MedTalkText.h"

DECLARE_LOG_CATEGORY_EXTERN(LogMedTalk, Log, All);
