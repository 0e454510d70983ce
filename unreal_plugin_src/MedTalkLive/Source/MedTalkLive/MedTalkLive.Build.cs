using UnrealBuildTool;

public class MedTalkLive : ModuleRules
{
	public MedTalkLive(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "LiveLinkInterface", "AnimGraphRuntime", "MedTalkCore" });
		PrivateDependencyModuleNames.AddRange(new string[] { "Sockets", "Networking" });
	}
}
