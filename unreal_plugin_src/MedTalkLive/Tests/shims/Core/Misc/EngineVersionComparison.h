#pragma once
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) (5 < (Major) || (5 == (Major) && ENGINE_MINOR_VERSION < (Minor)))
