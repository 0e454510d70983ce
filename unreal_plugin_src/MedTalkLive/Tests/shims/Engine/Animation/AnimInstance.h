#pragma once
#include "UObject/Object.h"
struct FAnimInstanceProxy;
class UAnimInstance : public UObject {
public:
	float GetCurveValue(FName) const; bool GetCurveValue(FName, float&) const; static UClass* StaticClass();
protected:
	virtual FAnimInstanceProxy* CreateAnimInstanceProxy(); virtual void DestroyAnimInstanceProxy(FAnimInstanceProxy*);
};
