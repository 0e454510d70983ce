// Waits on the socket, feeds the core's receiver, pushes frames to Live Link. Everything
// on its own thread; Live Link's push functions are made for that. It never blocks for
// longer than a frame while a face is live, so that the ease to neutral is pushed on time.
#pragma once

#include "CoreMinimal.h"
#include "HAL/Runnable.h"
#include "HAL/RunnableThread.h"
#include "LiveLinkTypes.h"

#include <atomic>

#include "MedTalkStatus.h"

class FSocket;
class ILiveLinkClient;

/** Settings that may change while the thread runs. */
struct FMedTalkPushSettings
{
	medtalk::HeadMapping Head;
	bool bSenderTimecode = false;
};

class FMedTalkReceiveThread : public FRunnable, private medtalk::FrameTarget
{
public:
	FMedTalkReceiveThread(ILiveLinkClient& InClient, const FGuid& InSource, const medtalk::Connection& InConnection,
		const TSharedRef<FMedTalkRecord, ESPMode::ThreadSafe>& InRecord);
	virtual ~FMedTalkReceiveThread() override; // stops, joins, then closes the socket

	/** False where the port could not be bound. */
	bool IsBound() const { return Socket != nullptr; }

	/** Game thread: new settings, and the engine's time of this tick (a race to read from here). */
	void Configure(const FMedTalkPushSettings& InSettings);
	void SetSceneTime(const FQualifiedFrameTime& InTime);

	virtual uint32 Run() override;
	virtual void Stop() override { bStopping = true; }

private:
	struct FPushed
	{
		FName Face;
		FName Arkit;
	};

	virtual void OnFrame(const medtalk::PushedFrame& Frame) override;

	void ReceiveAll();
	void Report(medtalk::Verdict Verdict);
	void Publish(double Now);
	const FPushed& NamesOf(int Subject);
	void PushStatic(FName Name, int Count, const char* (*PropertyName)(int));
	void PushFrame(FName Name, const medtalk::PushedFrame& Frame, const float* Values, int Count);
	FQualifiedFrameTime SceneTimeOf(const medtalk::PushedFrame& Frame) const;

	ILiveLinkClient& Client;
	FGuid Source;
	medtalk::Connection Connection;
	TSharedRef<FMedTalkRecord, ESPMode::ThreadSafe> Record;
	FSocket* Socket = nullptr;
	FRunnableThread* Thread = nullptr;
	std::atomic<bool> bStopping{false};
	mutable FCriticalSection Section; // of the two values below
	FMedTalkPushSettings Settings;
	FQualifiedFrameTime SceneTime;
	medtalk::Receiver Receiver;
	TArray<FPushed> Names;
	TArray<uint8> Buffer;
	double LastPublish = 0.0;
	bool bReported[medtalk::kVerdictCount] = {};
};
