// @met4citizen/headaudio: its audio processor and its node, wired together as
// the worklet thread and the page would be; defaults, the model that ships.
import { readFileSync } from 'node:fs';
import { connect, drive, FPS, Port, RATE } from './browser.mjs';

globalThis.AudioWorkletNode = class { port = new Port(); };
const modules = '@met4citizen/headaudio/modules';
const { HeadAudio } = await import(`${modules}/headaudio.mjs`);
const { Processor } = await import(`${modules}/processor.mjs`);
const weights = new URL(import.meta.resolve('@met4citizen/headaudio/dist/model-en-mixed.bin'));
const model = `data:;base64,${readFileSync(weights).toString('base64')}`;

export async function follow(samples) {
  const node = new HeadAudio({});
  const thread = { port: new Port() };
  const processor = new Processor({ sampleRate: RATE }, thread);
  thread.port.onmessage = (message) => processor._onmessage(message);
  connect(node.port, thread.port);
  await node.loadModel(model);
  const values = {};
  node.onvalue = (viseme, value) => { values[viseme.replace('viseme_', '')] = value; };
  return drive(samples, (block) => processor.process(block), () => {
    node.update(1000 / FPS);
    return { ...values };
  });
}
