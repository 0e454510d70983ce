#include "MedTalkProbe.h"

#include "Animation/AnimInstance.h"
#include "Components/SkeletalMeshComponent.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "LiveLinkTypes.h"
#include "MedTalkLog.h"
#include "MedTalkStatus.h"
#include "Roles/LiveLinkBasicRole.h"

#include <algorithm>

namespace MedTalk
{

static const TCHAR* const ProbedCurve = TEXT("CTRL_expressions_jawOpen");
static const TCHAR* const ProbedBone = TEXT("FACIAL_C_Jaw");

static void GatherStream(FName Subject, medtalk::ProbeFacts& Facts)
{
	const std::string Wanted = ToUtf8(Subject.ToString());
	for (const medtalk::SourceState& Source : Sources())
	{
		Facts.port = Source.connection.port;
		Facts.bound = Source.bound;
		for (const medtalk::SubjectStatus& Status : Source.subjects)
		{
			if (medtalk::SameName(Status.name, Wanted))
			{
				Facts.subjectListed = Status.state != medtalk::StreamState::Waiting;
				Facts.tableDiffers = Status.tableDiffers;
				Facts.frameAgeSeconds = Source.nowSeconds - Status.lastFrameSeconds;
				return;
			}
		}
	}
}

static void GatherEvaluation(FName Subject, medtalk::ProbeFacts& Facts)
{
	IModularFeatures& Features = IModularFeatures::Get();
	Facts.liveLink = Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName);
	if (!Facts.liveLink)
	{
		return;
	}
	ILiveLinkClient& Client = Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
	FLiveLinkSubjectFrameData Data;
	if (!Client.EvaluateFrame_AnyThread(FLiveLinkSubjectName(Subject), ULiveLinkBasicRole::StaticClass(), Data))
	{
		return;
	}
	const FLiveLinkBaseStaticData* Static = Data.StaticData.Cast<FLiveLinkBaseStaticData>();
	const FLiveLinkBaseFrameData* Frame = Data.FrameData.Cast<FLiveLinkBaseFrameData>();
	if (Static != nullptr && Frame != nullptr && Static->PropertyNames.Num() == Frame->PropertyValues.Num())
	{
		Facts.propertyCount = Frame->PropertyValues.Num();
		const int32 Jaw = Static->PropertyNames.IndexOfByKey(FName(ProbedCurve));
		Facts.subjectValue = Jaw != INDEX_NONE ? Frame->PropertyValues[Jaw] : 0.0f;
	}
}

static void GatherMesh(const USkeletalMeshComponent& Face, medtalk::ProbeFacts& Facts)
{
	Facts.faceFound = true;
	Facts.leaderPose = Face.LeaderPoseComponent.IsValid();
	Facts.postProcess = Face.GetPostProcessInstance() != nullptr;
	Facts.rendered = Face.WasRecentlyRendered();
	const FName Bone(ProbedBone);
	Facts.boneThere = Face.DoesSocketExist(Bone);
	if (Facts.boneThere)
	{
		const FQuat Turn = Face.GetSocketTransform(Bone, RTS_ParentBoneSpace).GetRotation();
		const double Parts[4] = {Turn.X, Turn.Y, Turn.Z, Turn.W};
		std::copy(Parts, Parts + 4, Facts.bone);
	}
	const UAnimInstance* Instance = Face.GetAnimInstance();
	if (Instance != nullptr)
	{
		Facts.animClass = ToUtf8(Instance->GetClass()->GetName());
		Facts.curveThere = Instance->GetCurveValue(FName(ProbedCurve), Facts.curveValue);
	}
}

medtalk::ProbeFacts GatherFacts(FName Subject, const USkeletalMeshComponent* Face)
{
	medtalk::ProbeFacts Facts;
	GatherStream(Subject, Facts);
	GatherEvaluation(Subject, Facts);
	if (Face != nullptr)
	{
		GatherMesh(*Face, Facts);
	}
	return Facts;
}

} // namespace MedTalk
