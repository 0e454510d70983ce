// Gathers what the probe of the core asks for: Live Link's side and the mesh's. Game thread.
#pragma once

#include "CoreMinimal.h"

#include "MedTalkCore/Probe.h"

class USkeletalMeshComponent;

namespace MedTalk
{

/** @param Face May be null: the face was not found. */
medtalk::ProbeFacts GatherFacts(FName Subject, const USkeletalMeshComponent* Face);

} // namespace MedTalk
