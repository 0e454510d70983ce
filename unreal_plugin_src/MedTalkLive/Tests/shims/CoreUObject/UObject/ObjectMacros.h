// The reflection macros; GENERATED_BODY comes from the stubs that the checker writes.
#pragma once
#include "CoreMinimal.h"
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define UMETA(...)
#define SHIM_JOIN_(A, B, C) A##_##B##C
#define SHIM_JOIN(A, B, C) SHIM_JOIN_(A, B, C)
#define GENERATED_BODY(...) SHIM_JOIN(CURRENT_FILE_ID, __LINE__, _GENERATED_BODY)
