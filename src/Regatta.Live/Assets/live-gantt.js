"use strict";
// A Gantt chart that grows. What has ended is drawn once into a picture beside the canvas, so that a frame draws what runs and what is new, however many jobs there were.

class LiveGantt extends Gantt {
  /** An empty chart of a trial that has just begun. */
  static empty(trial) {
    return {
      point: trial.point, repetition: trial.repetition, lanes: trial.lanes, nodes: trial.nodes, length: 10, faults: [], neverStarted: 0,
      jobs: { id: [], submit: [], start: [], finish: [], processors: [], user: [], state: [], runTime: [] }, boxes: { job: [], lane: [], lanes: [] },
    };
  }

  constructor(host, chart, view, tip, live) {
    super(host, chart, view, tip, live);
    this.now = 0;
    this.nowAt = performance.now();
    this.drawnAt = -1;
  }

  /** Fields that the base class's constructor needs already when it draws. */
  get state() {
    return this.own ??= { open: new Map(), fresh: [], key: "", picture: document.createElement("canvas"), boxesOf: [] };
  }

  /** Seconds from the start of the workload, at this moment. */
  get clock() {
    return this.ended ?? this.now + (performance.now() - this.nowAt) / 1000;
  }

  /** Takes what is new. */
  take(update) {
    const { jobs, boxes } = this.chart;
    const own = this.state;
    for (const s of update.started) {
      const j = jobs.id.length;
      jobs.id.push(s.job);
      jobs.submit.push(s.submit);
      jobs.start.push(s.start);
      jobs.finish.push(Infinity);
      jobs.processors.push(s.size);
      jobs.user.push(s.user);
      jobs.state.push(0);
      jobs.runTime.push(s.runTime);
      const mine = own.boxesOf[j] = [];
      for (let i = 0; i < s.lanes.length; i += 2) {
        const b = boxes.job.length;
        boxes.job.push(j);
        boxes.lane.push(s.lanes[i]);
        boxes.lanes.push(s.lanes[i + 1]);
        mine.push(b);
        this.groups[this.groupOf(j)].push(b);
        for (let l = s.lanes[i]; l < s.lanes[i] + s.lanes[i + 1] && l < this.laneBoxes.length; l++) this.laneBoxes[l].push(b);
      }

      own.open.set(j, true);
    }

    for (const e of update.ended) {
      jobs.finish[e.box] = e.finish;
      // How it ended may be known later than that it did: it is drawn over then.
      if (own.open.delete(e.box) || e.state !== jobs.state[e.box]) own.fresh.push(e.box);
      jobs.state[e.box] = e.state;
    }

    this.now = update.now;
    this.nowAt = performance.now();
    this.grow();
  }

  /** The axis grows by half when time comes near its end; a reader who looks at a part keeps it. */
  grow() {
    if (this.clock < this.view.length * .96) return;
    const all = this.view.from === 0 && this.view.to === this.view.length;
    while (this.clock >= this.view.length * .96) this.view.length *= 1.5;
    if (all) this.view.set(0, this.view.length);
    else this.request();
  }

  groupOf(j) {
    return Number(this.chart.jobs.id[j] % 7);
  }

  /** Whether the chart would look otherwise than when it was drawn last. */
  get moved() {
    return this.state.fresh.length > 0 || (this.state.open.size > 0 && (this.clock - this.drawnAt) * (this.at.right - this.at.left) / (this.view.to - this.view.from) >= .5);
  }

