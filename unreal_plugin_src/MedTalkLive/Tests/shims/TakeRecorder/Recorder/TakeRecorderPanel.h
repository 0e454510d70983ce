#pragma once
#include "UObject/Object.h"
class ULevelSequence; class UTakeRecorderSources; class UTakeMetaData;
class UTakeRecorderPanel : public UObject { public: UTakeRecorderSources* GetSources() const; UTakeMetaData* GetTakeMetaData() const; ULevelSequence* GetLevelSequence() const; };
