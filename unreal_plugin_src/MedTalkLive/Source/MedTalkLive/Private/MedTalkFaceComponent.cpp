#include "MedTalkFaceComponent.h"

#include "Animation/AnimInstance.h"
#include "Components/SkeletalMeshComponent.h"
#include "GameFramework/Actor.h"
#include "LiveLinkTypes.h"
#include "MedTalkAnimInstance.h"
#include "MedTalkLog.h"
#include "MedTalkProbe.h"
#include "MedTalkStatus.h"
#include "Misc/EngineVersionComparison.h"
#include "UObject/UnrealType.h"

namespace MedTalkFace
{

static const char* Describe(EMedTalkFaceMode Way)
{
	switch (Way)
	{
	case EMedTalkFaceMode::Native:
		return "MedTalk's own animation instance";
	case EMedTalkFaceMode::StockBlueprint:
		return "ABP_MH_LiveLink";
	default:
		return "the character's ARKit set-up";
	}
}

static void SetSubject(UObject& Object, const TCHAR* Property, FName Subject)
{
	const FStructProperty* Struct = FindFProperty<FStructProperty>(Object.GetClass(), Property);
	if (Struct != nullptr && Struct->Struct == FLiveLinkSubjectName::StaticStruct())
	{
		*Struct->ContainerPtrToValuePtr<FLiveLinkSubjectName>(&Object) = FLiveLinkSubjectName(Subject);
	}
}

static bool HasSubject(UObject& Object, const TCHAR* Property)
{
	return FindFProperty<FStructProperty>(Object.GetClass(), Property) != nullptr;
}

} // namespace MedTalkFace

UMedTalkFaceComponent::UMedTalkFaceComponent()
	: Subject(TEXT("MedTalk"))
	, FaceComponentName(TEXT("Face"))
{
	PrimaryComponentTick.bCanEverTick = true;
	bTickInEditor = true; // for Start Driving in the viewport
}

void UMedTalkFaceComponent::BeginPlay()
{
	Super::BeginPlay();
	StartDriving();
}

void UMedTalkFaceComponent::EndPlay(const EEndPlayReason::Type Reason)
{
	StopDriving();
	Super::EndPlay(Reason);
}

USkeletalMeshComponent* UMedTalkFaceComponent::FindFace() const
{
	const AActor* Owner = GetOwner();
	if (Owner == nullptr)
	{
		return nullptr;
	}
	TArray<USkeletalMeshComponent*> Meshes;
	Owner->GetComponents(Meshes);
	for (USkeletalMeshComponent* Mesh : Meshes)
	{
		if (Mesh->GetFName() == FaceComponentName)
		{
			return Mesh;
		}
	}
	return nullptr;
}

void UMedTalkFaceComponent::StartDriving()
{
	medtalk::Connection Connection;
	Connection.port = Port;
	Connection.token = MedTalk::ToUtf8(ControlToken);
	if (bCreateSource && !MedTalk::EnsureSource(Connection))
	{
		UE_LOG(LogMedTalk, Error, TEXT("Live Link is not there: enable its plugin"));
	}
	const USkeletalMeshComponent* Face = FindFace();
	if (Face == nullptr)
	{
		UE_LOG(LogMedTalk, Error, TEXT("No skeletal mesh component '%s' on this actor: set Face Component Name"),
			*FaceComponentName.ToString());
		return;
	}
	if (!bDriving)
	{
		ClassBefore = Face->GetAnimInstance() != nullptr ? Face->GetAnimInstance()->GetClass() : nullptr;
	}
	bDriving = true;
	bFellBack = false;
	Drive(Mode == EMedTalkFaceMode::Auto ? EMedTalkFaceMode::Native : Mode);
}

bool UMedTalkFaceComponent::Drive(EMedTalkFaceMode Wanted)
{
	USkeletalMeshComponent* Face = FindFace();
	bool bTaken = false;
	if (Face != nullptr && Wanted == EMedTalkFaceMode::Native)
	{
		bTaken = DriveNative(*Face);
	}
	else if (Face != nullptr && Wanted == EMedTalkFaceMode::StockBlueprint)
	{
		bTaken = DriveStockBlueprint(*Face);
	}
	else if (Face != nullptr)
	{
		bTaken = DriveArkit();
	}
	Driving = Wanted;
	Motion.Start();
	if (!bTaken)
	{
		UE_LOG(LogMedTalk, Warning, TEXT("The face could not be driven by %s; call Probe to see where the curves stop"),
			*MedTalk::ToString(MedTalkFace::Describe(Wanted)));
	}
	return bTaken;
}

bool UMedTalkFaceComponent::DriveNative(USkeletalMeshComponent& Face)
{
	Face.SetAnimationMode(EAnimationMode::AnimationBlueprint);
	Face.SetAnimInstanceClass(UMedTalkAnimInstance::StaticClass());
	Face.SetUpdateAnimationInEditor(true);
	PushOptions();
	return Cast<UMedTalkAnimInstance>(Face.GetAnimInstance()) != nullptr;
}

