// Connects to the runtime, hands its messages on, and draws at the screen's rate.

import { FaceView, readFace } from "./face.js";
import { Panel } from "./panel.js";
import { Plots } from "./plots.js";

const find = (id) => document.getElementById(id);
const FACE = 1;
const view = new FaceView(find("face"));
const plots = new Plots(find("wave"), find("curves"), find("legend"), find("add-control"), find("control-names"));
const waiting = new Map(); // commands that were not answered yet
let socket = null;
let asked = 0;
let level = -60;

const panel = new Panel(
  (address, ...values) => post((id) => JSON.stringify({ id, address, arguments: values })),
  async (file, ...values) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return post((id) => packUpload({ id, name: file.name, arguments: values }, bytes));
  },
);

function packUpload(head, bytes) {
  const words = new TextEncoder().encode(JSON.stringify(head));
  const message = new Uint8Array(4 + words.length + bytes.length);
  new DataView(message.buffer).setUint32(0, words.length, true);
  message.set(words, 4);
  message.set(bytes, 4 + words.length);
  return message;
}

function post(write) {
  return new Promise((resolve) => {
    if (socket?.readyState !== WebSocket.OPEN) {
      resolve({ ok: false, words: "not connected: is medtalk-live still running?" });
      return;
    }
    asked += 1;
    waiting.set(asked, resolve);
    socket.send(write(asked));
  });
}

function hearText(message) {
  if (message.reply !== undefined) {
    waiting.get(message.reply)?.(message);
    waiting.delete(message.reply);
  } else if (message.controls) {
    view.picture = message.picture;
    panel.know(message.labels);
    plots.know(message.controls.map(([name]) => name));
    showLink("live", "live");
  } else {
    panel.show(message);
  }
}

function hearBytes(buffer) {
  if (new Uint8Array(buffer)[0] === FACE) {
    const face = readFace(buffer);
    view.show(face);
    plots.hearFace(face);
    find("waiting").hidden = true;
  } else {
    plots.hearWave(buffer);
    const loudest = new Int8Array(buffer, 16).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const heard = loudest === 0 ? -60 : 20 * Math.log10(loudest / 127);
    level = Math.max(heard, level - 1);
  }
}

function showLink(state, words) {
  find("link").dataset.state = state;
  find("link").textContent = words;
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") hearText(JSON.parse(data));
    else hearBytes(data);
  });
  socket.addEventListener("close", () => {
    showLink("lost", "not connected");
    for (const resolve of waiting.values()) resolve({ ok: false, words: "the connection was lost" });
    waiting.clear();
    setTimeout(connect, 1000);
  });
}

let counted = performance.now();
let before = 0;
let odd = false;

function tick(now) {
  const fresh = view.draw();
  odd = !odd;
  if (fresh && odd) plots.draw(now); // every other picture: half the rate is enough for curves
  if (now - counted > 1000) {
    find("drawn").textContent = `${((view.drawn - before) / (now - counted) * 1000).toFixed(1)} fps`;
    panel.showLevel(level);
    counted = now;
    before = view.drawn;
  }
  requestAnimationFrame(tick);
}

connect();
requestAnimationFrame(tick);
