// wawa-lipsync: as it is, on the Web Audio API of node-web-audio-api, whose
// offline context stops at every frame to let it look at its analyser.
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { OfflineAudioContext } from 'node-web-audio-api';
import { FPS, frameCount, RATE } from './browser.mjs';

let context;
globalThis.window = { AudioContext: class { constructor() { return context; } } };
globalThis.performance = { now: () => context.currentTime * 1000 };
const { Lipsync } = createRequire(import.meta.url)('wawa-lipsync');

export async function follow(samples) {
  const frames = frameCount(samples);
  context = new OfflineAudioContext(1, samples.length, RATE);
  const lips = new Lipsync();
  const source = context.createBufferSource();
  const buffer = context.createBuffer(1, samples.length, RATE);
  buffer.copyToChannel(samples, 0);
  source.buffer = buffer;
  source.connect(lips.analyser);
  lips.analyser.connect(context.destination);
  source.start();
  const rows = [{}];
  for (let k = 1; k < frames; k++) {
    context.suspend(Math.floor((k * RATE) / FPS / 128) * 128 / RATE).then(() => {
      lips.processAudio();
      rows.push({ [lips.viseme.replace('viseme_', '')]: 1 });
      context.resume();
    });
  }
  // its suspensions reach its own thread a little later; rendering must not begin before
  await setTimeout(100);
  await context.startRendering();
  return rows;
}
