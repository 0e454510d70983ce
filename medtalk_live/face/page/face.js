// Reads a drawn face from its bytes (see wire.py: face_message) and fills it on a canvas.
// It knows nothing about faces: the polygons come from the runtime's one drawing.

export const CONTROLS = 174;
const HEAD_BYTES = 16;

export function readFace(buffer) {
  const view = new DataView(buffer);
  const outlines = view.getUint16(2, true);
  let at = HEAD_BYTES;
  const values = new Float32Array(buffer, at, CONTROLS + 6);
  at += values.byteLength;
  const colours = new Uint8Array(buffer, at, 4 * outlines);
  at += colours.byteLength;
  const counts = new Uint16Array(buffer, at, outlines);
  at += counts.byteLength;
  const points = new Int16Array(buffer, at);
  return { index: view.getUint32(4, true), time: view.getFloat64(8, true), values, colours, counts, points };
}

const styles = new Map();

function styleOf(colours, place) {
  const [red, green, blue, opacity] = colours.subarray(4 * place, 4 * place + 4);
  const key = ((red << 24) | (green << 16) | (blue << 8) | opacity) >>> 0;
  let style = styles.get(key);
  if (style === undefined) {
    if (styles.size > 4000) styles.clear(); // fading folds make new opacities all the time
    style = `rgba(${red},${green},${blue},${opacity / 255})`;
    styles.set(key, style);
  }
  return style;
}

export class FaceView {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.picture = 4096;
    this.face = null;
    this.drawn = 0;
    // as many pixels as are shown: scaling a picture costs as much as filling it
    new ResizeObserver(() => {
      this.size = Math.min(1440, Math.max(64, Math.round(canvas.clientWidth * devicePixelRatio)));
    }).observe(canvas);
    this.size = canvas.width;
  }

  show(face) {
    this.face = face;
  }

  // Draws the newest face, if there is one that was not drawn yet.
  draw() {
    const face = this.face;
    if (face === null) return false;
    this.face = null;
    const { context, canvas } = this;
    if (canvas.width !== this.size) canvas.width = canvas.height = this.size;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const scale = canvas.width / this.picture;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    let at = 0;
    for (let place = 0; place < face.counts.length; place += 1) {
      const end = at + 2 * face.counts[place];
      context.fillStyle = styleOf(face.colours, place);
      context.beginPath();
      context.moveTo(face.points[at], face.points[at + 1]);
      for (at += 2; at < end; at += 2) context.lineTo(face.points[at], face.points[at + 1]);
      context.fill();
    }
    this.drawn += 1;
    return true;
  }
}
