#include "MedTalkThrottle.h"

#include "Editor.h"
#include "Editor/EditorEngine.h"
#include "Editor/EditorPerformanceSettings.h"

void FMedTalkThrottle::Register()
{
	if (GEditor != nullptr && !bRegistered)
	{
		bRegistered = true;
		GEditor->ShouldDisableCPUThrottlingDelegates.Add(
			UEditorEngine::FShouldDisableCPUThrottling::CreateLambda([this]() { return bActive; }));
		Handle = GEditor->ShouldDisableCPUThrottlingDelegates.Last().GetHandle();
	}
}

FMedTalkThrottle::~FMedTalkThrottle()
{
	SetStreaming(false);
	if (GEditor != nullptr && bRegistered)
	{
		GEditor->ShouldDisableCPUThrottlingDelegates.RemoveAll(
			[this](const UEditorEngine::FShouldDisableCPUThrottling& Delegate) { return Delegate.GetHandle() == Handle; });
	}
}

void FMedTalkThrottle::SetStreaming(bool bStreaming)
{
	if (bActive == bStreaming)
	{
		return;
	}
	bActive = bStreaming;
	Register();
	UEditorPerformanceSettings* Settings = GetMutableDefault<UEditorPerformanceSettings>();
	if (bStreaming)
	{
		bPreferenceBefore = Settings->bThrottleCPUWhenNotForeground;
	}
	Settings->bThrottleCPUWhenNotForeground = bStreaming ? false : bPreferenceBefore;
	Settings->PostEditChange();
}
