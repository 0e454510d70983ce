#pragma once
class FCriticalSection { public: FCriticalSection(); FCriticalSection(const FCriticalSection&) = delete; FCriticalSection& operator=(const FCriticalSection&) = delete; void Lock(); void Unlock(); };
