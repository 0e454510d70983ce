#pragma once
#include "CoreMinimal.h"
class SDockTab; class FSpawnTabArgs;
using FOnSpawnTab = TDelegate<TSharedRef<SDockTab>(const FSpawnTabArgs&)>;
struct FTabSpawnerEntry { FTabSpawnerEntry& SetDisplayName(const FText&); };
class FGlobalTabmanager { public: static TSharedRef<FGlobalTabmanager> Get(); FTabSpawnerEntry& RegisterNomadTabSpawner(const FName, const FOnSpawnTab&); void UnregisterNomadTabSpawner(const FName); };
