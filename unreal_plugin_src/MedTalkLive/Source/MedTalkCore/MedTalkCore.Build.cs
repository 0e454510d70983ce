using UnrealBuildTool;

public class MedTalkCore : ModuleRules
{
	public MedTalkCore(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.NoPCHs; // plain C++17, no engine header but in the module's own file
		PublicDependencyModuleNames.AddRange(new string[] { "Core" });
	}
}
