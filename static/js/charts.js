// Charts from JSON blocks: <div id="x" class="plot"> is drawn from <script type="application/json" id="x-data">.
// Colours are roles of tokens.css, so charts follow light and dark; tooltips are rich text, because HTML ones write style
// attributes, which the content policy refuses. The table beside each chart is in the page already and shows without scripts.
//
// kind line:   {labels, series: [{name, values}], target?, unit?, min?, max?}       attainment, backlog over time
// kind heat:   {columns, rows, values: [[column, row, n]], steps?, unit?}           grey up to the first step that matters
// kind pareto: {labels, values, unit?}                                             bars and the running share
// kind bars:   {labels, series: [{name, values, late?}], unit?}                    lateness may be red, nothing else
// Any kind: links: [url per label] opens the tickets behind a figure.
(() => {
  const role = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = new Map();

  const parts = () => {
    const font = { fontFamily: role("--font"), fontSize: 12, color: role("--ink-3") };
    const axis = {
      axisLine: { lineStyle: { color: role("--line-strong") } }, axisTick: { show: false },
      axisLabel: { ...font }, splitLine: { lineStyle: { color: role("--chart-grid") } },
    };
    const tooltip = {
      renderMode: "richText", backgroundColor: role("--raised"), borderColor: role("--line-strong"), borderWidth: 1, padding: [8, 12],
      textStyle: { fontFamily: role("--font"), fontSize: 12, color: role("--ink") },
    };
    return { font, axis, tooltip };
  };

  const line = (data) => {
    const { font, axis, tooltip } = parts();
    const unit = data.unit || "";
    // Direct labels at the line's end, instead of a legend that has to be matched by colour; grey is dashed as well.
    const last = data.series.map((series) => [...series.values].reverse().find((value) => value !== null) ?? 0);
    const range = (data.max ?? 100) - (data.min ?? 0);
    const close = (a, b) => Math.abs(last[a] - last[b]) < range / 12;
    const shift = (i) => (i === 1 && last.length > 1 && close(0, 1) ? (last[1] <= last[0] ? 14 : -14) : 0);
    return {
      animation: false, textStyle: font, grid: { left: 52, right: 92, top: 16, bottom: 32 },
      tooltip: { ...tooltip, trigger: "axis", valueFormatter: (value) => (value === null || value === undefined ? "–" : `${value}${unit}`) },
      xAxis: { type: "category", data: data.labels, boundaryGap: false, ...axis, splitLine: { show: false }, axisLabel: { ...font, hideOverlap: true } },
      yAxis: { type: "value", min: data.min, max: data.max, interval: data.min !== undefined && data.max !== undefined ? range / 4 : undefined, ...axis, axisLine: { show: false }, axisLabel: { ...font, formatter: `{value}${unit}` } },
      series: data.series.map((series, i) => ({
        name: series.name, type: "line", data: series.values, symbol: series.values.length === 1 ? "circle" : "none", connectNulls: false,
        lineStyle: { color: role(i ? "--chart-2" : "--chart-1"), width: 2, type: i > 1 ? "dashed" : "solid" }, itemStyle: { color: role(i ? "--chart-2" : "--chart-1") },
        endLabel: { show: true, formatter: series.name, color: role("--ink-2"), fontFamily: role("--font"), fontSize: 12, distance: 8, offset: [0, shift(i)] },
        ...(i === 0 && data.target !== undefined ? {
          markLine: { silent: true, symbol: "none", lineStyle: { color: role("--ink-3"), type: [4, 4], width: 1 }, label: { ...font, show: last.every((value) => Math.abs(value - data.target) > range / 12), formatter: data.target_label || `${data.target}${unit}`, position: "end", distance: 8 }, data: [{ yAxis: data.target }] },
        } : {}),
      })),
    };
  };

  const heat = (data) => {
    const { font, axis, tooltip } = parts();
    const steps = data.steps || [1, 3, 5, 8];
    const text = (low, next) => (next === undefined ? `${low}+` : next - 1 === low ? `${low}` : `${low}–${next - 1}`);
    const pieces = [{ value: 0, label: "0", color: role("--heat-0") }, ...steps.map((low, i) => ({ min: low, max: i + 1 < steps.length ? steps[i + 1] - 1 : undefined, label: text(low, steps[i + 1]), color: role(`--heat-${i + 1}`) }))];
    return {
      animation: false, textStyle: font, grid: { left: 52, right: 16, top: 4, bottom: 60 },
      tooltip: { ...tooltip, formatter: (point) => `${data.rows[point.value[1]]} ${data.columns[point.value[0]]}  ${point.value[2]} ${data.unit || ""}` },
      xAxis: { type: "category", data: data.columns, ...axis, axisLine: { show: false }, axisLabel: { ...font, hideOverlap: true } },
      yAxis: { type: "category", data: data.rows, inverse: true, ...axis, axisLine: { show: false } },
      visualMap: { type: "piecewise", orient: "horizontal", left: 48, bottom: 0, itemWidth: 16, itemHeight: 12, itemGap: 12, textStyle: font, pieces },
      series: [{ type: "heatmap", itemStyle: { borderColor: role("--surface"), borderWidth: 2, borderRadius: 4 },
        data: data.values.map((value) => ({ value, label: { color: role(value[2] >= steps[steps.length - 1] ? "--on-late" : "--ink") } })),
        label: { show: true, fontFamily: role("--font"), fontSize: 11, formatter: (point) => (point.value[2] >= steps[Math.max(0, steps.length - 2)] ? point.value[2] : "") } }],
    };
  };

  const pareto = (data) => {
    const { font, axis, tooltip } = parts();
    const total = data.values.reduce((sum, value) => sum + Number(value), 0) || 1;
    let running = 0;
    const share = data.values.map((value) => Math.round(((running += Number(value)) / total) * 100));
    return {
      animation: false, textStyle: font, grid: { left: 48, right: 52, top: 24, bottom: 32 }, tooltip: { ...tooltip, trigger: "axis" },
      xAxis: { type: "category", data: data.labels, ...axis, axisLabel: { ...font, color: role("--ink-2"), interval: 0, overflow: "truncate", width: 72 } },
      yAxis: [{ type: "value", minInterval: 1, ...axis, axisLine: { show: false } },
        { type: "value", max: 100, interval: 50, ...axis, axisLine: { show: false }, splitLine: { show: false }, axisLabel: { ...font, formatter: "{value}%" } }],
      series: [
        { name: data.name || data.unit || "", type: "bar", barMaxWidth: 32, label: { show: true, position: "top", ...font, color: role("--ink") },
          data: data.values.map((value, i) => ({ value, itemStyle: { color: role(i < 3 ? "--chart-1" : "--chart-3"), borderRadius: [4, 4, 0, 0] } })) },
        { name: data.share_name || "%", type: "line", yAxisIndex: 1, data: share, symbol: "circle", symbolSize: 6, lineStyle: { color: role("--chart-2"), width: 1.5 }, itemStyle: { color: role("--chart-2") } },
      ],
    };
  };

  const bars = (data) => {
    const { font, axis, tooltip } = parts();
    const colour = (series, i) => role(series.late ? "--late-mark" : ["--chart-1", "--chart-3", "--chart-2"][i % 3]);
    return {
      animation: false, textStyle: font, grid: { left: 48, right: 16, top: data.series.length > 1 ? 36 : 24, bottom: 32 }, tooltip: { ...tooltip, trigger: "axis" },
      legend: data.series.length > 1 ? { top: 0, left: 40, itemWidth: 12, itemHeight: 12, textStyle: font, icon: "roundRect" } : undefined,
      xAxis: { type: "category", data: data.labels, ...axis, axisLabel: { ...font, hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, ...axis, axisLine: { show: false } },
      series: data.series.map((series, i) => ({ name: series.name, type: "bar", stack: data.stacked ? "all" : undefined, barMaxWidth: 32, data: series.values, itemStyle: { color: colour(series, i) } })),
    };
  };

  const kinds = { line, heat, pareto, bars };

  const draw = (plot) => {
    const block = document.getElementById(`${plot.id}-data`);
    if (!block || !window.echarts) return;
    const data = JSON.parse(block.textContent);
    if (!kinds[data.kind]) return;
    const old = drawn.get(plot);
    if (old) old.dispose();
    const chart = window.echarts.init(plot, null, { renderer: "svg" });
    chart.setOption(kinds[data.kind](data));
    if (data.links) chart.on("click", (point) => { const url = data.links[point.dataIndex]; if (url) location.assign(url); });
    drawn.set(plot, chart);
  };

  const show = (panel, what) => {
    const plot = panel.querySelector(".plot");
    const table = panel.querySelector("[data-table]");
    plot.hidden = what === "table";
    table.hidden = what !== "table";
    panel.querySelectorAll("[data-shows]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.shows === what)));
    if (what !== "table") draw(plot);
  };

  const start = (root) => root.querySelectorAll("[data-chart]").forEach((panel) => show(panel, "plot"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shows]");
    if (button) show(button.closest("[data-chart]"), button.dataset.shows);
  });
  const redraw = () => drawn.forEach((chart, plot) => { if (!plot.isConnected) { chart.dispose(); drawn.delete(plot); } else if (!plot.hidden) draw(plot); });
  new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  let resizing = 0;
  window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => drawn.forEach((chart) => chart.resize()), 120); });
  document.addEventListener("huiyin:fresh", (event) => start(event.detail.root));
  start(document);
})();
