#pragma once
#include "CoreMinimal.h"
struct FGeometry {};
class FExternalDragOperation { public: bool HasFiles() const; const TArray<FString>& GetFiles() const; };
class FDragDropEvent { public: template <typename T> TSharedPtr<T> GetOperationAs() const; };
