// Entry point of the editor module: registers the panel and ticks its logic. Game thread.
#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "Framework/Application/SlateApplication.h"
#include "Framework/Docking/TabManager.h"
#include "Modules/ModuleManager.h"
#include "Widgets/Docking/SDockTab.h"

#include "MedTalkPanelLogic.h"
#include "SMedTalkPanel.h"

namespace MedTalkEditor
{

static const TCHAR* const TabName = TEXT("MedTalkLive");
constexpr float TickSeconds = 0.05f;

class FModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		Logic = MakeShared<FMedTalkPanelLogic>();
		FGlobalTabmanager::Get()
			->RegisterNomadTabSpawner(FName(TabName), FOnSpawnTab::CreateRaw(this, &FModule::SpawnTab))
			.SetDisplayName(FText::FromString(TEXT("MedTalk Live")));
		TickHandle = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateRaw(this, &FModule::Tick), TickSeconds);
	}

	virtual void ShutdownModule() override
	{
		FTSTicker::GetCoreTicker().RemoveTicker(TickHandle);
		if (FSlateApplication::IsInitialized())
		{
			FGlobalTabmanager::Get()->UnregisterNomadTabSpawner(FName(TabName));
		}
		Logic.Reset();
	}

private:
	TSharedRef<SDockTab> SpawnTab(const FSpawnTabArgs& Args)
	{
		const TSharedRef<SDockTab> Tab = SNew(SDockTab).TabRole(ETabRole::NomadTab);
		Tab->SetContent(SNew(SMedTalkPanel, Logic.ToSharedRef()));
		return Tab;
	}

	bool Tick(float DeltaSeconds)
	{
		Logic->Tick();
		return true; // again
	}

	TSharedPtr<FMedTalkPanelLogic> Logic;
	FTSTicker::FDelegateHandle TickHandle;
};

} // namespace MedTalkEditor

IMPLEMENT_MODULE(MedTalkEditor::FModule, MedTalkLiveEditor)
