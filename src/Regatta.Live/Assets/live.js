"use strict";
// Follows runs: what the program finds new on the disk comes as events, and is drawn. Nothing is asked of another host, and nothing is sent.
(() => {
  const root = document.documentElement;
  const host = document.getElementById("runs");
  const status = document.getElementById("connection");
  const live = window.regattaLive = { ready: false, connected: false, panels: [], frames: [], updates: 0 };
  const asked = new URLSearchParams(location.search);
  const token = asked.get("token");

  // ---- theme ----------------------------------------------------------------------------------------------------------
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  function theme() {
    const dark = (chosen ?? (system.matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "dark" : "light";
    document.getElementById("theme").textContent = dark ? "Light mode" : "Dark mode";
    for (const panel of live.panels) panel.restyle();
  }

  system.addEventListener("change", theme);
  document.getElementById("theme").addEventListener("click", () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    theme();
  });

  // ---- small things ---------------------------------------------------------------------------------------------------
  const make = (tag, attributes, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children.filter(c => c != null));
    return element;
  };
  const count = n => n.toLocaleString("en");
  const address = (path, parameters) => {
    const query = new URLSearchParams(parameters);
    if (token) query.set("token", token);
    return `${path}?${query}`;
  };
  const clock = milliseconds => new Date(milliseconds).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const span = s => s < 90 ? `${Math.max(0, Math.round(s))} s` : s < 5400 ? `${Math.round(s / 60)} min` : s < 172800 ? `${(s / 3600).toFixed(1)} h` : `${(s / 86400).toFixed(1)} d`;
  const cellNames = { ".": "waits", ">": "runs", v: "valid", d: "ended", c: "limited by the client", x: "may not be compared", f: "failed", "-": "not needed" };
  const cellMarks = { ".": "", ">": "▶", v: "✓", d: "✓", c: "!", x: "✗", f: "✗", "-": "–" };

  // ---- one run --------------------------------------------------------------------------------------------------------
  class Panel {
    constructor(number) {
      this.number = number;
      this.wanted = null;
      this.charts = {};
      this.series = { width: 1, busy: [], waiting: [] };
      this.due = new Set();
      this.chartAt = 0;
      this.build();
    }

    build() {
      const part = (name, tag, attributes, ...children) => this[name] = make(tag, attributes, ...children);
      this.element = make("section", { className: "run" },
        make("div", { className: "run-head" }, part("title", "h2", {}), part("tag", "span", { className: "tag" }), part("id", "code", {})),
        part("bar", "div", { className: "bar" }), part("progress", "p", { className: "line" }), part("doing", "p", { className: "line" }), part("cells", "div", { className: "cells" }),
        part("trialTitle", "h3", {}), part("stats", "div", { className: "stats" }), part("empty", "p", { className: "empty", textContent: "No trial has begun to send jobs yet." }),
        part("gantt", "div", { className: "gantt" }),
        part("pair", "div", { className: "pair" },
          make("figure", {}, make("figcaption", { textContent: "Processors that run jobs" }), part("busy", "div", { className: "chart" })),
          make("figure", {}, make("figcaption", { textContent: "Jobs that wait" }), part("queue", "div", { className: "chart" }))),
        part("insides", "figure", { hidden: true }, part("insideChoice", "div", { className: "controls" }), part("inside", "div", { className: "chart" })),
        part("failures", "details", { hidden: true }, part("failuresTitle", "summary", {}), part("failureList", "ul", { className: "news" })),
        make("details", {}, make("summary", { textContent: "What happened" }), part("newsList", "ul", { className: "news" })),
        part("logs", "details", {}, make("summary", { textContent: "Logs" }), part("logList", "div", { className: "controls" }), part("log", "pre", { className: "log", hidden: true })));
      this.gantt.hidden = this.pair.hidden = true;
      this.logs.addEventListener("toggle", () => this.logs.open && this.listLogs());
      host.append(this.element);
    }

    plan(plan) {
      this.planned = plan;
      this.title.textContent = plan.name;
      this.id.textContent = plan.id;
      document.title = live.panels.length > 1 ? `${live.panels.length} runs – Regatta` : `${plan.name} – Regatta`;
      this.cells.replaceChildren();
      this.buttons = [];
      // More cells than can be told apart are a number.
      if (plan.trials.length > 600) return;
      const rows = plan.points.map(p => make("div", {}, make("span", { textContent: p.name, title: `${p.scheduler}, ${p.profile}, ${p.machines}: ${p.workload}` })));
      plan.trials.forEach(([point, repetition], i) => {
        const button = make("button", { className: "cell", type: "button" });
        button.addEventListener("click", () => this.choose(`${plan.points[point].name}/${repetition}`, i));
        this.buttons[i] = button;
        rows[point].append(button);
      });
      this.cells.append(...rows);
    }

    state(state) {
      this.stateNow = state;
      this.stateAt = Date.now();
      const states = [...state.states];
      const some = marks => states.filter(s => marks.includes(s)).length;
      const [ended, failed, runs, spared] = [some("vdcx"), some("f"), some(">"), some("-")];
      const all = states.length;
      const part = (n, name) => n > 0 ? Object.assign(make("i", { className: name }), { style: `width: ${n / all * 100}%` }) : null;
      this.bar.replaceChildren(...[part(some("vd"), "good"), part(some("xc") + failed, "bad"), part(runs, "now")].filter(Boolean));
      const words = [`${ended} of ${all} trials have ended`];
      if (some("x")) words.push(`${some("x")} may not be compared`);
      if (some("c")) words.push(`${some("c")} limited by the client`);
      if (failed) words.push(`${failed} failed`);
      if (spared) words.push(`${spared} not needed`);
      this.progressWords = words.join(", ");
      const [text, kind] = state.complete ? ["complete", "good"] : state.attended ? ["runs", "hint"] : ["no program works on it", "bad"];
      this.tag.className = `tag ${kind}`;
      this.tag.textContent = text;
      this.doing.replaceChildren(state.doing);
      this.buttons?.forEach((button, i) => {
        if (button.dataset.s === states[i]) return;
        button.dataset.s = states[i];
        button.textContent = cellMarks[states[i]];
        const [point, repetition] = this.planned.trials[i];
        button.title = `${this.planned.points[point].name}, repetition ${repetition}: ${cellNames[states[i]]}`;
        button.setAttribute("aria-label", button.title);
      });
      this.failures.hidden = state.failures.length === 0;
      this.failuresTitle.textContent = `${state.failures.length} ${state.failures.length === 1 ? "thing" : "things"} went wrong`;
      if (state.failures.length > 0 && !this.told) this.told = this.failures.open = true;
      const line = bad => n => make("li", {}, make("time", { textContent: clock(n.time) }), make("b", { textContent: `${n.subject} `, className: bad ? "bad" : "" }), n.text);
      this.failureList.replaceChildren(...state.failures.map(line(true)));
      this.newsList.replaceChildren(...state.news.map(line(false)));
      this.tick();
    }

    /** What runs by itself: the time that is left, and that of the trial. */
    tick() {
      const state = this.stateNow;
      if (!state) return;
      const since = state.began && !state.complete && state.attended ? `; ${state.underWay.length > 1 ? `${state.underWay.length} under way` : state.underWay[0]} for ${span((Date.now() - state.began) / 1000)}` : "";
      const left = state.left != null && state.attended ? `; about ${span(Math.max(0, state.left - (Date.now() - this.stateAt) / 1000))} left` : "";
      this.progress.textContent = this.progressWords + since + left + (state.report ? "; the report is there" : "");
    }

    choose(trial, i) {
      const can = "vdcx>".includes(this.buttons[i].dataset.s);
      if (!can) return;
      this.wanted = this.wanted === trial || this.buttons[i].dataset.s === ">" ? null : trial;
      connect();
    }

    mark(trial) {
      this.buttons?.forEach((b, i) => b.classList.toggle("shown", `${this.planned.points[this.planned.trials[i][0]].name}/${this.planned.trials[i][1]}` === trial));
    }

    show(chart, trial, cls) {
      this.insides.hidden = true;
      const kept = this.trial === trial && this.view && this.view.from > 0 ? [this.view.from, this.view.to] : null;
      this.trial = trial;
      this.mark(trial);
      this.empty.hidden = true;
      this.gantt.hidden = this.pair.hidden = false;
      this.gantt.replaceChildren();
      this.view = new TimeWindow(chart.length);
      this.chart = new cls(this.gantt, chart, this.view, document.getElementById("tip"), document.getElementById("gantt-live"));
      if (kept) {
        this.view.length = Math.max(this.view.length, kept[1]);
        this.view.set(...kept);
      }
    }

    /** What the scheduler counted of itself: one of many series at a time. */
    insideOf(series) {
      this.insides.hidden = series.length === 0;
      if (series.length === 0) return;
      const before = this.insideSelect?.value;
      this.insideSelect = make("select", { ariaLabel: "From inside" }, ...series.map(s => make("option", { value: s.name, textContent: s.name })));
      if (series.some(s => s.name === before)) this.insideSelect.value = before;
      this.insideSelect.addEventListener("change", () => this.due.add("inside"));
      this.insideChoice.replaceChildren(make("label", {}, "From inside ", this.insideSelect));
      this.insideSeries = series;
      this.due.add("inside");
    }

    /** What has come of it while the trial goes on: each value at which a series changed. */
    insideNews(series) {
      const known = this.insides.hidden ? [] : this.insideSeries;
      const fresh = series.filter(s => {
        const old = known.find(k => k.name === s.name);
        if (old) for (const axis of "xy") old[axis] = (old[axis].length > 2000 ? old[axis].filter((_, i) => i % 2 === 0) : old[axis]).concat(s[axis]);
        return !old;
      });
      if (known.length === 0) return this.insideOf(fresh.sort((a, b) => a.name < b.name ? -1 : 1));
      // A reader may have the choice open: what is new is added to it.
      for (const s of fresh) {
        const after = known.findIndex(k => k.name > s.name);
        this.insideSelect.add(make("option", { value: s.name, textContent: s.name }), after < 0 ? null : after);
        known.splice(after < 0 ? known.length : after, 0, s);
      }
      this.due.add("inside");
    }

    heading(text, small) {
      this.trialTitle.replaceChildren(text, make("small", { textContent: small }));
    }

    begin(trial) {
      this.bound = trial.latenessBound;
      this.processors = trial.processors;
      this.series = { width: 1, busy: [], waiting: [] };
      this.heading(`${trial.point}, repetition ${trial.repetition}`, "under way: from the scheduler's decision to the end that it tells; the payloads' own stamps come at the end");
      this.show(LiveGantt.empty(trial), trial.trial, LiveGantt);
      this.due.add("busy").add("queue");
    }

    news(update) {
      if (!(this.chart instanceof LiveGantt)) return;
      this.chart.take(update);
      const { from, width, busy, waiting } = update.spans;
      const s = this.series;
      s.width = width;
      s.busy.length = s.waiting.length = from;
      s.busy.push(...busy);
      s.waiting.push(...waiting);
      this.counts(update.counts, update.lateness);
      this.due.add("busy").add("queue");
    }

    whole(whole) {
      this.bound = whole.latenessBound;
      this.processors = whole.chart.lanes;
      const course = whole.course;
      this.series = { x: course.x, end: course.end, busy: course.utilisation.map(u => u * this.processors), waiting: course.queued };
      this.heading(`${whole.chart.point}, repetition ${whole.chart.repetition}`, `has ended, ${whole.verdict}${this.planned?.points.find(p => p.name === whole.chart.point)?.machines === "simulation" ? ", simulated" : ": stamps of the payloads"}`);
      this.show(whole.chart, whole.trial, Gantt);
      this.counts(whole.counts, whole.lateness);
      this.due.add("busy").add("queue");
    }

    counts(c, lateness) {
      const bad = Object.entries(c.bad).map(([state, n]) => [n, state.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()]);
      const time = us => seconds(us / 1e6);
      const tiles = [
        [count(c.sent), `of ${count(c.jobs)} sent`], [count(c.waiting), "wait"], [count(c.running), "run"], [count(c.ended), "ended"],
        [count(bad.reduce((sum, [n]) => sum + n, 0)), bad.length ? bad.map(([n, state]) => `${n} ${state}`).join(", ") : "ended badly"],
        lateness ? [time(lateness.p99), `client late, p99; bound ${time(this.bound)}`, lateness.p99 > this.bound] : null,
      ].filter(Boolean);
      if (this.stats.childElementCount !== tiles.length) this.stats.replaceChildren(...tiles.map(() => make("div", { className: "stat" }, make("b"), make("span"))));
      tiles.forEach(([value, name, late], i) => {
        const [b, label] = this.stats.children[i].children;
        if (b.textContent !== value) b.textContent = value;
        if (label.textContent !== name) label.textContent = name;
        this.stats.children[i].classList.toggle("late", late === true);
      });
    }

    /** Draws one chart that is due; true when it did. */
    drawChart(now) {
      if (this.due.size === 0 || now - this.chartAt < 250) return false;
      const [name] = this.due;
      this.due.delete(name);
      this.chartAt = now;
      const chart = this.charts[name] ??= echarts.init(this[name], null, { renderer: "canvas" });
      const s = this.series;
      const chosen = name === "inside" ? this.insideSeries.find(i => i.name === this.insideSelect.value) : null;
      const values = chosen?.y ?? (name === "busy" ? s.busy : s.waiting);
      const times = chosen?.x ?? s.x;
      const data = values.map((v, i) => [times ? times[i] : +(i * s.width).toFixed(3), v]);
      const end = s.x ? s.end : s.busy.length * s.width;
      if (data.length > 0 && !chosen) data.push([end, data.at(-1)[1]]);
      const [muted, line, colour] = [cssColour("--muted"), cssColour("--line"), cssColour({ busy: "--p0", queue: "--p1", inside: "--p2" }[name])];
      chart.setOption({
        animation: false, textStyle: { fontFamily: "inherit" }, grid: { left: 8, right: 14, top: 10, bottom: 6, containLabel: true },
        xAxis: { type: "value", min: 0, max: end || 1, axisLabel: { color: muted, hideOverlap: true, formatter: v => seconds(v) }, splitLine: { show: false }, axisLine: { lineStyle: { color: line } } },
        yAxis: { type: "value", min: chosen ? undefined : 0, max: name === "busy" ? this.processors : undefined, minInterval: chosen ? 0 : 1, axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } },
        tooltip: { trigger: "axis", confine: true, formatter: ([p]) => `${seconds(p.value[0])}: ${+p.value[1].toFixed(1)}`, backgroundColor: cssColour("--card"), borderColor: line, textStyle: { color: cssColour("--ink") } },
        series: [{ type: "line", step: "end", showSymbol: false, data, lineStyle: { width: 1.6, color: colour }, itemStyle: { color: colour }, areaStyle: { color: colour, opacity: .14 } }],
      });
      return true;
    }

    unread(text) {
      this.doing.replaceChildren(text);
    }

    restyle() {
      this.chart?.recolour();
      this.due.add("busy").add("queue");
      if (this.insideSeries && !this.insides.hidden) this.due.add("inside");
    }

    resize() {
      for (const chart of Object.values(this.charts)) chart.resize();
    }

    async listLogs() {
      const logs = await (await fetch(address("/logs", { run: this.number }))).json();
      const select = make("select", { ariaLabel: "Log" }, make("option", { value: "", textContent: logs.length ? "choose a log" : "there is none yet" }),
        ...logs.map(l => make("option", { value: l.name, textContent: `${l.name.replace(/^trials\//, "")} (${(l.length / 1024).toFixed(1)} KiB, ${clock(l.changed)})` })));
      const again = make("button", { className: "button", type: "button", textContent: "Read again" });
      const read = async () => {
        this.log.hidden = select.value === "";
        if (select.value === "") return;
        const answer = await fetch(address("/log", { run: this.number, file: select.value }));
        this.log.textContent = await answer.text();
        this.log.scrollTop = this.log.scrollHeight;
      };
      select.addEventListener("change", read);
      again.addEventListener("click", () => select.value ? read() : this.listLogs());
      this.logList.replaceChildren(select, again);
    }
  }

  // ---- frames: charts of what is measured cost more than a frame has where all are drawn at once ------------------------
  function frame() {
    const began = performance.now();
    let worked = false;
    for (const panel of live.panels) {
      if (!(panel.chart instanceof LiveGantt) || !panel.chart.moved) continue;
      panel.chart.grow();
      panel.chart.draw();
      worked = true;
    }

    for (const panel of live.panels) {
      if (!panel.drawChart(began)) continue;
      worked = true;
      break;
    }

    if (worked) {
      live.frames.push(performance.now() - began);
      if (live.frames.length > 2000) live.frames.splice(0, 1000);
    }

    requestAnimationFrame(frame);
  }

  setInterval(() => live.panels.forEach(p => p.tick()), 1000);
  addEventListener("resize", () => live.panels.forEach(p => p.resize()));

  // ---- what comes -----------------------------------------------------------------------------------------------------
  let source = null;
  const panel = number => live.panels[number] ??= new Panel(number);
  const handlers = {
    hello: () => {
      live.connected = true;
      status.className = "";
      status.textContent = "live: what is on the disk, as it comes";
    },
    plan: m => panel(m.run).plan(m),
    state: m => panel(m.run).state(m),
    trial: m => panel(m.run).begin(m),
    news: m => panel(m.run).news(m.update),
    whole: m => panel(m.run).whole(m),
    inside: m => panel(m.run).insideOf(m.series),
    sampled: m => panel(m.run).insideNews(m.series),
    unread: m => panel(m.run).unread(m.text),
  };
  live.receive = (kind, message) => handlers[kind](message);

  function connect() {
    source?.close();
    const parameters = {};
    for (const p of live.panels) if (p.wanted) parameters[`trial${p.number}`] = p.wanted;
    source = new EventSource(address("/events", parameters));
    for (const kind of Object.keys(handlers)) source.addEventListener(kind, e => {
      live.updates++;
      handlers[kind](JSON.parse(e.data));
      if (kind === "state") live.ready = true;
    });
    const mine = source;
    source.onerror = () => {
      if (mine !== source) return;
      live.connected = false;
      status.className = "lost";
      status.textContent = "the program does not answer; asked again every second …";
      // Where the browser has given up, as after an answer that was no stream, it is asked again by hand.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => mine === source && connect(), 1000);
    };
  }

  theme();
  requestAnimationFrame(frame);
  if (!asked.has("idle")) connect();
})();
