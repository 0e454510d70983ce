// The scrolling waveform and the curves of chosen controls, on one time axis.

import { CONTROLS } from "./face.js";

const SECONDS = 6;
const TELL_MS = 150;
const ROWS = 512; // frames kept: more than SECONDS at 60 a second
const COLOURS = ["#4f8ef7", "#e4724f", "#3fae72", "#b678e0", "#d9a514", "#e0608f", "#38b2c4", "#8f9bb0"];
const FIRST = ["C_jaw.ty", "L_mouth_lipsTogetherU.ty", "L_mouth_purseU.ty", "L_mouth_cornerPull.ty", "L_brow_raiseIn.ty", "L_eye_blink.ty"];

export class Plots {
  constructor(wave, curves, legend, picker, list) {
    this.wave = new Strip(wave);
    this.curves = new Strip(curves);
    this.legend = legend;
    this.list = list;
    this.picker = picker;
    this.peaks = [];
    this.times = new Float64Array(ROWS);
    this.rows = new Float32Array(ROWS * CONTROLS);
    this.count = 0;
    this.names = [];
    this.chosen = [];
    this.told = -TELL_MS;
    this.ink = "gray";
    picker.addEventListener("change", () => this.add(picker.value));
  }

  know(names) {
    this.names = names;
    this.list.replaceChildren(...names.map((name) => new Option(name, name)));
    if (this.chosen.length === 0) FIRST.forEach((name) => this.add(name));
  }

  add(name) {
    const index = this.names.indexOf(name);
    if (index < 0 || this.chosen.some((curve) => curve.index === index)) return;
    const used = new Set(this.chosen.map((curve) => curve.colour));
    const colour = COLOURS.find((candidate) => !used.has(candidate)) ?? COLOURS[this.chosen.length % COLOURS.length];
    const item = document.createElement("li");
    const value = document.createElement("span");
    value.className = "number";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.title = `remove ${name}`;
    const label = document.createElement("span");
    label.textContent = `${name} `;
    label.style.color = colour;
    item.append(label, value, close);
    const curve = { index, colour, value };
    close.addEventListener("click", () => {
      this.chosen = this.chosen.filter((other) => other !== curve);
      this.curves.forget();
      item.remove();
    });
    this.chosen.push(curve);
    this.curves.forget();
    this.legend.append(item);
    this.picker.value = "";
  }

  hearFace(face) {
    const place = this.count % ROWS;
    this.times[place] = face.time;
    this.rows.set(face.values.subarray(0, CONTROLS), place * CONTROLS);
    this.count += 1;
  }

  hearWave(buffer) {
    const view = new DataView(buffer);
    const count = view.getUint16(2, true);
    const rate = view.getUint32(4, true);
    this.peaks.push({ time: view.getFloat64(8, true), rate, pairs: new Int8Array(buffer, 16, 2 * count) });
    const newest = this.peaks[this.peaks.length - 1].time;
    while (this.peaks.length > 0 && this.peaks[0].time < newest - SECONDS - 1) this.peaks.shift();
  }

  draw(now) {
    const last = this.count === 0 ? 0 : this.times[(this.count - 1) % ROWS];
    if (now - this.told > TELL_MS) {
      this.told = now;
      this.tellValues();
    }
    this.drawWave(last, COLOURS[0]);
    this.drawCurves(last);
  }

  // The numbers of the legend: a few times a second, since words cost a layout.
  tellValues() {
    this.ink = getComputedStyle(this.curves.canvas).color;
    if (this.count === 0) return;
    const newest = ((this.count - 1) % ROWS) * CONTROLS;
    for (const { index, value } of this.chosen) value.textContent = this.rows[newest + index].toFixed(2);
  }

  // One outline for the new part of the waveform: along its peaks and back along its troughs.
  drawWave(end, colour) {
    const { context, from, width, height, pixels } = this.wave.scrollTo(end);
    const right = this.wave.end;
    const y = (value) => (0.5 - value / 254) * height;
    const back = [];
    context.fillStyle = colour;
    context.beginPath();
    for (const { time, rate, pairs } of this.peaks) {
      if (time + pairs.length / 2 / rate < from) continue;
      const step = 2 * Math.max(1, Math.round(rate / pixels)); // no more than one a pixel
      for (let place = 0; place < pairs.length; place += step) {
        const x = width - (right - time - place / 2 / rate) * pixels;
        context.lineTo(x, y(pairs[place + 1]) - 0.5);
        back.push(x, y(pairs[place]) + 0.5);
      }
    }
    for (let at = back.length - 2; at >= 0; at -= 2) context.lineTo(back[at], back[at + 1]);
    context.fill();
    context.restore();
  }

  drawCurves(end) {
    const { context, from, width, height, pixels } = this.curves.scrollTo(end);
    const right = this.curves.end;
    const y = (value) => height * (1 - (value + 1.05) / 2.1);
    context.fillStyle = this.ink;
    context.globalAlpha = 0.3;
    for (const line of [-1, 0, 1]) context.fillRect(0, Math.round(y(line)), width, 1);
    context.globalAlpha = 1;
    const oldest = Math.max(0, this.count - ROWS);
    let first = Math.max(oldest, this.count - 1);
    while (first > oldest && this.times[first % ROWS] > from) first -= 1;
    for (const { index, colour } of this.chosen) {
      context.strokeStyle = colour;
      context.beginPath();
      for (let row = first; row < this.count; row += 1) {
        const place = row % ROWS;
        context.lineTo(width - (right - this.times[place]) * pixels, y(this.rows[place * CONTROLS + index]));
      }
      context.stroke();
    }
    context.restore();
  }
}

// A canvas that scrolls: what was drawn moves to the left, and only the new part is drawn.
class Strip {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.forget();
  }

  // Everything must be drawn anew.
  forget() {
    this.end = -Infinity; // time at the right edge, on a whole pixel
  }

  // Moves the right edge to a time and clips to what is new; `from` is the time where that
  // begins, with something to spare. The caller restores the context.
  scrollTo(end) {
    const { canvas, context } = this;
    const width = Math.max(300, canvas.clientWidth);
    if (canvas.width !== width) {
      canvas.width = width;
      this.forget();
    }
    const pixels = width / SECONDS;
    let by = Math.round((end - this.end) * pixels);
    if (by < 0 || by >= width) {
      by = width;
      this.end = end;
    } else {
      this.end += by / pixels;
      context.globalCompositeOperation = "copy";
      context.drawImage(canvas, -by, 0);
      context.globalCompositeOperation = "source-over";
    }
    context.save();
    context.beginPath();
    context.rect(width - by, 0, by, canvas.height);
    context.clip();
    context.clearRect(width - by, 0, by, canvas.height);
    return { context, from: this.end - by / pixels - 0.1, width, height: canvas.height, pixels };
  }
}
