// Curves: <div data-charts="…/series/"> with controls, a place for plots, and a fold for more.
// The server says which plots there are and sends few enough points to draw; who zooms in gets
// more of them. On the page of a job the box is skipped when the page is renewed, and only fetches
// new points when #job-live says that there are any. The same numbers stand in a table.

import uPlot from "uplot";

import { aligned, extent, joined, smoothed, withDetail } from "./chart_data.js";
import { saveAsImage } from "./chart_image.js";
import { HEIGHT, options } from "./chart_plot.js";

const OVERLAP_STEPS = 10; // validation numbers may come late for a step that is already here
const MOST_POINTS = 4000; // of a curve that grew; then it is fetched anew, thinned
const SPARSE = 60; // a curve of fewer points shows them

let boxes = 0;
document.querySelectorAll("[data-charts]").forEach((box) => begin(box));

function begin(box) {
  const page = document.getElementById("job-live");
  const curves = {
    box,
    syncKey: `charts-${(boxes += 1)}`,
    answer: { plots: [], checkpoints: [], isWhole: true },
    series: {},
    detail: null, // points of the closer look: {range, series}
    zoom: null, // [from, to] on the x axis
    opened: new Set(),
    plots: new Map(),
  };
  const follow = oneAtATime(() => refresh(curves, page));
  if (page) new MutationObserver(follow).observe(page, { attributeFilter: ["data-step", "data-is-active"] });
  new ResizeObserver(() => fit(curves)).observe(box);
  listen(curves, follow);
  onNewColours(() => draw(curves, { anew: true }));
  follow();
}

/** Run `work` now; calls that come while it runs become one more run afterwards. */
function oneAtATime(work) {
  let isRunning = false;
  let isWanted = false;
  return async function run() {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isRunning = false;
  };
}

function listen(curves, follow) {
  const { box } = curves;
  box.querySelector("[data-chart-controls]").addEventListener("input", ({ target }) => {
    if (target.matches("[data-chart-from], [data-chart-to]")) return;
    draw(curves, { anew: true });
  });
  for (const input of box.querySelectorAll("[data-chart-from], [data-chart-to]")) {
    input.addEventListener("change", () => zoomTo(curves, typedRange(curves)));
  }
  box.querySelector("[data-chart-reset]").addEventListener("click", () => zoomByMouse(curves, null));
  box.addEventListener("click", ({ target }) => {
    const key = target.closest("[data-chart-png]")?.closest("[data-chart]").dataset.chart;
    if (key) saveAsImage(curves.plots.get(key), titleOf(curves, key));
  });
  box.addEventListener("toggle", ({ target }) => open(curves, target, follow), true);
}

async function open(curves, fold, follow) {
  const key = fold.querySelector("[data-chart]")?.dataset.chart;
  if (!fold.open || !fold.matches("[data-chart-fold]") || curves.opened.has(key)) return;
  curves.opened.add(key);
  curves.series = {}; // with its points, all are asked for
  await follow();
  if (curves.zoom) zoomTo(curves, curves.zoom);
}

async function refresh(curves, page) {
  const isOver = page?.dataset.isActive !== "yes"; // then everything once more: nothing is missing
  const last = extent(curves.series)?.[1] ?? 0;
  const isLong = Object.values(curves.series).some(([steps]) => steps.length > MOST_POINTS);
  const first = isOver || isLong ? 0 : Math.max(0, last - OVERLAP_STEPS);
  const answer = await ask(curves, first ? { first: first + 1 } : {});
  if (!answer) return; // the next change of the page asks again
  const isWhole = answer.isWhole && (first === 0 || curves.answer.isWhole);
  curves.answer = { ...answer, isWhole };
  curves.series = first ? joined(curves.series, answer.series, first) : answer.series;
  draw(curves);
}

async function ask(curves, window) {
  const url = new URL(curves.box.dataset.charts, location.href);
  for (const [key, value] of Object.entries(window)) url.searchParams.set(key, value);
  for (const key of curves.opened) url.searchParams.append("plot", key);
  const response = await fetch(url).catch(() => null);
  return response?.ok ? await response.json() : null;
}

/** Show a part of the x axis; where points were left out, ask for more of them. */
async function zoomTo(curves, range) {
  curves.zoom = range;
  curves.detail = null;
  draw(curves);
  if (!range || curves.answer.isWhole) return;
  const answer = await ask(curves, { first: range[0], last: range[1] });
  if (!answer || curves.zoom !== range) return;
  curves.detail = { range, series: answer.series };
  draw(curves);
}

function zoomByMouse(curves, range) {
  fillRange(curves.box, range);
  return zoomTo(curves, range);
}

function typedRange(curves) {
  const all = extent(curves.series);
  const typed = (name) => curves.box.querySelector(`[data-chart-${name}]`).valueAsNumber;
  if (!all) return null;
  const from = Number.isNaN(typed("from")) ? all[0] : typed("from");
  const to = Number.isNaN(typed("to")) ? all[1] : typed("to");
  return from < to ? [from, to] : null;
}

