#pragma once
#include "UObject/Object.h"
class UTakeRecorderSource;
class UTakeRecorderSources : public UObject { public: UTakeRecorderSource* AddSource(TSubclassOf<UTakeRecorderSource>); };
