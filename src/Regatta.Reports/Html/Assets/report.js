"use strict";
// Draws the charts of the page out of the JSON that it carries. Text, tables and the verdict are in the page itself and need no script.
(() => {
  const page = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const report = window.regattaReport = { ready: false, charts: {}, gantts: [], view: null };

  // ---- theme: what the system asks for, until the reader chooses ------------------------------------------------------
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  let printing = false;
  const redraws = [];
  function theme() {
    const dark = !printing && (chosen ?? (system.matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "dark" : "light";
    const button = document.getElementById("theme");
    if (button) button.textContent = dark ? "Light mode" : "Dark mode";
    for (const redraw of redraws) redraw();
  }

  system.addEventListener("change", theme);
  document.getElementById("theme")?.addEventListener("click", () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    theme();
  });
  // The page is not yet laid out for paper when printing begins: charts get the widths that A4 and Letter both have room for.
  const paper = { wide: 655, half: 314 };
  function size() {
    for (const chart of Object.values(report.charts)) chart.resize(printing ? { width: chart.getDom().closest(".pair") ? paper.half : paper.wide, height: chart.getDom().clientHeight } : undefined);
    Gantt.paper = printing ? paper.wide : null;
  }

  addEventListener("beforeprint", () => {
    printing = true;
    for (const details of document.querySelectorAll("details:not(.keep-closed)")) details.open = true;
    size();
    theme();
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const chart of Object.values(report.charts)) chart.resize({ width: "auto", height: "auto" });
    size();
    theme();
  });
  theme();

  // ---- charts ---------------------------------------------------------------------------------------------------------
  const dashes = ["solid", [7, 4], [2, 3], [10, 3, 2, 3]];
  // A point has the colour of its place in its race, so that the same scheduler looks the same on every workload.
  const index = new Map(page.races.flatMap(r => r.points.map((p, i) => [p, i])));
  const colour = point => cssColour(`--p${(index.get(point) ?? 7) % 8}`);
  // Eight colours by four patterns: 32 points can be told apart.
  const pattern = point => { const i = index.get(point) ?? 0; return (i + Math.floor(i / 8)) % dashes.length; };
  const dash = point => dashes[pattern(point)];
  /** Long names without what all points of the race begin with. */
  const brief = new Map(page.races.flatMap(race => {
    const first = race.points[0] ?? "";
    let common = race.points.length < 2 ? 0 : [...first].findIndex((c, i) => race.points.some(p => p[i] !== c));
    while (common > 0 && !/[.,=_\-:/ ]/.test(first[common - 1])) common--;
    return race.points.map(p => [p, common > 12 && p.length > 22 ? `…${p.slice(common)}` : p]);
  }));
  const short = point => brief.get(point) ?? point;
  const phone = () => innerWidth < 640;

  function base() {
    const [ink, muted, line, card] = ["--ink", "--muted", "--line", "--card"].map(cssColour);
    const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { lineStyle: { color: line } }, axisLabel: { color: muted, hideOverlap: true }, splitLine: { lineStyle: { color: line, opacity: .6 } }, nameTextStyle: { color: muted }, nameLocation: "middle" };
    return {
      axis,
      option: {
        animation: false,
        backgroundColor: "transparent",
        textStyle: { fontFamily: "system-ui, sans-serif", color: ink },
        legend: { top: 0, left: 0, right: 8, type: "scroll", textStyle: { color: ink }, inactiveColor: muted, formatter: short, pageTextStyle: { color: muted }, pageIconColor: ink, pageIconInactiveColor: line, itemWidth: 28 },
        tooltip: { trigger: "axis", confine: true, backgroundColor: card, borderColor: line, textStyle: { color: ink, fontSize: 12 }, axisPointer: { lineStyle: { color: muted } } },
        grid: { left: 66, right: 18, top: 38, bottom: 46 },
        aria: { enabled: true },
      },
    };
  }

  function make(id, option, settings = {}) {
    const host = document.getElementById(id);
    if (!host) return null;
    const chart = echarts.init(host, null, { renderer: "svg" });
    const draw = () => chart.setOption(option(), { notMerge: true });
    report.charts[id] = chart;
    draw();
    redraws.push(() => {
      const zoom = (chart.getOption().dataZoom ?? []).map(({ start, end }) => ({ start, end }));
      draw();
      zoom.forEach((z, i) => chart.dispatchAction({ type: "dataZoom", dataZoomIndex: i, ...z }));
    });
    new ResizeObserver(() => { if (!printing) chart.resize(); }).observe(host);
    if (settings.log) settings.log.addEventListener("change", draw);
    return { chart, draw };
  }

  /** Zoom by Ctrl + wheel or pinch, pan by drag, and a slider that a finger can hold. */
  function zooming(slider) {
    if (printing) return [];
    const [accent, line, muted] = ["--accent", "--line", "--muted"].map(cssColour);
    const inside = { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false, preventDefaultMouseMove: false, filterMode: "none" };
    return slider
      ? [inside, { type: "slider", height: 22, bottom: 4, filterMode: "none", borderColor: line, fillerColor: "rgba(80,140,190,.18)", handleStyle: { color: accent }, dataBackground: { lineStyle: { color: muted }, areaStyle: { color: line } }, textStyle: { color: muted }, labelFormatter: v => seconds(+v) }]
      : [inside];
  }

  function distribution(id, points, curves, name, format, least) {
    const log = document.getElementById(`${id}-log`);
    const option = () => {
      const { option, axis } = base();
      const logarithmic = log?.checked ?? false;
      // Each repetition of many points would be a thicket.
      const several = curves.some(c => c.repetition > 1);
      const single = several && points.length <= 4;
      const place = v => logarithmic ? Math.max(v, least) : v;
      return {
        ...option,
        grid: { ...option.grid, bottom: 82 },
        legend: { ...option.legend, data: points.filter(p => curves.some(c => c.point === p)) },
        tooltip: { ...option.tooltip, formatter: items => tipOf(items.filter(i => i.seriesId.endsWith("#0") || !several), name, format, v => `${(v * 100).toFixed(1)} %`) },
        xAxis: { ...axis, type: logarithmic ? "log" : "value", name, nameGap: 26, min: logarithmic ? undefined : 0, axisLabel: { ...axis.axisLabel, formatter: format } },
        yAxis: { ...axis, type: "value", min: 0, max: 1, name: "jobs", nameGap: 44, axisLabel: { ...axis.axisLabel, formatter: v => `${Math.round(v * 100)} %` } },
        dataZoom: zooming(true),
        series: curves.filter(c => !several ? c.repetition !== 0 : single || c.repetition === 0).map(c => ({
          id: `${c.point}#${several ? c.repetition : 0}`, name: c.point, type: "line", step: "end", symbol: "none", silent: c.repetition > 0 && several,
          lineStyle: { color: colour(c.point), type: c.repetition > 0 && several ? "solid" : dash(c.point), width: c.repetition > 0 && several ? 1 : 2.4, opacity: c.repetition > 0 && several ? .3 : 1 },
          itemStyle: { color: colour(c.point), opacity: 0 }, z: c.repetition > 0 && several ? 2 : 5,
          data: [[place(c.x[0] ?? least), 0], ...c.x.map((x, i) => [place(x), c.y[i]])],
        })),
      };
    };
    make(id, option, { log });
  }

  function tipOf(items, name, formatX, formatY) {
    if (items.length === 0) return "";
    const box = document.createElement("div");
    box.append(`${name}: ${formatX(items[0].axisValue)}`);
    for (const item of items) {
      const row = document.createElement("div");
      const mark = document.createElement("span");
      mark.style.cssText = `display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:6px;background:${colour(item.seriesName)}`;
      row.append(mark, `${item.seriesName}: ${formatY(item.value[1])}`);
      box.append(row);
    }

    return box;
  }

  const plain = v => `${+Number(v).toPrecision(3)}`;

  /** Ticks at whole seconds, minutes or hours, about six of them. */
  const timeStep = length => Gantt.step(length / (phone() ? 4 : 8));

  /** Elements of the first race have plain names, those of the next a number behind. */
  const named = (chart, race) => race === 0 ? chart : `${chart}-${race + 1}`;

  page.races.forEach((race, r) => {
    distribution(named("waits", r), race.points, race.waits, "wait", seconds, .001);
    distribution(named("slowdowns", r), race.points, race.slowdowns, "bounded slowdown", plain, 1);
  });

  // ---- courses over time, one repetition at a time ---------------------------------------------------------------------
  const repetition = document.getElementById("course-repetition");
  const rate = document.getElementById("rate-kind");
  const queueKind = document.getElementById("queue-kind");
  function course(race, id, pick, name, format, extra = {}) {
    return make(id, () => {
      const { option, axis } = base();
      const wanted = Number(repetition?.value ?? 1);
      const rows = race.courses.filter(c => c.repetition === wanted);
      const field = pick();
      return {
        ...option,
        grid: { ...option.grid, bottom: extra.slider ? 78 : 42 },
        // Curves that cross all the time are told apart up to four; the names of the others bring them in.
        legend: { ...option.legend, data: rows.map(r => r.point), selected: extra.few ? Object.fromEntries(rows.map((r, i) => [r.point, i < 4])) : {} },
        tooltip: { ...option.tooltip, formatter: items => tipOf(items, "time", seconds, format) },
        xAxis: { ...axis, type: "value", min: 0, max: "dataMax", interval: timeStep(Math.max(...rows.map(r => r.end), 1)), name: extra.slider ? "time from the start of the trial" : undefined, nameGap: 26, axisLabel: { ...axis.axisLabel, showMaxLabel: false, formatter: v => Gantt.tick(v, timeStep(Math.max(...rows.map(r => r.end), 1))) } },
        yAxis: { ...axis, type: "value", min: 0, max: extra.max, minInterval: field === "utilisation" || rows.some(r => r[field].some(v => v % 1)) ? 0 : 1, name: typeof name === "function" ? name() : name, nameGap: 44, axisLabel: { ...axis.axisLabel, formatter: format } },
        dataZoom: zooming(extra.slider),
        series: rows.map(r => ({
          id: r.point, name: r.point, type: "line", step: "end", symbol: "none",
          lineStyle: { color: colour(r.point), type: dash(r.point), width: 2 }, itemStyle: { color: colour(r.point), opacity: 0 },
          data: steps(r, field),
          markLine: faultLines(race, r),
          markArea: faultSpans(race, r),
        })),
      };
    });
  }

  /** A value holds from its time to the next, the last to the end of the window. */
  function steps(row, field) {
    const rate = field === "submitted" || field === "started" || field === "released";
    const x = rate ? row.rateX : row.x;
    return [...x.map((time, i) => [time, row[field][i]]), ...(x.length ? [[rate ? x.at(-1) + row.span : row.end, row[field].at(-1)]] : [])];
  }

  function faultLines(race, row) {
    const faults = race.faults.filter(f => f.point === row.point && f.repetition === row.repetition);
    if (faults.length === 0) return undefined;
    return { silent: true, symbol: ["none", "triangle"], symbolSize: 9, lineStyle: { color: cssColour("--bad"), type: "solid", width: 1.5 }, label: { color: cssColour("--bad") }, data: faults.map(f => ({ xAxis: f.time, label: { formatter: faultLabel(race, f, row.end / 12) } })) };
  }

  /** Whose fault it is, where several points have some; those at about the same time share the label of the first. */
  function faultLabel(race, fault, apart) {
    const near = race.faults.filter(f => f.repetition === fault.repetition && Math.abs(f.time - fault.time) <= apart);
    if (near[0] !== fault) return "";
    const points = [...new Set(near.map(f => f.point))];
    return race.faults.every(f => f.point === fault.point) ? "fault" : points.slice(0, 3).join(", ") + (points.length > 3 ? ", …" : "");
  }

  /** How long faults on purpose lasted. */
  function faultSpans(race, row) {
    const faults = race.faults.filter(f => f.point === row.point && f.repetition === row.repetition && f.until);
    if (faults.length === 0) return undefined;
    return { silent: true, itemStyle: { color: cssColour("--bad"), opacity: .1 }, data: faults.map(f => [{ xAxis: f.time }, { xAxis: f.until }]) };
  }

  const percent = v => `${Math.round(v * 100)} %`;
  const courses = page.races.flatMap((race, r) => {
    const own = [
      course(race, named("utilisation", r), () => "utilisation", "processors in use", percent, { few: true, max: v => Math.max(1, Math.ceil(v.max * 20) / 20) }),
      course(race, named("queue", r), () => queueKind?.value ?? "queued", () => queueKind?.value === "queuedProcessors" ? "processors wanted" : "jobs waiting", plain, { slider: true }),
      course(race, named("rates", r), () => rate?.value ?? "started", () => `jobs ${rate?.value ?? "started"} per second`, plain, { few: true, slider: true }),
    ].filter(Boolean);
    if (own.length > 1) {
      own[0].chart.group = own[1].chart.group = `courses-${r}`;
      echarts.connect(`courses-${r}`);
    }

    return own;
  });
  for (const control of [repetition, rate, queueKind]) control?.addEventListener("change", () => courses.forEach(c => c.draw()));

  // ---- stages: mean seconds of each stage, each on a scale of its own, since the queue dwarfs the rest --------------------
  for (const [r, race] of page.races.entries()) {
    for (const stage of ["accept", "queue", "launch", "release"]) {
      const rows = race.stages.filter(s => s.stage === stage);
      if (rows.length === 0) continue;
      make(named(`stage-${stage}`, r), () => {
        const { option, axis } = base();
        return {
          ...option,
          legend: undefined,
          grid: { left: 8, right: 72, top: 6, bottom: 26, containLabel: true },
          tooltip: { ...option.tooltip, trigger: "item", formatter: i => { const r = rows[i.dataIndex]; return tipLines([r.point, `mean ${seconds(r.mean)}`, `median ${seconds(r.p50)}`, `90th percentile ${seconds(r.p90)}`, `99th percentile ${seconds(r.p99)}`]); } },
          xAxis: { ...axis, type: "value", splitNumber: 3, axisLabel: { ...axis.axisLabel, formatter: seconds } },
          yAxis: { ...axis, type: "category", inverse: true, data: rows.map(r => short(r.point)), axisLabel: { color: cssColour("--ink"), interval: 0, width: phone() ? 110 : 150, overflow: "truncate" } },
          series: [{
            type: "bar", barMaxWidth: 26, label: { show: true, position: "right", color: cssColour("--ink"), formatter: i => seconds(i.value) },
            data: rows.map(r => ({ value: r.mean, itemStyle: { color: colour(r.point), borderRadius: [0, 4, 4, 0] } })),
          }],
        };
      });
    }
  }

  function tipLines(lines) {
    const box = document.createElement("div");
    box.append(...lines.flatMap((t, i) => i ? [document.createElement("br"), t] : [t]));
    return box;
  }

  // ---- predicted against measured: each job's wait in the simulation and in the trial ------------------------------------
  for (const [r, race] of page.races.entries()) {
    if (race.predicted.length === 0) continue;
    make(named("predicted", r), () => {
      const { option, axis } = base();
      const shapes = ["circle", "triangle", "rect", "diamond"];
      const ticks = Gantt.step(Math.max(...race.predicted.flatMap(p => [...p.predicted, ...p.measured]), 1) / 6);
      const most = ticks * Math.ceil(Math.max(...race.predicted.flatMap(p => [...p.predicted, ...p.measured]), 1) / ticks);
      return {
        ...option,
        legend: { ...option.legend, itemWidth: 12, itemGap: 18, data: race.predicted.map((p, i) => ({ name: p.point, icon: shapes[i % 4] })) },
        grid: { ...option.grid, bottom: 52 },
        tooltip: { ...option.tooltip, trigger: "item", formatter: i => i.seriesName ? tipLines([i.seriesName, `predicted ${seconds(i.value[0])}`, `measured ${seconds(i.value[1])}`]) : "" },
        xAxis: { ...axis, type: "value", min: 0, max: most, interval: ticks, name: "wait predicted", nameGap: 30, axisLabel: { ...axis.axisLabel, formatter: v => Gantt.tick(v, ticks) } },
        yAxis: { ...axis, type: "value", min: 0, max: most, interval: ticks, name: "wait measured", nameGap: 48, axisLabel: { ...axis.axisLabel, formatter: v => Gantt.tick(v, ticks) } },
        dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl", filterMode: "none" }, { type: "inside", orient: "vertical", zoomOnMouseWheel: "ctrl", filterMode: "none" }],
        series: [
          { type: "line", silent: true, symbol: "none", lineStyle: { color: cssColour("--muted"), type: [4, 4], width: 1 }, data: [[0, 0], [most, most]] },
          ...race.predicted.map((p, i) => ({ name: p.point, type: "scatter", symbol: shapes[i % 4], symbolSize: 7, itemStyle: { color: colour(p.point), opacity: .65 }, large: p.predicted.length > 2000, data: p.predicted.map((x, k) => [x, p.measured[k]]) })),
        ],
      };
    });
  }

  // ---- Gantt ------------------------------------------------------------------------------------------------------------
  const area = document.getElementById("gantt-area");
  if (area && page.gantt.length > 0) {
    const tip = document.getElementById("tip");
    const live = document.getElementById("gantt-live");
    const view = report.view = new TimeWindow(Math.max(...page.gantt.map(g => g.length)));
    const overview = new GanttOverview(document.getElementById("gantt-overview"), page.gantt[0], view);
    const selects = ["gantt-first", "gantt-second"].map(id => document.getElementById(id));
    const colouring = document.getElementById("gantt-colour");
    const legend = document.getElementById("gantt-legend");
    const showLegend = () => {
      legend.replaceChildren(...(report.gantts[0]?.legend() ?? []).map(entry => {
        const item = document.createElement("span");
        const mark = document.createElement("i");
        mark.style.background = entry.colour;
        item.append(mark, entry.name);
        return item;
      }));
    };
    const show = () => {
      view.listeners = view.listeners.filter(l => l.stays);
      const wanted = selects.map(s => s ? Number(s.value) : -1).filter((v, i) => v >= 0 && (i === 0 || v !== Number(selects[0].value)));
      area.replaceChildren();
      report.gantts = wanted.map(i => {
        const chart = page.gantt[i];
        const host = document.createElement("div");
        host.className = "gantt";
        const name = document.createElement("div");
        name.className = "name";
        const swatch = document.createElement("span");
        swatch.className = `swatch d${pattern(chart.point)}`;
        swatch.style.setProperty("--c", `var(--p${(index.get(chart.point) ?? 7) % 8})`);
        name.append(swatch, `${chart.point}, repetition ${chart.repetition}`);
        if (chart.faults.length > 0) name.append(Object.assign(document.createElement("span"), { className: "tag bad", textContent: `${chart.faults.length} fault${chart.faults.length > 1 ? "s" : ""}` }));
        if (chart.neverStarted > 0) name.append(Object.assign(document.createElement("span"), { className: "tag warn", textContent: `${chart.neverStarted} job${chart.neverStarted > 1 ? "s" : ""} never started` }));
        host.append(name);
        area.append(host);
        const gantt = new Gantt(host, chart, view, tip, live);
        if (colouring && colouring.value !== "job") gantt.recolour(colouring.value);
        return gantt;
      });
      overview.show(page.gantt[wanted[0]]);
      showLegend();
    };
    for (const listener of view.listeners) listener.stays = true;
    for (const select of selects) select?.addEventListener("change", show);
    colouring?.addEventListener("change", () => {
      for (const gantt of report.gantts) gantt.recolour(colouring.value);
      showLegend();
    });
    document.getElementById("gantt-in")?.addEventListener("click", () => view.zoom(.5));
    document.getElementById("gantt-out")?.addEventListener("click", () => view.zoom(2));
    document.getElementById("gantt-all")?.addEventListener("click", () => view.set(0, view.length));
    redraws.push(() => {
      for (const gantt of report.gantts) {
        gantt.colours();
        gantt.draw();
      }

      overview.draw();
      showLegend();
    });
    show();
  }

  // ---- where the reader is -------------------------------------------------------------------------------------------------
  const links = new Map([...document.querySelectorAll("nav.toc a")].map(a => [a.getAttribute("href").slice(1), a]));
  const watch = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) {
        link.classList.remove("here");
        link.removeAttribute("aria-current");
      }

      links.get(entry.target.id)?.classList.add("here");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "0px 0px -70% 0px" });
  for (const id of links.keys()) {
    const target = document.getElementById(id);
    if (target) watch.observe(target);
  }

  report.ready = true;
})();