function draw(curves, { anew = false } = {}) {
  const { box, answer, zoom } = curves;
  const all = extent(curves.series);
  box.querySelector("[data-chart-empty]").hidden = all !== null;
  box.querySelector("[data-chart-controls]").hidden = all === null;
  if (!all) return;
  box.querySelector("[data-chart-reset]").hidden = !zoom;
  showExtent(box, all);
  const series = withDetail(curves.series, curves.detail);
  for (const plot of answer.plots) drawOne(curves, plot, series, anew);
  const folds = answer.plots.filter((plot) => !plot.isMain).length;
  box.querySelector("[data-chart-more]").hidden = folds === 0;
}

function showExtent(box, [first, last]) {
  box.querySelector("[data-chart-from]").placeholder = first;
  box.querySelector("[data-chart-to]").placeholder = last;
}

/** Say in the fields what the mouse has chosen. What is typed there stays as it is. */
function fillRange(box, range) {
  box.querySelector("[data-chart-from]").value = range ? +range[0].toPrecision(6) : "";
  box.querySelector("[data-chart-to]").value = range ? +range[1].toPrecision(6) : "";
}

function drawOne(curves, plot, series, anew) {
  const place = placeOf(curves, plot);
  const told = plot.curves.filter((curve) => series[curve.series]?.[0].length > 0);
  place.closest("[data-chart]").hidden = told.length === 0 && plot.isMain;
  if (told.length === 0) return;
  const { list, columns } = lines(curves, plot, told, series);
  const data = aligned(columns);
  const known = curves.plots.get(plot.key);
  if (known && !anew && known.series.length === data.length) return known.setData(data);
  known?.destroy();
  curves.plots.set(plot.key, new uPlot(options(list, look(curves, plot, place, told.length)), data, place));
}

/** The lines of a plot: where it is smoothed, each faint and behind it the smooth one on top. */
function lines({ box }, plot, told, series) {
  const weight = switches(box).smoothing;
  const list = told.map((curve) => ({ ...curve, isSparse: series[curve.series][0].length < SPARSE }));
  const columns = told.map((curve) => series[curve.series]);
  if (!weight) return { list, columns };
  const smooth = told.map((curve, n) => (list[n].isSparse ? columns[n] : smoothed(columns[n], weight)));
  const faint = list.map((curve) => ({ ...curve, isFaint: true, isSparse: false }));
  return { list: [...list, ...faint], columns: [...smooth, ...columns] };
}

function look(curves, plot, place, count) {
  const { isLog, isClipped, smoothing } = switches(curves.box);
  const canBeLog = plot.kind === "loss" || plot.kind === "other";
  return {
    width: place.clientWidth,
    xLabel: curves.box.dataset.xLabel,
    isWhole: curves.box.dataset.xUnit !== "epoch",
    isLog: canBeLog && isLog,
    isClipped: isClipped && plot.kind !== "accuracy",
    syncKey: curves.syncKey,
    range: (_plot, low, high) => curves.zoom ?? extent(curves.series) ?? [low, high],
    checkpoints: () => curves.answer.checkpoints,
    zoomTo: (range) => zoomByMouse(curves, range),
    rawOf: (n) => (smoothing && n <= count ? n + count : n),
    words: { at: curves.box.dataset.atLabel },
  };
}

function placeOf(curves, plot) {
  const selector = `[data-chart="${CSS.escape(plot.key)}"]`;
  const known = curves.box.querySelector(selector);
  if (known) return known.querySelector("[role=img]");
  const kind = plot.isMain ? "plot" : "fold";
  const made = curves.box.querySelector(`template[data-chart-${kind}]`).content.cloneNode(true);
  made.querySelector("[data-chart]").dataset.chart = plot.key;
  for (const title of made.querySelectorAll("[data-chart-title]")) title.textContent = plot.title;
  const image = made.querySelector("[role=img]");
  image.setAttribute("aria-label", `${plot.title}. ${image.getAttribute("aria-label")}`);
  curves.box.querySelector(`[data-chart-${kind}s]`).append(made);
  return image;
}

function titleOf(curves, key) {
  return curves.answer.plots.find((plot) => plot.key === key)?.title ?? key;
}

function switches(box) {
  const isOn = (name) => box.querySelector(`[data-chart-${name}]`).checked;
  const smoothing = Number(box.querySelector("[data-chart-smooth]").value);
  return { smoothing, isLog: isOn("log"), isClipped: isOn("clip") };
}

function fit({ plots }) {
  for (const plot of plots.values()) {
    const width = plot.root.parentElement.clientWidth;
    if (width) plot.setSize({ width, height: HEIGHT });
  }
}

function onNewColours(act) {
  const observer = new MutationObserver(act);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
}
