#include "MedTalkAnimInstance.h"

#include "AnimNodes/AnimNode_CopyPoseFromMesh.h"
#include "Animation/AnimCurveTypes.h"
#include "Animation/AnimInstanceProxy.h"
#include "Animation/AnimNodeBase.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "LiveLinkTypes.h"
#include "Roles/LiveLinkBasicRole.h"

#include "MedTalkCore/Rig.h"

namespace MedTalkAnim
{

/** The raw curves at rest, which a blend weight below 1 mixes with. */
struct FRest
{
	float Raw[medtalk::kRawCount];

	FRest()
	{
		medtalk::Pose Neutral;
		medtalk::SetNeutral(Neutral);
		medtalk::ToRaw(Neutral.controls, Raw);
	}
};

struct FProxy : public FAnimInstanceProxy
{
	explicit FProxy(UAnimInstance* Instance)
		: FAnimInstanceProxy(Instance)
	{
		CopyBody.bUseAttachedParent = true;
		CopyBody.bCopyCurves = true;
		CopyBody.bCopyCustomAttributes = true;
	}

	virtual FAnimNode_Base* GetCustomRootNode() override { return &CopyBody; }

	virtual void GetCustomNodes(TArray<FAnimNode_Base*>& OutNodes) override { OutNodes.Add(&CopyBody); }

	virtual void PreUpdate(UAnimInstance* Instance, float DeltaSeconds) override
	{
		FAnimInstanceProxy::PreUpdate(Instance, DeltaSeconds);
		const UMedTalkAnimInstance* Face = Cast<UMedTalkAnimInstance>(Instance);
		Names.Reset();
		if (Face != nullptr)
		{
			Options = Face->GetOptions();
			ReadSubject();
		}
	}

	virtual bool Evaluate(FPoseContext& Output) override
	{
		CopyBody.Evaluate_AnyThread(Output);
		for (int32 Index = 0; Index < Names.Num(); ++Index)
		{
			Output.Curve.Set(Names[Index], Mixed(Index));
		}
		return true;
	}

private:
	void ReadSubject()
	{
		IModularFeatures& Features = IModularFeatures::Get();
		if (!Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName))
		{
			return;
		}
		ILiveLinkClient& Client = Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
		FLiveLinkSubjectFrameData Data;
		if (!Client.EvaluateFrame_AnyThread(FLiveLinkSubjectName(Options.Subject), ULiveLinkBasicRole::StaticClass(), Data))
		{
			return;
		}
		const FLiveLinkBaseStaticData* Static = Data.StaticData.Cast<FLiveLinkBaseStaticData>();
		const FLiveLinkBaseFrameData* Frame = Data.FrameData.Cast<FLiveLinkBaseFrameData>();
		const bool bOurs = Static != nullptr && Frame != nullptr && Static->PropertyNames.Num() == medtalk::kPropertyCount &&
			Frame->PropertyValues.Num() == medtalk::kPropertyCount;
		if (bOurs)
		{
			Names = Static->PropertyNames;
			Values = Frame->PropertyValues;
		}
	}

	/** The curve at an index of the 260, after weight and head settings. */
	float Mixed(int32 Index) const
	{
		static const FRest Rest;
		constexpr int32 Switch = medtalk::kRawCount;
		if (Index < Switch)
		{
			return FMath::Lerp(Rest.Raw[Index], Values[Index], Options.BlendWeight);
		}
		switch (Index - Switch)
		{
		case 0: // HeadControlSwitch
			return Options.bMoveHead ? 1.0f : 0.0f;
		case 1:
			return Values[Index] * Options.HeadFactors.Z * Options.BlendWeight;
		case 2:
			return Values[Index] * Options.HeadFactors.Y * Options.BlendWeight;
		case 3:
			return Values[Index] * Options.HeadFactors.X * Options.BlendWeight;
		default: // offsets and flags as they come
			return Values[Index];
		}
	}

	FAnimNode_CopyPoseFromMesh CopyBody;
	FMedTalkFaceOptions Options;
	TArray<FName> Names;
	TArray<float> Values;
};

} // namespace MedTalkAnim

FAnimInstanceProxy* UMedTalkAnimInstance::CreateAnimInstanceProxy()
{
	return new MedTalkAnim::FProxy(this);
}

void UMedTalkAnimInstance::DestroyAnimInstanceProxy(FAnimInstanceProxy* InProxy)
{
	delete static_cast<MedTalkAnim::FProxy*>(InProxy);
}
