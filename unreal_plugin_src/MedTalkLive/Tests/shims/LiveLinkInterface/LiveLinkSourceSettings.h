#pragma once
#include "UObject/Object.h"
class ULiveLinkSourceFactory;
enum class ELiveLinkSourceMode : uint8 { Latest, EngineTime, Timecode };
struct FLiveLinkSourceBufferManagementSettings { float ValidEngineTime; float EngineTimeOffset; float LatestOffset; };
class ULiveLinkSourceSettings : public UObject {
public:
	ELiveLinkSourceMode Mode; FLiveLinkSourceBufferManagementSettings BufferSettings; FString ConnectionString; TSubclassOf<ULiveLinkSourceFactory> Factory; static UClass* StaticClass();
};
