"use strict";
// Gantt charts on canvas: 10,000 jobs are redrawn within one frame. All charts of the page share one window of time.
const ganttStates = ["unfinished", "completed", "failed", "timed out", "cancelled", "node failed", "rejected", "lost"];

function seconds(value) {
  const v = Math.abs(value);
  if (v === 0) return "0 s";
  if (v < 0.001) return `${(value * 1e6).toFixed(0)} µs`;
  if (v < 1) return `${(value * 1000).toPrecision(3)} ms`;
  if (v < 120) return `${+value.toFixed(v < 10 ? 2 : 1)} s`;
  if (v < 7200) return `${+(value / 60).toFixed(1)} min`;
  if (v < 172800) return `${+(value / 3600).toFixed(1)} h`;
  return `${+(value / 86400).toFixed(1)} d`;
}

function cssColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The window of time that all charts show, and who wants to know when it changes. */
class TimeWindow {
  constructor(length) {
    this.length = Math.max(length, 1e-3);
    this.from = 0;
    this.to = this.length;
    this.listeners = [];
  }

  set(from, to) {
    const least = this.length / 1e5;
    let width = Math.min(Math.max(to - from, least), this.length);
    from = Math.min(Math.max(from, 0), this.length - width);
    this.from = from;
    this.to = from + width;
    for (const listener of this.listeners) listener();
  }

  zoom(factor, at) {
    const anchor = at ?? (this.from + this.to) / 2;
    this.set(anchor - (anchor - this.from) * factor, anchor + (this.to - anchor) * factor);
  }

  pan(share) {
    const by = (this.to - this.from) * share;
    const width = this.to - this.from;
    const from = Math.min(Math.max(this.from + by, 0), this.length - width);
    this.set(from, from + width);
  }
}

class Gantt {
  constructor(host, chart, view, tip, live) {
    this.chart = chart;
    this.view = view;
    this.tip = tip;
    this.live = live;
    this.colouring = "job";
    this.hover = -1;
    this.drawnBoxes = 0;
    this.drawMilliseconds = 0;
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    const jobs = chart.jobs;
    this.canvas.setAttribute("aria-label",
      `Gantt chart of ${chart.point}, repetition ${chart.repetition}: ${jobs.id.length} jobs on ${chart.lanes} processors over ${seconds(chart.length)}.`
      + " Arrow keys move, plus and minus zoom, 0 shows all, n and p step through the jobs.");
    host.append(this.canvas);
    this.context = this.canvas.getContext("2d");
    this.laneBoxes = this.boxesByLane();
    this.colours();
    view.listeners.push(() => this.request());
    this.listen();
    new ResizeObserver(() => this.request()).observe(host);
    this.draw();
  }

  /** For each lane its boxes by start, so that the one under the pointer is found by bisection. */
  boxesByLane() {
    const lanes = Array.from({ length: this.chart.lanes }, () => []);
    const { job, lane, lanes: count } = this.chart.boxes;
    for (let b = 0; b < job.length; b++) for (let l = lane[b]; l < lane[b] + count[b]; l++) lanes[l].push(b);
    return lanes;
  }

  colours() {
    const { id, submit, start, processors, user, state } = this.chart.jobs;
    const waits = [1, 10, 60, 600, 3600];
    const group = {
      job: i => Number(id[i] % 7),
      user: i => user[i] < 0 ? 7 : user[i] % 7,
      size: i => Math.min(6, Math.floor(Math.log2(Math.max(1, processors[i])))),
      wait: i => waits.findIndex(limit => start[i] - submit[i] < limit) >= 0 ? waits.findIndex(limit => start[i] - submit[i] < limit) : 5,
      state: i => state[i] === 1 ? 2 : state[i] === 0 ? 7 : state[i] === 3 ? 4 : 1,
    }[this.colouring];
    const ramp = this.colouring === "wait" || this.colouring === "size";
    this.palette = ramp ? Gantt.ramp() : [0, 1, 2, 3, 4, 5, 6, 7].map(i => cssColour(`--g${i}`));
    this.groups = Array.from({ length: this.palette.length }, () => []);
    const boxes = this.chart.boxes.job;
    for (let b = 0; b < boxes.length; b++) this.groups[group(boxes[b])].push(b);
  }

