#pragma once
#include "UObject/Object.h"
class FProperty { public: template <typename T> T* ContainerPtrToValuePtr(void*, int32 = 0) const; };
class FStructProperty : public FProperty { public: UScriptStruct* Struct; };
class FNameProperty : public FProperty { public: void SetPropertyValue_InContainer(void*, const FName&, int32 = 0) const; FName GetPropertyValue_InContainer(const void*, int32 = 0) const; };
class FBoolProperty : public FProperty { public: void SetPropertyValue_InContainer(void*, bool, int32 = 0) const; };
template <typename T> T* FindFProperty(const UStruct*, const TCHAR*);
