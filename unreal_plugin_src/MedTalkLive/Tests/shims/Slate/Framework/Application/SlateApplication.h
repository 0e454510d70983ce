#pragma once
class FSlateApplication { public: static bool IsInitialized(); };
