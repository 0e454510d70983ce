// wlipsync: its audio processor (WASM) and its node, wired together as the
// worklet thread and the page would be. It comes without a profile, so one is
// calibrated from the sounds in DIR/calibration.json with the package's own MFCC.
import { readFileSync } from 'node:fs';
import { connect, drive, Port, RATE } from './browser.mjs';

const RECORDS = 16; // uLipSync's defaults, here and in profileOf
let Worklet;
globalThis.sampleRate = RATE;
globalThis.AudioWorkletProcessor = class { port = new Port(); };
globalThis.AudioWorkletNode = class {
  constructor(context, name, options) {
    this.thread = new Worklet(options);
    this.port = new Port();
    connect(this.port, this.thread.port);
  }
};
globalThis.registerProcessor = (name, type) => { Worklet = type; };
await import('wlipsync/audio-processor.js');
const { WLipSyncAudioNode } = await import('wlipsync/wlipsync.js');
const file = new URL('wlipsync.wasm', import.meta.resolve('wlipsync/wlipsync.js'));
const wasm = await WebAssembly.compile(readFileSync(file));

function profileOf(records) {
  return {
    targetSampleRate: 16000, sampleCount: 1024, melFilterBankChannels: 30, compareMethod: 1,
    mfccNum: 12, mfccDataCount: RECORDS, useStandardization: false,
    mfccs: Object.entries(records).map(([name, rows]) => (
      { name, mfccCalibrationDataList: rows.map((array) => ({ array })) })),
  };
}

async function started(profile) {
  const node = new WLipSyncAudioNode({}, profile, wasm);
  while (!node.thread.exports) await new Promise((done) => setTimeout(done, 1));
  node.thread.inputBuffer.fill(0); // all share one memory
  const hear = (block) => node.thread.process([[block]], [], { blockSize: [512] });
  return { node, hear };
}

async function calibrate(dir, visemes) {
  const sounds = JSON.parse(readFileSync(`${dir}/calibration.json`));
  const blank = Array.from({ length: RECORDS }, () => new Array(12).fill(0));
  const records = {};
  for (const viseme of visemes ?? Object.keys(sounds)) {
    records[viseme] = [];
    for (const clip of sounds[viseme].slice(0, RECORDS)) {
      // twelve entries, since the package computes as many coefficients as the profile has names
      const names = Array.from({ length: 12 }, (_, i) => [`${i}`, blank]);
      const { node, hear } = await started(profileOf(Object.fromEntries(names)));
      for (let at = 0; at < clip.length; at += 128) hear(Float32Array.from(clip.slice(at, at + 128)));
      const { exports, volumeView } = node.thread;
      records[viseme].push([...new Float32Array(volumeView.buffer, exports.mfccOut.value, 12)]);
    }
  }
  return profileOf(records);
}

let profile;

export async function follow(samples, dir, visemes) {
  profile ??= await calibrate(dir, visemes);
  const { node, hear } = await started(profile);
  return drive(samples, hear, () => Object.fromEntries(
    Object.entries(node.weights).map(([viseme, weight]) => [viseme, weight * node.volume])));
}
