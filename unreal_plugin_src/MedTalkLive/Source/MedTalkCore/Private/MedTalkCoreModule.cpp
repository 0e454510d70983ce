// The core as a module of Unreal's; the only file here that knows the engine.
#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, MedTalkCore)
