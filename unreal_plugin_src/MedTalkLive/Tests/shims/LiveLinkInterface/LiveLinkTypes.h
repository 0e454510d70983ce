#pragma once
#include "Misc/QualifiedFrameTime.h"
#include "UObject/Object.h"
struct FLiveLinkSubjectName { FLiveLinkSubjectName(); explicit FLiveLinkSubjectName(FName); FName Name; static UScriptStruct* StaticStruct(); };
struct FLiveLinkSubjectKey { FLiveLinkSubjectKey(const FGuid&, FLiveLinkSubjectName); FGuid Source; FLiveLinkSubjectName SubjectName; };
struct FLiveLinkWorldTime { FLiveLinkWorldTime(); explicit FLiveLinkWorldTime(double); FLiveLinkWorldTime(double, double); };
struct FLiveLinkMetaData { TMap<FName, FString> StringMetaData; FQualifiedFrameTime SceneTime; };
struct FLiveLinkTime {};
struct FLiveLinkBaseStaticData { TArray<FName> PropertyNames; static UScriptStruct* StaticStruct(); };
struct FLiveLinkBaseFrameData {
	FLiveLinkWorldTime WorldTime; FLiveLinkMetaData MetaData; TArray<float> PropertyValues; FLiveLinkTime ArrivalTime; static UScriptStruct* StaticStruct();
#if ENGINE_MINOR_VERSION >= 7
	TMap<FName, double> Timestamps;
#endif
};
template <typename Base> class TShimLiveLinkStruct {
public:
	TShimLiveLinkStruct(); explicit TShimLiveLinkStruct(const UScriptStruct*); TShimLiveLinkStruct(TShimLiveLinkStruct&&); TShimLiveLinkStruct& operator=(TShimLiveLinkStruct&&);
	TShimLiveLinkStruct(const TShimLiveLinkStruct&) = delete; TShimLiveLinkStruct& operator=(const TShimLiveLinkStruct&) = delete;
	template <typename T> T* Cast() { static_assert(std::is_base_of_v<Base, T>); return nullptr; } template <typename T> const T* Cast() const { static_assert(std::is_base_of_v<Base, T>); return nullptr; }
};
using FLiveLinkStaticDataStruct = TShimLiveLinkStruct<FLiveLinkBaseStaticData>;
using FLiveLinkFrameDataStruct = TShimLiveLinkStruct<FLiveLinkBaseFrameData>;
struct FLiveLinkSubjectFrameData { FLiveLinkStaticDataStruct StaticData; FLiveLinkFrameDataStruct FrameData; };
