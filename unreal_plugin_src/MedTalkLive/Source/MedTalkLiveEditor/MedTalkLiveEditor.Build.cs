using UnrealBuildTool;

public class MedTalkLiveEditor : ModuleRules
{
	public MedTalkLiveEditor(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "MedTalkCore", "MedTalkLive" });
		PrivateDependencyModuleNames.AddRange(new string[] { "UnrealEd", "Slate", "SlateCore", "InputCore", "LevelSequence", "TakesCore", "TakeRecorder" });
	}
}