  /** Width on paper, in pixels; null on a screen. */
  static paper = null;

  static dark() {
    return document.documentElement.dataset.theme === "dark";
  }

  /** One hue from pale to deep (dark pages: from deep to pale), which stays in order for every kind of colour vision. */
  static ramp() {
    const light = ["#cfe3f1", "#9cc6e3", "#69a7d1", "#3b86bb", "#1d6499", "#0f4570", "#082c4a", "#a9b2ba"];
    const dark = ["#16344b", "#1f4f72", "#2b6d9c", "#4189bd", "#6aa8d6", "#9bc9ea", "#cfe6f7", "#6f7a84"];
    return Gantt.dark() ? dark : light;
  }

  legend() {
    const names = {
      wait: ["under 1 s", "1 to 10 s", "10 to 60 s", "1 to 10 min", "10 to 60 min", "over 1 h"],
      size: ["1", "2–3", "4–7", "8–15", "16–31", "32–63", "64 and more"].map(t => `${t} processors`),
      state: [null, "failed, cancelled or its node lost", "completed", null, "timed out", null, null, "not seen to finish"],
    }[this.colouring];
    if (!names) return [];
    return names.map((name, i) => ({ name, colour: this.palette[i], used: this.groups[i].length > 0 })).filter(e => e.name && e.used);
  }

  recolour(mode) {
    if (mode) this.colouring = mode;
    this.colours();
    this.request();
  }

  request() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  layout() {
    const width = Gantt.paper ?? (this.canvas.parentElement.clientWidth || 600);
    const named = this.chart.nodes.some(n => n.name);
    const left = !named ? 8 : width < 560 ? 8 : 104;
    // However many processors there are, the chart fits a screen.
    const laneHeight = Math.min(26, Math.max(Math.min(.25, 700 / this.chart.lanes), (width < 560 ? 300 : 380) / this.chart.lanes));
    const plot = Math.max(48, laneHeight * this.chart.lanes);
    return { width, left, right: width - 8, top: 6, laneHeight: plot / this.chart.lanes, plot, height: plot + 34 };
  }

  draw() {
    const began = performance.now();
    const at = this.at = this.layout();
    const ratio = Gantt.paper ? 3 : window.devicePixelRatio || 1;
    this.canvas.style.width = Gantt.paper ? `${at.width}px` : "";
    const [w, h] = [Math.round(at.width * ratio), Math.round(at.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.height = `${at.height}px`;
    }

    const c = this.context;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, at.width, at.height);
    this.background(c, at);
    c.save();
    c.beginPath();
    c.rect(at.left, at.top, at.right - at.left, at.plot);
    c.clip();
    this.boxes(c, at);
    this.hovered(c, at);
    this.faults(c, at);
    c.restore();
    this.drawMilliseconds = performance.now() - began;
  }

  x(time) {
    return this.at.left + (time - this.view.from) / (this.view.to - this.view.from) * (this.at.right - this.at.left);
  }

  background(c, at) {
    const [faint, line, muted] = [cssColour("--faint"), cssColour("--line"), cssColour("--muted")];
    c.fillStyle = faint;
    c.fillRect(at.left, at.top, at.right - at.left, at.plot);
    c.font = "12px system-ui, sans-serif";
    c.textBaseline = "middle";
    c.strokeStyle = line;
    c.lineWidth = 1;
    const nodeHeight = at.laneHeight * this.chart.lanes / Math.max(1, this.chart.nodes.length);
    const every = Math.max(1, Math.ceil(14 / nodeHeight));
    this.chart.nodes.forEach((node, i) => {
      const y = at.top + node.first * at.laneHeight;
      c.beginPath();
      c.moveTo(at.left, Math.round(y) + .5);
      c.lineTo(at.right, Math.round(y) + .5);
      if (nodeHeight > 5) c.stroke();
      if (at.left > 20 && i % every === 0) {
        c.fillStyle = muted;
        c.textAlign = "right";
        c.fillText(node.name || "no node", at.left - 8, y + node.lanes * at.laneHeight / 2, at.left - 10);
      }
    });
    c.textAlign = "center";
    c.fillStyle = muted;
    const step = Gantt.step((this.view.to - this.view.from) / Math.max(2, (at.right - at.left) / 90));
    for (let tick = Math.ceil(this.view.from / step) * step; tick <= this.view.to + step / 1e6; tick += step) {
      const x = this.x(tick);
      c.strokeStyle = line;
      c.beginPath();
      c.moveTo(Math.round(x) + .5, at.top);
      c.lineTo(Math.round(x) + .5, at.top + at.plot + 4);
      c.stroke();
      c.fillText(Gantt.tick(tick, step), Math.min(Math.max(x, at.left + 14), at.right - 22), at.top + at.plot + 16);
    }
  }

