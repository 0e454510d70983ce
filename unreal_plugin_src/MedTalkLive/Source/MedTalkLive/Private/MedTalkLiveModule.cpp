// Entry point of the runtime module; Live Link finds the factory by its class.
#include "Modules/ModuleManager.h"

#include "MedTalkLog.h"

DEFINE_LOG_CATEGORY(LogMedTalk);

IMPLEMENT_MODULE(FDefaultModuleImpl, MedTalkLive)
