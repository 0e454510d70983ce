#pragma once
#include "CoreMinimal.h"
class IModuleInterface { public: virtual ~IModuleInterface() {} virtual void StartupModule() {} virtual void ShutdownModule() {} };
class FDefaultModuleImpl : public IModuleInterface {};
#define IMPLEMENT_MODULE(Class, Name) IModuleInterface* Initialize##Name##Module(); IModuleInterface* Initialize##Name##Module() { return new Class(); }
