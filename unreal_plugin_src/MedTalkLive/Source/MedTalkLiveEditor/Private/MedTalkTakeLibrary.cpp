#include "MedTalkTakeLibrary.h"

#include "HAL/FileManager.h"
#include "MedTalkText.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "MedTalkCore/Take.h"

FString UMedTalkTakeLibrary::TakeToJson(const FString& Folder)
{
	TArray<uint8> Info;
	TArray<uint8> Curves;
	const FString InfoFile = FPaths::Combine(Folder, TEXT("take.json"));
	if (!FFileHelper::LoadFileToArray(Info, *InfoFile))
	{
		return TEXT("ERROR: ") + InfoFile + TEXT(" cannot be read: name the folder of a take, such as SHOT_003.take");
	}
	if (!FFileHelper::LoadFileToArray(Curves, *FPaths::Combine(Folder, TEXT("curves.bin"))))
	{
		return TEXT("ERROR: ") + Folder + TEXT(" has no readable curves.bin: run medtalk-live take repair");
	}
	medtalk::Take Take;
	std::string Problem;
	const medtalk::ByteView InfoView = {Info.GetData(), static_cast<size_t>(Info.Num())};
	const medtalk::ByteView CurvesView = {Curves.GetData(), static_cast<size_t>(Curves.Num())};
	if (!medtalk::ReadTake(InfoView, CurvesView, Take, Problem))
	{
		return TEXT("ERROR: ") + MedTalk::ToString(Problem);
	}
	const FString Audio = FPaths::ConvertRelativePathToFull(FPaths::Combine(Folder, TEXT("audio.wav")));
	const bool bAudio = Take.audioRate > 0 && IFileManager::Get().FileExists(*Audio);
	return MedTalk::ToString(medtalk::TakeToJson(Take, bAudio ? MedTalk::ToUtf8(Audio) : std::string()));
}
