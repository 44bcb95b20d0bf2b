// The curves of a job: <div data-charts="…/metrics/"> with a [data-chart] for loss and accuracy.
// The page around it is renewed by the server; this box is skipped, and only fetches new points
// when #job-live says that there are any. The same numbers stand in a table.

import uPlot from "uplot";

import { HEIGHT, options } from "./chart_plot.js";

const OVERLAP_STEPS = 10; // validation numbers may come late for a step that is already here
const SMOOTHING = 0.85; // weight of the past in the smoothed curve
const SERIES = {
  loss: [
    ["train_loss", "trainLabel", "--color-primary"],
    ["valid_loss", "validLabel", "--color-warning"],
    ["full_valid_loss", "fullLabel", "--color-success"],
  ],
  accuracy: [
    ["train_mean_token_accuracy", "trainLabel", "--color-primary"],
    ["valid_mean_token_accuracy", "validLabel", "--color-warning"],
    ["full_valid_mean_token_accuracy", "fullLabel", "--color-success"],
  ],
};

document.querySelectorAll("[data-charts]").forEach((box) => begin(box));

function begin(box) {
  const page = document.getElementById("job-live");
  const curves = { box, columns: { step: [] }, checkpoints: [], plots: new Map() };
  const follow = oneAtATime(() => refresh(curves, page));
  new MutationObserver(follow).observe(page, { attributeFilter: ["data-step", "data-is-active"] });
  new ResizeObserver(() => fit(curves)).observe(box);
  box.addEventListener("change", () => draw(curves, { anew: true }));
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

async function refresh(curves, page) {
  const isOver = page.dataset.isActive === "no"; // then everything once more: nothing is missing
  const last = curves.columns.step.at(-1) ?? 0;
  const after = isOver ? 0 : Math.max(0, last - OVERLAP_STEPS);
  const response = await fetch(`${curves.box.dataset.charts}?after=${after}`).catch(() => null);
  if (!response?.ok) return; // the next change of the page asks again
  const { checkpoints, ...columns } = await response.json();
  curves.columns = joined(curves.columns, columns, after);
  curves.checkpoints = checkpoints;
  draw(curves);
}

function joined(old, fresh, after) {
  const kept = old.step.findLastIndex((step) => step <= after) + 1;
  const join = ([name, values]) => [name, [...(old[name] ?? []).slice(0, kept), ...values]];
  return Object.fromEntries(Object.entries(fresh).map(join));
}

function draw(curves, { anew = false } = {}) {
  const { box, columns } = curves;
  const hasPoints = columns.step.length > 0;
  box.querySelector("[data-chart-empty]").hidden = hasPoints;
  box.querySelector("[data-chart-controls]").hidden = !hasPoints;
  for (const place of box.querySelectorAll("[data-chart]")) drawOne(curves, place, anew);
}

function drawOne(curves, place, anew) {
  const kind = place.dataset.chart;
  const told = SERIES[kind].filter(([name]) => curves.columns[name]?.some((value) => value !== null));
  place.hidden = told.length === 0;
  if (place.hidden) return;
  const data = [curves.columns.step, ...told.map(([name]) => shown(curves, name))];
  const known = curves.plots.get(kind);
  if (known && !anew && known.series.length === data.length) return known.setData(data);
  known?.destroy();
  const look = { ...switches(curves.box), isLoss: kind === "loss", checkpoints: () => curves.checkpoints };
  curves.plots.set(kind, new uPlot(options(curves.box, told, look), data, place));
}

function switches(box) {
  const isOn = (name) => box.querySelector(`[data-chart-${name}]`).checked;
  return { isSmooth: isOn("smooth"), isLog: isOn("log"), isClipped: isOn("clip") };
}

function shown({ box, columns }, name) {
  return switches(box).isSmooth && name.startsWith("train_") ? smoothed(columns[name]) : columns[name];
}

function smoothed(values) {
  let mean = null;
  return values.map((value) => {
    if (value !== null) mean = mean === null ? value : SMOOTHING * mean + (1 - SMOOTHING) * value;
    return value === null ? null : mean;
  });
}

function fit({ box, plots }) {
  for (const plot of plots.values()) plot.setSize({ width: box.clientWidth, height: HEIGHT });
}

function onNewColours(act) {
  const observer = new MutationObserver(act);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
}
