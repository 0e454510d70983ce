// How many frames a second one core decodes and converts to the 260 properties:
// 21 rounds of 20,000 frames, the median round counts; time
// is the process's own, so that a busy machine does not matter much.
// Prints one line; the target is 200,000.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "../core/Samples.h"

int main()
{
	constexpr int kRounds = 21, kFrames = 20000;
	const auto bytes = Sample("frame_ramp");
	medtalk::Message message;
	medtalk::HeadMapping head;
	float properties[medtalk::kPropertyCount];
	std::vector<double> rates;
	double sum = 0.0;
	for (int round = 0; round < kRounds; ++round)
	{
		const std::clock_t start = std::clock();
		for (int i = 0; i < kFrames; ++i)
		{
			if (medtalk::Decode(View(bytes), message) != medtalk::Verdict::Frame)
			{
				return 1;
			}
			medtalk::ToProperties(message.frame.pose, head, properties);
			sum += static_cast<double>(properties[i % medtalk::kPropertyCount]);
		}
		rates.push_back(kFrames * static_cast<double>(CLOCKS_PER_SEC) / static_cast<double>(std::clock() - start));
	}
	std::sort(rates.begin(), rates.end());
	std::printf("%.0f frames a second of processor time decoded and converted (median of %d rounds; slowest %.0f; check %.3f)\n",
		rates[kRounds / 2], kRounds, rates.front(), sum);
	return rates[kRounds / 2] >= 200000.0 ? 0 : 1;
}
