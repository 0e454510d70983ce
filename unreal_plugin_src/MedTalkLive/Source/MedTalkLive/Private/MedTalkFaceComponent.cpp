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

constexpr float JudgeSeconds = 2.0f; // a face is given this long to move before Auto tries the next way
constexpr float MovingJaw = 0.05f;

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
	Drive(Mode == EMedTalkFaceMode::Auto ? EMedTalkFaceMode::Native : Mode);
}

void UMedTalkFaceComponent::Drive(EMedTalkFaceMode Wanted)
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
	SinceStart = 0.0f;
	if (!bTaken)
	{
		UE_LOG(LogMedTalk, Warning, TEXT("The face could not be driven this way; call Probe to see where the curves stop"));
	}
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
	if (Mode == EMedTalkFaceMode::Auto && Driving == EMedTalkFaceMode::Native)
	{
		const medtalk::ProbeFacts Facts = MedTalk::GatherFacts(Subject, FindFace());
		const bool bStill = Facts.subjectValue > MedTalkFace::MovingJaw && (!Facts.curveThere || !Facts.postProcess);
		SinceStart = bStill ? SinceStart + DeltaTime : 0.0f;
		if (SinceStart > MedTalkFace::JudgeSeconds)
		{
			FallBack();
		}
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

/** The subject speaks, but our instance moves nothing: the stock way of this engine's version. */
void UMedTalkFaceComponent::FallBack()
{
	for (const FString& Line : Probe())
	{
		UE_LOG(LogMedTalk, Warning, TEXT("%s"), *Line);
	}
#if UE_VERSION_OLDER_THAN(5, 6, 0)
	Drive(EMedTalkFaceMode::Arkit);
#else
	Drive(EMedTalkFaceMode::StockBlueprint);
#endif
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

TArray<FString> UMedTalkFaceComponent::Probe() const
{
	TArray<FString> Lines;
	for (const medtalk::ProbeLine& Line : medtalk::Diagnose(MedTalk::GatherFacts(Subject, FindFace())))
	{
		Lines.Add(FString(Line.good ? TEXT("ok: ") : TEXT("STOPS HERE: ")) + MedTalk::ToString(Line.words));
	}
	return Lines;
}