  static step(least) {
    for (const s of [1e-4, 2e-4, 5e-4, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800]) if (s >= least) return s;
    return 2592000 * Math.ceil(least / 2592000);
  }

  static tick(time, step) {
    if (step < 1) return `${time.toFixed(Math.max(0, Math.ceil(-Math.log10(step))))} s`;
    if (time < 120 && step < 60) return `${Math.round(time)} s`;
    const [d, h, m, s] = [Math.floor(time / 86400), Math.floor(time / 3600) % 24, Math.floor(time / 60) % 60, Math.round(time % 60)];
    const two = n => String(n).padStart(2, "0");
    return step >= 86400 ? `${d} d` : d > 0 ? `${d}d ${two(h)}:${two(m)}` : step < 60 ? `${h > 0 ? h + ":" + two(m) : m}:${two(s)}` : h > 0 ? `${h}:${two(m)} h` : `${m} min`;
  }

  boxes(c, at) {
    const { job, lane, lanes } = this.chart.boxes;
    const { id, start, finish, state } = this.chart.jobs;
    const scale = (at.right - at.left) / (this.view.to - this.view.from);
    const gap = at.laneHeight > 5 ? 1 : 0;
    const labels = [];
    let drawn = 0;
    for (let g = 0; g < this.groups.length; g++) {
      c.fillStyle = this.palette[g];
      let lastX = -1e9, lastLane = -1;
      for (const b of this.groups[g]) {
        const j = job[b];
        if (finish[j] < this.view.from || start[j] > this.view.to) continue;
        const x = Math.max(at.left - 2, at.left + (start[j] - this.view.from) * scale);
        const end = Math.min(at.right + 2, at.left + (finish[j] - this.view.from) * scale);
        let width = end - x;
        // Many short jobs on the same pixel of the same lane look like one.
        if (width < .4 && lane[b] === lastLane && x - lastX < .4) continue;
        lastX = x;
        lastLane = lane[b];
        const inset = width > 3 ? gap : 0;
        width = Math.max(width - inset, .8);
        const y = at.top + lane[b] * at.laneHeight;
        const height = Math.max(lanes[b] * at.laneHeight - gap, .5);
        c.fillRect(x, y, width, height);
        drawn++;
        if ((width > 30 && height >= 11) || (state[j] > 1 && width > 1)) labels.push([j, x, y, width, height]);
      }
    }

    c.font = "11px system-ui, sans-serif";
    c.textAlign = "left";
    c.textBaseline = "middle";
    for (const [j, x, y, width, height] of labels) {
      if (state[j] > 1) this.hatch(c, x, y, width, height);
      if (width > 30 && height >= 11) {
        c.fillStyle = this.colouring === "wait" || this.colouring === "size" ? cssColour("--ink") : Gantt.dark() ? "#fff" : "#10202c";
        const text = String(id[j]);
        if (text.length * 6.6 + 8 < width) {
          if (this.colouring === "wait" || this.colouring === "size") {
            c.lineWidth = 3;
            c.strokeStyle = cssColour("--card");
            c.strokeText(text, x + 4, y + height / 2);
          }

          c.fillText(text, x + 4, y + height / 2);
        }
      }
    }

    this.drawnBoxes = drawn;
  }