bool UMedTalkFaceComponent::DriveStockBlueprint(USkeletalMeshComponent& Face)
{
	static const TCHAR* const Paths[] = {
		TEXT("/Game/MetaHumans/Common/Animation/ABP_MH_LiveLink.ABP_MH_LiveLink_C"),
		TEXT("/MetaHumanCharacter/Animation/ABP_MH_LiveLink.ABP_MH_LiveLink_C")};
	for (const TCHAR* Path : Paths)
	{
		if (UClass* Class = LoadClass<UAnimInstance>(nullptr, Path))
		{
			Face.SetAnimationMode(EAnimationMode::AnimationBlueprint);
			Face.SetAnimInstanceClass(Class);
			UAnimInstance* Instance = Face.GetAnimInstance();
			const bool bFits = Instance != nullptr && MedTalkFace::HasSubject(*Instance, TEXT("LLink_Face_Subj"));
			if (bFits)
			{
				MedTalkFace::SetSubject(*Instance, TEXT("LLink_Face_Subj"), Subject);
			}
			return bFits;
		}
	}
	return false;
}

/** The character Blueprint's own set-up of 5.4 and 5.5: subject, switch, and a function without parameters. */
bool UMedTalkFaceComponent::DriveArkit()
{
	AActor* Owner = GetOwner();
	UFunction* SetUp = Owner != nullptr ? Owner->FindFunction(FName(TEXT("ARKitFaceSetup"))) : nullptr;
	if (SetUp == nullptr || SetUp->NumParms != 0 || !MedTalkFace::HasSubject(*Owner, TEXT("ARKitFaceSubj")))
	{
		return false;
	}
	MedTalkFace::SetSubject(*Owner, TEXT("ARKitFaceSubj"), FName(*(Subject.ToString() + TEXT("_ARKit"))));
	if (const FBoolProperty* Switch = FindFProperty<FBoolProperty>(Owner->GetClass(), TEXT("UseARKitFace")))
	{
		Switch->SetPropertyValue_InContainer(Owner, true);
	}
	Owner->ProcessEvent(SetUp, nullptr);
	return true;
}

void UMedTalkFaceComponent::PushOptions()
{
	const USkeletalMeshComponent* Face = FindFace();
	UMedTalkAnimInstance* Instance = Face != nullptr ? Cast<UMedTalkAnimInstance>(Face->GetAnimInstance()) : nullptr;
	if (Instance != nullptr)
	{
		FMedTalkFaceOptions Options;
		Options.Subject = Subject;
		Options.BlendWeight = FMath::Clamp(BlendWeight, 0.0f, 1.0f);
		Options.bMoveHead = bMoveHead;
		Options.HeadFactors = FVector3f(static_cast<float>(HeadFactors.X), static_cast<float>(HeadFactors.Y), static_cast<float>(HeadFactors.Z));
		Instance->SetOptions(Options);
	}
}

void UMedTalkFaceComponent::TickComponent(
	float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	if (!bDriving)
	{
		return;
	}
	KeepNative();
	PushOptions();
	Judge(DeltaTime);
}

/** Says once what moved; in Auto, curves that do not come to the face call for the next way. */
void UMedTalkFaceComponent::Judge(float DeltaTime)
{
	const medtalk::Motion Before = Motion.Verdict();
	if (Motion.IsDone() || BlendWeight < 0.5f) // a face that is meant to rest says nothing
	{
		return;
	}
	const medtalk::Motion Now = Motion.Add(MedTalk::GatherFacts(Subject, FindFace()), DeltaTime);
	if (Now == Before)
	{
		return;
	}
	const TArray<FString> Lines = Probe();
	UE_LOG(LogMedTalk, Log, TEXT("%s"), *Lines[Lines.Num() - 1]);
	if (Now == medtalk::Motion::Still && Mode == EMedTalkFaceMode::Auto && !bFellBack)
	{
		FallBack();
	}
}

/** A character's own set-up may put its blueprint back whenever the face is initialised anew. */
void UMedTalkFaceComponent::KeepNative()
{
	USkeletalMeshComponent* Face = FindFace();
	if (Driving == EMedTalkFaceMode::Native && Face != nullptr && Cast<UMedTalkAnimInstance>(Face->GetAnimInstance()) == nullptr)
	{
		DriveNative(*Face);
	}
}

/** The subject speaks, but our instance's curves do not come to the face: the stock ways, newest first, else ours again. */
void UMedTalkFaceComponent::FallBack()
{
	bFellBack = true;
#if !UE_VERSION_OLDER_THAN(5, 6, 0)
	if (Drive(EMedTalkFaceMode::StockBlueprint))
	{
		return;
	}
#endif
	if (!Drive(EMedTalkFaceMode::Arkit)) // characters of 5.4 and 5.5, opened later as well
	{
		Drive(EMedTalkFaceMode::Native);
	}
}

void UMedTalkFaceComponent::StopDriving()
{
	USkeletalMeshComponent* Face = FindFace();
	if (bDriving && Face != nullptr && Driving != EMedTalkFaceMode::Arkit)
	{
		Face->SetAnimInstanceClass(ClassBefore);
	}
	bDriving = false;
}

medtalk::ProbeFacts UMedTalkFaceComponent::Facts() const
{
	medtalk::ProbeFacts Found = MedTalk::GatherFacts(Subject, FindFace());
	Found.driver = bDriving ? MedTalkFace::Describe(Driving) : "";
	Found.motion = Motion.Verdict();
	Found.boneDegrees = Motion.BoneDegrees();
	return Found;
}

TArray<FString> UMedTalkFaceComponent::Probe() const
{
	TArray<FString> Lines;
	for (const medtalk::ProbeLine& Line : medtalk::Diagnose(Facts()))
	{
		Lines.Add(FString(Line.good ? TEXT("ok: ") : TEXT("STOPS HERE: ")) + MedTalk::ToString(Line.words));
	}
	return Lines;
}