  boxes(c, at) {
    const { start, finish, runTime } = this.chart.jobs;
    const own = this.state;
    const ratio = window.devicePixelRatio || 1;
    const key = [this.view.from, this.view.to, at.width, at.plot, ratio, Gantt.dark(), this.colouring].join();
    const picture = own.picture;
    const p = picture.getContext("2d");
    this.drawnBoxes = 0;
    if (key !== own.key) {
      own.key = key;
      picture.width = Math.max(1, Math.round((at.right - at.left) * ratio));
      picture.height = Math.max(1, Math.round(at.plot * ratio));
      p.setTransform(ratio, 0, 0, ratio, -at.left * ratio, -at.top * ratio);
      for (let g = 0; g < this.groups.length; g++) {
        p.fillStyle = this.palette[g];
        for (const b of this.groups[g]) {
          const j = this.chart.boxes.job[b];
          if (!own.open.has(j) && finish[j] >= this.view.from && start[j] <= this.view.to) this.box(p, at, b, j, finish[j]);
        }
      }
    } else {
      for (const j of own.fresh) {
        p.fillStyle = this.palette[this.groupOf(j)];
        for (const b of own.boxesOf[j]) this.box(p, at, b, j, finish[j]);
      }
    }

    own.fresh.length = 0;
    c.drawImage(picture, at.left, at.top, at.right - at.left, at.plot);
    const now = this.drawnAt = this.clock;
    for (const j of own.open.keys()) {
      c.fillStyle = this.palette[this.groupOf(j)];
      for (const b of own.boxesOf[j]) {
        // Pale: how long it should still run.
        c.globalAlpha = .28;
        if (runTime[j] > 0 && start[j] + runTime[j] > now) this.box(c, at, b, j, start[j] + runTime[j], false);
        c.globalAlpha = 1;
        this.box(c, at, b, j, Math.max(now, start[j]));
      }
    }

    const x = this.x(now);
    c.fillStyle = cssColour("--accent");
    if (this.ended === undefined && x >= at.left && x <= at.right) c.fillRect(x - .5, at.top, 1.5, at.plot);
  }

  box(c, at, b, j, end, marked = true) {
    const { lane, lanes } = this.chart.boxes;
    const { id, start, state } = this.chart.jobs;
    const scale = (at.right - at.left) / (this.view.to - this.view.from);
    const gap = at.laneHeight > 5 ? 1 : 0;
    const x = Math.max(at.left - 2, at.left + (start[j] - this.view.from) * scale);
    let width = Math.min(at.right + 2, at.left + (end - this.view.from) * scale) - x;
    if (width < -1) return;
    width = Math.max(width - (width > 3 ? gap : 0), .8);
    const y = at.top + lane[b] * at.laneHeight;
    const height = Math.max(lanes[b] * at.laneHeight - gap, .5);
    c.fillRect(x, y, width, height);
    this.drawnBoxes++;
    // Colours and texts cost more than all rectangles together: only where they can be seen.
    const named = width > 30 && height >= 11;
    if (!marked || (!named && !(state[j] > 1 && width > 1))) return;
    const fill = c.fillStyle;
    if (state[j] > 1 && width > 1) this.hatch(c, x, y, width, height);
    const text = named ? String(id[j]) : "";
    if (named && text.length * 6.6 + 8 < width) {
      c.font = "11px system-ui, sans-serif";
      c.textAlign = "left";
      c.textBaseline = "middle";
      c.fillStyle = Gantt.dark() ? "#fff" : "#10202c";
      c.fillText(text, x + 4, y + height / 2);
    }

    c.fillStyle = fill;
  }

  hovered(c, at) {
    if (this.hover < 0) return;
    const { job, lane, lanes } = this.chart.boxes;
    const { start, finish } = this.chart.jobs;
    const j = this.hover;
    c.strokeStyle = cssColour("--ink");
    c.lineWidth = 2;
    for (const b of this.state.boxesOf[j] ?? [])
      c.strokeRect(this.x(start[j]), at.top + lane[b] * at.laneHeight, Math.max(2, this.x(Math.min(finish[j], this.clock)) - this.x(start[j])), Math.max(lanes[b] * at.laneHeight, 2) - 1);
  }

  describe(j) {
    const { id, submit, start, finish, processors, user, state } = this.chart.jobs;
    const runs = this.state.open.has(j);
    return [
      `Job ${id[j]}`,
      `${processors[j]} processor${processors[j] === 1 ? "" : "s"}${user[j] >= 0 ? `, user ${user[j]}` : ""}`,
      `submitted at ${seconds(submit[j])}`,
      `waited ${seconds(Math.max(0, start[j] - submit[j]))}`,
      runs ? `has held them for ${seconds(this.clock - start[j])}` : `held them for ${seconds(finish[j] - start[j])}`,
      runs ? "runs" : ganttStates[state[j]],
    ];
  }
}