  /** Jobs that did not complete are outlined and struck, whatever the colours mean. */
  hatch(c, x, y, width, height) {
    c.strokeStyle = cssColour("--bad");
    c.lineWidth = Math.min(2, Math.max(1, height / 4));
    c.strokeRect(x + 1, y + .5, Math.max(1, width - 2), Math.max(1, height - 1));
    if (width < 6 || height < 4) return;
    c.save();
    c.beginPath();
    c.rect(x, y, width, height);
    c.clip();
    c.beginPath();
    for (let d = -height; d < width; d += 7) {
      c.moveTo(x + d, y + height);
      c.lineTo(x + d + height, y);
    }

    c.lineWidth = 1;
    c.stroke();
    c.restore();
  }

  hovered(c, at) {
    if (this.hover < 0) return;
    const { job, lane, lanes } = this.chart.boxes;
    const { submit, start, finish } = this.chart.jobs;
    const j = this.hover;
    c.strokeStyle = cssColour("--ink");
    c.lineWidth = 2;
    let first = true;
    for (let b = 0; b < job.length; b++) {
      if (job[b] !== j) continue;
      const y = at.top + lane[b] * at.laneHeight;
      const height = Math.max(lanes[b] * at.laneHeight, 2);
      c.strokeRect(this.x(start[j]), y, Math.max(2, this.x(finish[j]) - this.x(start[j])), height - 1);
      if (first && start[j] > submit[j]) {
        c.setLineDash([4, 3]);
        c.beginPath();
        c.moveTo(this.x(submit[j]), y + height / 2);
        c.lineTo(this.x(start[j]), y + height / 2);
        c.moveTo(this.x(submit[j]), y + height / 2 - 5);
        c.lineTo(this.x(submit[j]), y + height / 2 + 5);
        c.stroke();
        c.setLineDash([]);
        first = false;
      }
    }
  }

  faults(c, at) {
    for (const fault of this.chart.faults) {
      const x = this.x(fault.time);
      const node = this.chart.nodes.find(n => n.name === fault.node);
      const top = at.top + (node ? node.first * at.laneHeight : 0);
      const height = node ? node.lanes * at.laneHeight : at.plot;
      c.fillStyle = cssColour("--bad");
      if (fault.until) {
        c.globalAlpha = .12;
        c.fillRect(x, top, Math.max(1, this.x(fault.until) - x), height);
        c.globalAlpha = 1;
      }
      c.fillRect(x - 1.5, top, 3, height);
      c.beginPath();
      c.moveTo(x - 7, top);
      c.lineTo(x + 7, top);
      c.lineTo(x, top + 9);
      c.fill();
      c.font = "bold 12px system-ui, sans-serif";
      c.textBaseline = "top";
      const text = fault.text.length > 46 ? fault.text.slice(0, 45) + "…" : fault.text;
      const width = c.measureText(text).width;
      const left = x + 10 + width > at.right ? x - 12 - width : x + 10;
      c.globalAlpha = .9;
      c.fillStyle = cssColour("--card");
      c.fillRect(left - 3, top + 1, width + 6, 16);
      c.globalAlpha = 1;
      c.fillStyle = cssColour("--bad");
      c.textAlign = "left";
      c.fillText(text, left, top + 3);
    }
  }

  /** Index of the job at a place on the canvas, or -1. */
  jobAt(px, py) {
    const at = this.at;
    const lane = Math.floor((py - at.top) / at.laneHeight);
    if (px < at.left || px > at.right || lane < 0 || lane >= this.chart.lanes) return -1;
    const { start, finish } = this.chart.jobs;
    const time = this.view.from + (px - at.left) / (at.right - at.left) * (this.view.to - this.view.from);
    const slack = (this.view.to - this.view.from) / (at.right - at.left) * 1.5;
    const boxes = this.laneBoxes[lane];
    // The last box that began, and where it is over already, whichever neighbour is within a pixel or two.
    let [low, high] = [0, boxes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (start[this.chart.boxes.job[boxes[middle]]] <= time) low = middle + 1;
      else high = middle;
    }

    const before = low > 0 ? this.chart.boxes.job[boxes[low - 1]] : -1;
    const after = low < boxes.length ? this.chart.boxes.job[boxes[low]] : -1;
    const late = before >= 0 ? time - finish[before] : Infinity;
    const early = after >= 0 ? start[after] - time : Infinity;
    return Math.min(late, early) > slack ? -1 : late <= early ? before : after;
  }

