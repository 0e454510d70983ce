// The panel: guidance, takes, gains and the numbers of the run.

const REGIONS = ["jaw", "lips", "brows", "eyes", "emotion", "head"];
const find = (id) => document.getElementById(id);

export class Panel {
  // ask(address, ...values) and upload(file, ...values) answer with {ok, words}.
  constructor(ask, upload) {
    this.ask = ask;
    this.upload = upload;
    this.recording = false;
    this.muted = false;
    this.labels = [];
    this.listen();
  }

  listen() {
    find("intensity").addEventListener("input", () => this.setIntensity());
    find("describe").addEventListener("submit", (event) => {
      event.preventDefault();
      this.tell("/medtalk/1/text", find("words").value);
    });
    find("record").addEventListener("click", () => this.record());
    find("mute").addEventListener("click", () => this.mute());
    find("theme").addEventListener("click", () => switchTheme());
    find("photo").addEventListener("change", (event) => this.takePhoto(event.target.files[0]));
    this.listenForDrops();
    for (const region of REGIONS) find("gains").append(this.gain(region));
    find("dynamics").append(this.gain("dynamics"));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  listenForDrops() {
    const drop = find("drop");
    const over = (on) => (event) => {
      event.preventDefault();
      drop.classList.toggle("over", on);
    };
    document.addEventListener("dragover", over(true)); // anywhere on the page counts
    document.addEventListener("dragleave", over(false));
    document.addEventListener("drop", (event) => {
      over(false)(event);
      this.takePhoto(event.dataTransfer.files[0]);
    });
  }

  know(labels) {
    this.labels = labels;
    find("labels").replaceChildren(...labels.map((label, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.id = `label-${label}`;
      button.textContent = label;
      button.title = `key ${place + 1}`;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => this.tell("/medtalk/1/emotion", label));
      return button;
    }));
  }

  key(event) {
    const field = event.target.closest("input:not([type=range]):not([type=file]), textarea");
    if (field || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target.closest("button, summary")) return; // its own click
    const label = this.labels[Number(event.key) - 1];
    const actions = {
      " ": () => this.record(),
      "/": () => find("words").focus(),
      "+": () => this.nudge(0.1),
      "=": () => this.nudge(0.1),
      "-": () => this.nudge(-0.1),
      m: () => this.mute(),
      d: () => switchTheme(),
    };
    const action = label ? () => this.tell("/medtalk/1/emotion", label) : actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  nudge(step) {
    find("intensity").valueAsNumber += step;
    this.setIntensity();
  }

  setIntensity() {
    const value = find("intensity").valueAsNumber;
    find("intensity-words").textContent = value.toFixed(2);
    clearTimeout(this.later); // one command for a drag of the slider
    this.later = setTimeout(() => this.tell("/medtalk/1/intensity", value), 60);
  }

  async tell(address, ...values) {
    return this.report(await this.ask(address, ...values));
  }

  async takePhoto(file) {
    if (file === undefined) return;
    find("drop-words").textContent = `${file.name} …`;
    const answer = this.report(await this.upload(file));
    find("drop-words").textContent = answer.ok ? file.name : "drop a photo of a face here, or choose one";
    find("photo").value = "";
  }

  async record() {
    const address = this.recording ? "/medtalk/1/take/stop" : "/medtalk/1/take/start";
    const slate = find("slate").value.trim() || "live";
    const answer = await this.tell(address, ...(this.recording ? [] : [slate]));
    if (answer.ok) this.showRecording(!this.recording);
  }

  async mute() {
    const answer = await this.tell("/medtalk/1/mute", this.muted ? 0 : 1);
    if (!answer.ok) return;
    this.muted = !this.muted;
    find("mute").setAttribute("aria-pressed", String(this.muted));
  }

  gain(region) {
    const line = document.createElement("label");
    const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 2, step: 0.05, value: 1 });
    const words = document.createElement("output");
    words.textContent = "1.00";
    words.className = "number";
    slider.addEventListener("input", () => { words.textContent = slider.valueAsNumber.toFixed(2); });
    slider.addEventListener("change", () => this.tell("/medtalk/1/gain", region, slider.valueAsNumber));
    line.append(region, slider, words);
    return line;
  }

  report(answer) {
    const message = find("message");
    message.textContent = answer.words;
    message.classList.toggle("bad", !answer.ok);
    return answer;
  }

  showRecording(on) {
    this.recording = on;
    const button = find("record");
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Stop" : "Record";
  }

  show(status) {
    const stream = status.stream ?? {};
    const latency = status.latency_ms?.p50 ?? stream.latency_ms;
    if (latency !== undefined && latency !== null) find("latency").textContent = `${latency.toFixed(0)} ms`;
    if (typeof status.fps === "number") find("rate").textContent = `${status.fps.toFixed(1)} fps`;
    this.showGuidance(status.guidance ?? stream.guidance ?? "–");
    if (status.take !== undefined) {
      find("take-name").textContent = status.take || "–";
      this.showRecording(Boolean(status.take));
    }
    if (status.sinks) showSinks(status.sinks);
    if (status.takes) showTakes(status.takes);
  }

  showGuidance(words) {
    find("guidance").textContent = words;
    for (const label of this.labels) {
      const on = words === label || words.startsWith(`${label} `);
      find(`label-${label}`).setAttribute("aria-pressed", String(on));
    }
  }

  showLevel(decibels) {
    find("level").value = decibels;
    find("level-words").textContent = decibels <= -60 ? "silent" : `${decibels.toFixed(0)} dB`;
  }
}

function cell(words) {
  const entry = document.createElement("td");
  entry.textContent = words;
  return entry;
}

function showSinks(sinks) {
  find("sinks").tBodies[0].replaceChildren(...sinks.map((sink) => {
    const row = document.createElement("tr");
    row.classList.toggle("bad", sink.failed > 0);
    row.title = sink.last_error ?? "";
    row.append(cell(sink.name), cell(sink.sent), cell(sink.failed));
    return row;
  }));
}

function showTakes(takes) {
  find("takes").replaceChildren(...takes.map((take) => {
    const item = document.createElement("li");
    const length = document.createElement("span");
    length.className = "number";
    length.textContent = typeof take.seconds === "number" ? `${take.seconds.toFixed(1)} s` : "";
    item.append(take.name, length);
    return item;
  }));
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}
