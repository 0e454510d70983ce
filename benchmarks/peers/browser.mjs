// What the peers need of a browser, and the clock that they share: 48 kHz sound
// in blocks of 128 samples, their state read at every 60 Hz frame. A frame has
// heard every block that ended by its own time, and no message between threads
// takes any time: the most favourable browser there could be.

export const RATE = 48000;
export const FPS = 60;
const BLOCK = 128;
globalThis.currentTime = 0;

export class Port {
  other = null;
  onmessage = null;
  postMessage(data) { this.other?.onmessage?.({ data }); }
}

export function connect(one, two) {
  one.other = two;
  two.other = one;
}

export function frameCount(samples) {
  return Math.floor((samples.length * FPS) / RATE);
}

export function drive(samples, hear, read) {
  const rows = [];
  let heard = 0;
  for (let k = 0; k < frameCount(samples); k++) {
    for (; (heard + BLOCK) * FPS <= k * RATE; heard += BLOCK) {
      globalThis.currentTime = heard / RATE;
      hear(samples.subarray(heard, heard + BLOCK));
    }
    rows.push(read());
  }
  return rows;
}