  describe(j) {
    const { id, submit, start, finish, processors, user, state } = this.chart.jobs;
    const [wait, run] = [start[j] - submit[j], finish[j] - start[j]];
    return [
      `Job ${id[j]}`,
      `${processors[j]} processor${processors[j] === 1 ? "" : "s"}${user[j] >= 0 ? `, user ${user[j]}` : ""}`,
      `submitted at ${seconds(submit[j])}`,
      `waited ${seconds(wait)}`,
      `ran ${seconds(run)}${run > 0 ? `, bounded slowdown ${Math.max((wait + run) / Math.max(run, 10), 1).toFixed(2)}` : ""}`,
      ganttStates[state[j]],
    ];
  }

  show(j, clientX, clientY) {
    if (j !== this.hover) {
      this.hover = j;
      this.request();
    }

    if (j < 0) {
      this.tip.hidden = true;
      return;
    }

    const [head, ...lines] = this.describe(j);
    this.tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: head }),
      ...lines.flatMap(t => [document.createElement("br"), document.createTextNode(t)]));
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(6, Math.min(clientX + 14, innerWidth - box.width - 8))}px`;
    this.tip.style.top = `${clientY + 18 + box.height > innerHeight ? clientY - box.height - 10 : clientY + 18}px`;
  }

  listen() {
    const canvas = this.canvas;
    const pointers = new Map();
    let pinch = 0;
    const place = e => {
      const box = canvas.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    const timeAt = px => this.view.from + (px - this.at.left) / (this.at.right - this.at.left) * (this.view.to - this.view.from);
    canvas.addEventListener("wheel", e => {
      // A page that is being scrolled must not stop here: the wheel zooms with Ctrl, or once the chart was clicked.
      if (!(e.ctrlKey || e.metaKey || document.activeElement === canvas)) return;
      e.preventDefault();
      this.view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 240))), timeAt(place(e)[0]));
    }, { passive: false });
    canvas.addEventListener("pointerdown", e => {
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(e.pointerId);
      pointers.set(e.pointerId, place(e));
      canvas.classList.add("dragging");
    });
    canvas.addEventListener("pointermove", e => {
      const [px, py] = place(e);
      const before = pointers.get(e.pointerId);
      if (!before) {
        this.show(this.jobAt(px, py), e.clientX, e.clientY);
        return;
      }

      pointers.set(e.pointerId, [px, py]);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()];
        const distance = Math.abs(a[0] - b[0]);
        if (pinch > 0 && distance > 4) this.view.zoom(pinch / distance, timeAt((a[0] + b[0]) / 2));
        pinch = distance;
        return;
      }

      this.view.pan((before[0] - px) / (this.at.right - this.at.left));
    });
    const release = e => {
      pointers.delete(e.pointerId);
      pinch = 0;
      if (pointers.size === 0) canvas.classList.remove("dragging");
    };
    canvas.addEventListener("pointerup", e => {
      if (e.pointerType !== "mouse") this.show(this.jobAt(...place(e)), e.clientX, e.clientY);
      release(e);
    });
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => this.show(-1));
    canvas.addEventListener("blur", () => this.show(-1));
    canvas.addEventListener("dblclick", e => this.view.zoom(e.shiftKey ? 4 : .25, timeAt(place(e)[0])));
    canvas.addEventListener("keydown", e => {
      const keys = {
        ArrowLeft: () => this.view.pan(-.2), ArrowRight: () => this.view.pan(.2), Home: () => this.view.pan(-1e9), End: () => this.view.pan(1e9),
        "+": () => this.view.zoom(.6), "=": () => this.view.zoom(.6), "-": () => this.view.zoom(1 / .6), 0: () => this.view.set(0, this.view.length),
        n: () => this.step(1), p: () => this.step(-1), Escape: () => this.show(-1),
      };
      if (e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
      e.preventDefault();
      keys[e.key]();
    });
  }

  /** Steps to the next or previous job by start and says what it was, for people who do not use a pointer. */
  step(by) {
    const { id, start, finish } = this.chart.jobs;
    if (id.length === 0) return;
    const j = this.hover < 0 ? start.findIndex(t => t >= this.view.from) : Math.min(Math.max(this.hover + by, 0), id.length - 1);
    if (j < 0) return;
    const width = this.view.to - this.view.from;
    if (start[j] < this.view.from || finish[j] > this.view.to) this.view.set(start[j] - width / 4, start[j] + width * .75);
    const box = this.canvas.getBoundingClientRect();
    this.show(j, box.left + this.x(start[j]), box.top + 20);
    this.live.textContent = this.describe(j).join(", ");
  }
}

/** The strip below the charts: the whole trial, with the window that is shown. */
class GanttOverview {
  constructor(canvas, chart, view) {
    this.canvas = canvas;
    this.view = view;
    this.chart = chart;
    view.listeners.push(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(canvas);
    let grip = null;
    const share = e => {
      const box = canvas.getBoundingClientRect();
      return Math.min(Math.max((e.clientX - box.left) / box.width, 0), 1) * view.length;
    };
    canvas.addEventListener("pointerdown", e => {
      canvas.setPointerCapture(e.pointerId);
      const time = share(e);
      const near = view.length * 8 / canvas.clientWidth;
      grip = Math.abs(time - view.from) < near ? "from" : Math.abs(time - view.to) < near ? "to" : time > view.from && time < view.to && view.to - view.from < view.length ? "move" : "new";
      this.origin = time;
      this.before = [view.from, view.to];
    });
    canvas.addEventListener("pointermove", e => {
      if (!grip) return;
      const time = share(e);
      const [from, to] = this.before;
      if (grip === "from") view.set(Math.min(time, to), to);
      else if (grip === "to") view.set(from, Math.max(time, from));
      else if (grip === "move") view.set(from + time - this.origin, to + time - this.origin);
      else if (Math.abs(time - this.origin) > view.length / 200) view.set(Math.min(time, this.origin), Math.max(time, this.origin));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => grip = null);
    this.draw();
  }

  show(chart) {
    this.chart = chart;
    this.draw();
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth || 600, 44];
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const c = this.canvas.getContext("2d");
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = cssColour("--faint");
    c.fillRect(0, 0, width, height);
    const columns = new Float64Array(Math.ceil(width));
    const { start, finish, processors } = this.chart.jobs;
    const scale = width / this.view.length;
    for (let j = 0; j < start.length; j++) {
      const [a, b] = [start[j] * scale, Math.max(finish[j] * scale, start[j] * scale + .01)];
      for (let x = Math.floor(a); x < b && x < columns.length; x++) columns[x] += processors[j] * (Math.min(b, x + 1) - Math.max(a, x));
    }

    c.fillStyle = cssColour("--g0");
    for (let x = 0; x < columns.length; x++) {
      const share = Math.min(1, columns[x] / this.chart.lanes);
      c.fillRect(x, height - share * (height - 4), 1, share * (height - 4));
    }

    const [left, right] = [this.view.from * scale, this.view.to * scale];
    c.globalAlpha = .55;
    c.fillStyle = cssColour("--card");
    c.fillRect(0, 0, left, height);
    c.fillRect(right, 0, width - right, height);
    c.globalAlpha = 1;
    c.strokeStyle = cssColour("--accent");
    c.lineWidth = 2;
    c.strokeRect(left + 1, 1, Math.max(2, right - left - 2), height - 2);
    for (const fault of this.chart.faults) {
      c.fillStyle = cssColour("--bad");
      c.fillRect(fault.time * scale - 1, 0, 2, height);
    }
  }
}
