// A recorded take as the JSON that the Sequencer importer (Content/Python) keys from.
// Reads files; game thread, blocks on the disk.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"
#include "MedTalkTakeLibrary.generated.h"

UCLASS()
class MEDTALKLIVEEDITOR_API UMedTalkTakeLibrary : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/**
	 * Reads a take's folder, such as SHOT_003.take, closed or left by a crash.
	 * Answers the JSON text, or "ERROR: " and a sentence.
	 */
	UFUNCTION(BlueprintCallable, Category = "MedTalk")
	static FString TakeToJson(const FString& Folder);
};
