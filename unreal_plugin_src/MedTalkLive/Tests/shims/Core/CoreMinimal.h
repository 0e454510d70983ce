// Shim of Unreal's Core: declarations only, for type-checking. Evidence: the facts' table where it names the symbol, general
// engine knowledge (K) for the containers and strings that every module uses.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#ifndef ENGINE_MINOR_VERSION
#error "the checker says which engine version is meant"
#endif
#define ENGINE_MAJOR_VERSION 5
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using uint32 = std::uint32_t;
using int32 = std::int32_t;
using int64 = std::int64_t;
using uint64 = std::uint64_t;
using TCHAR = char16_t;
#define TEXT(x) u##x
#define INDEX_NONE (-1)
// engine macros that are live in every file (K): names that a core header must not use
#define check(x) ((void)(x))
#define verify(x) ((void)(x))
#define ensure(x) (!!(x))
#define PI (3.1415926535897932f)
template <typename T> std::remove_reference_t<T>&& MoveTemp(T&& Value) { return static_cast<std::remove_reference_t<T>&&>(Value); }
class FString {
public:
	FString(); FString(const TCHAR*);
	template <typename C, typename = decltype(std::declval<C>().Get(), std::declval<C>().Length())> explicit FString(const C&);
	const TCHAR* operator*() const; bool IsEmpty() const; int32 Len() const;
	FString& operator+=(const FString&); FString& operator+=(const TCHAR*);
	static FString FromInt(int32);
	template <typename... A> static FString Printf(const TCHAR*, A...) { static_assert((std::is_scalar_v<A> && ...), "only plain values can be printed: *String, not String"); return FString(); }
};
FString operator+(const FString&, const FString&); FString operator+(const FString&, const TCHAR*); FString operator+(const TCHAR*, const FString&);
bool operator==(const FString&, const FString&);
class FUTF8ToTCHAR { public: FUTF8ToTCHAR(const char*, int32); const TCHAR* Get() const; int32 Length() const; };
class FTCHARToUTF8 { public: explicit FTCHARToUTF8(const TCHAR*); const char* Get() const; int32 Length() const; };
class FName { public: FName(); FName(const TCHAR*); FName(const char*); FString ToString() const; bool IsNone() const; bool operator==(FName) const; };
extern const FName NAME_None;
class FText { public: static FText FromString(const FString&); const FString& ToString() const; };
template <typename T> class TArray {
public:
	int32 Num() const; bool IsEmpty() const; void Reset(); void Reserve(int32); void SetNumUninitialized(int32);
	int32 Add(const T&); void Append(const T*, int32); T* GetData(); const T* GetData() const; T& Last();
	T& operator[](int32); const T& operator[](int32) const; int32 IndexOfByKey(const T&) const;
	template <typename P> int32 RemoveAll(const P& Wanted) { return Wanted(Last()) ? 1 : 0; }
	T* begin(); T* end(); const T* begin() const; const T* end() const;
};
template <typename K, typename V> class TMap { public: V& Add(const K&, const V&); };
template <typename T> class TOptional { public: bool IsSet() const; const T& GetValue() const; };
enum class ESPMode : uint8 { NotThreadSafe, ThreadSafe };
template <typename T, ESPMode M = ESPMode::ThreadSafe> class TSharedPtr;
template <typename T, ESPMode M = ESPMode::ThreadSafe> class TSharedRef {
public:
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>> TSharedRef(const TSharedRef<U, M>&);
	T& operator*() const; T* operator->() const; T& Get() const;
	static TSharedRef Made();
private: TSharedRef();
};
template <typename T, ESPMode M> class TSharedPtr {
public:
	TSharedPtr(); TSharedPtr(std::nullptr_t);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>> TSharedPtr(const TSharedRef<U, M>&);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>> TSharedPtr(const TSharedPtr<U, M>&);
	bool IsValid() const; void Reset(); T& operator*() const; T* operator->() const; explicit operator bool() const; TSharedRef<T, M> ToSharedRef() const;
};
template <typename T, ESPMode M = ESPMode::ThreadSafe> class TWeakPtr {
public:
	TWeakPtr(); TWeakPtr(const TSharedPtr<T, M>&); TWeakPtr(const TSharedRef<T, M>&); TSharedPtr<T, M> Pin() const;
};
template <typename T, ESPMode M = ESPMode::ThreadSafe, typename... A, typename = decltype(T(std::declval<A>()...))> TSharedRef<T, M> MakeShared(A&&...);
template <typename T> class TUniquePtr {
public:
	TUniquePtr(); TUniquePtr(std::nullptr_t); TUniquePtr(TUniquePtr&&); TUniquePtr& operator=(TUniquePtr&&); ~TUniquePtr() { static_assert(sizeof(T) > 0); }
	bool IsValid() const; void Reset(); T* operator->() const; T& operator*() const;
};
template <typename T, typename... A, typename = decltype(T(std::declval<A>()...))> TUniquePtr<T> MakeUnique(A&&...);
struct FGuid { uint32 A, B, C, D; };
struct FVector { FVector(double, double, double); double X, Y, Z; };
struct FVector3f { FVector3f(float, float, float); float X, Y, Z; };
struct FQuat { double X, Y, Z, W; };
struct FTransform { FQuat GetRotation() const; };
struct FTimespan { static FTimespan FromSeconds(double); };
struct FCString { static int32 Atoi(const TCHAR*); };
struct FPlatformTime { static double Seconds(); };
struct FMath {
	template <typename T> static T Max(T, T); template <typename T> static T Clamp(T, T, T); template <typename T> static T Lerp(T, T, float);
	static float Abs(float); static float RoundToFloat(float); static int32 RoundToInt(float);
};
struct FFrameRate { FFrameRate(); FFrameRate(uint32, uint32); };
struct FFrameTime { FFrameTime(); static FFrameTime FromDecimal(double); };
class FDelegateHandle { public: FDelegateHandle(); bool operator==(const FDelegateHandle&) const; };
template <typename S> class TDelegate;
template <typename R, typename... A> class TDelegate<R(A...)> {
public:
	template <typename F, typename = std::enable_if_t<std::is_convertible_v<std::invoke_result_t<F, A...>, R>>> static TDelegate CreateLambda(F&&) { return TDelegate(); }
	template <typename O, typename C> static TDelegate CreateRaw(O*, R (C::*)(A...));
	FDelegateHandle GetHandle() const;
};
struct FLogCategoryBase {};
namespace ELogVerbosity { enum Type { Error, Warning, Log, All }; }
#define DECLARE_LOG_CATEGORY_EXTERN(Name, Default, Compile) extern struct FLog##Name : public FLogCategoryBase {} Name
#define DEFINE_LOG_CATEGORY(Name) FLog##Name Name
template <typename... A> void ShimLog(const FLogCategoryBase&, ELogVerbosity::Type, const TCHAR*, A...) { static_assert((std::is_scalar_v<A> && ...), "only plain values can be logged: *String, not String"); }
#define UE_LOG(Category, Verbosity, Format, ...) ShimLog(Category, ELogVerbosity::Verbosity, Format, ##__VA_ARGS__)
