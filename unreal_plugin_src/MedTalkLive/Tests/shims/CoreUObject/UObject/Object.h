#pragma once
#include "UObject/ObjectMacros.h"
class UClass; class UFunction; class UScriptStruct;
class UObject {
public:
	virtual ~UObject(); UClass* GetClass() const; UObject* GetOuter() const; bool IsA(const UClass*) const; FName GetFName() const; FString GetName() const;
	UFunction* FindFunction(FName) const; virtual void ProcessEvent(UFunction*, void*); void PostEditChange(); static UClass* StaticClass();
};
class UStruct : public UObject {};
class UScriptStruct : public UStruct {};
class UClass : public UStruct {};
class UFunction : public UStruct { public: uint8 NumParms; };
template <typename T> class TSubclassOf { public: TSubclassOf(); TSubclassOf(UClass*); TSubclassOf(std::nullptr_t); operator UClass*() const; UClass* Get() const; };
template <typename T> class TWeakObjectPtr { public: bool IsValid() const; T* Get() const; };
template <typename To, typename From> auto Cast(From* Object) -> std::conditional_t<std::is_const_v<From>, const To*, To*>;
template <typename T> T* GetMutableDefault();
template <typename T> T* FindObject(UObject*, const TCHAR*, bool = false);
template <typename T> UClass* LoadClass(UObject*, const TCHAR*);
