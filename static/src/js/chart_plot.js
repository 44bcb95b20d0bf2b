// How one chart looks: axes, lines, the range of the losses, and checkpoints as ticks to click on.

import uPlot from "uplot";

export const HEIGHT = 240;

const MOST_FULL_TICKS = 12; // more checkpoints than this are short ticks at the bottom
const NEAR_A_TICK = 6; // pixels
const KEPT = 0.99; // the share of the losses that clipping keeps in view
const WHOLE_STEPS = [1, 10, 100, 1000, 10000].flatMap((n) => [n, 2 * n, 5 * n]); // between ticks

/** `told` are the series to draw, `look` says how: isLoss, isLog, isClipped, checkpoints(). */
export function options(box, told, look) {
  const { stepLabel, lossLabel, accuracyLabel } = box.dataset;
  const isLog = look.isLoss && look.isLog;
  const range = look.isLoss && look.isClipped ? { range: clippedRange(isLog) } : {};
  return {
    width: box.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false }, y: { distr: isLog ? 3 : 1, ...range } },
    axes: [
      { ...axis(stepLabel), incrs: WHOLE_STEPS },
      { ...axis(look.isLoss ? lossLabel : accuracyLabel), size: 64 },
    ],
    series: [
      { label: stepLabel, value: (_plot, step) => step ?? "–" },
      ...told.map((series) => line(box, series)),
    ],
    hooks: {
      ready: [(plot) => makeClickable(plot, look.checkpoints)],
      draw: [(plot) => drawCheckpoints(plot, look.checkpoints())],
    },
  };
}

function axis(label) {
  const quiet = colour("--color-base-300");
  return {
    label,
    labelSize: 22,
    stroke: colour("--color-base-content"),
    grid: { stroke: quiet, width: 1 },
    ticks: { stroke: quiet, width: 1 },
  };
}

function line(box, [name, label, variable]) {
  const stroke = colour(variable);
  const isSparse = !name.startsWith("train_");
  return {
    label: box.dataset[label],
    stroke,
    width: 2,
    spanGaps: true,
    points: { show: isSparse, size: 6, fill: stroke },
    value: (_plot, value) => (value === null ? "–" : value.toFixed(4)),
  };
}

/** The y scale without the highest hundredth of the losses; the lines run out at the top. */
function clippedRange(isLog) {
  return (plot, low, high) => {
    if (low === null) return [low, high];
    const drawn = plot.data.filter((_values, n) => n > 0 && plot.series[n].show);
    const losses = drawn.flat().filter((loss) => loss !== null).sort((a, b) => a - b);
    const most = losses[Math.floor(losses.length * KEPT) - 1] ?? high;
    const top = Math.max(low, Math.min(high, most)); // high and low are of what is in view
    return isLog ? uPlot.rangeLog(low, top, 10, false) : uPlot.rangeNum(low, top, 0.1, true);
  };
}

function drawCheckpoints(plot, steps) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour("--color-base-content");
  ctx.globalAlpha = 0.4;
  ctx.setLineDash([4, 4]);
  const top = steps.length > MOST_FULL_TICKS ? bbox.top + bbox.height * 0.94 : bbox.top;
  for (const step of steps) {
    const x = Math.round(plot.valToPos(step, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

// The rows of the table below are the same checkpoints for the keyboard.
function makeClickable(plot, checkpoints) {
  const near = ({ offsetX }) => {
    const distance = (step) => Math.abs(plot.valToPos(step, "x") - offsetX);
    const nearest = checkpoints().reduce((a, b) => (distance(a) <= distance(b) ? a : b), Infinity);
    return distance(nearest) <= NEAR_A_TICK ? nearest : undefined;
  };
  let pressedAt = 0;
  plot.over.addEventListener("mousemove", (event) => {
    plot.over.style.cursor = near(event) === undefined ? "" : "pointer";
  });
  plot.over.addEventListener("mousedown", ({ offsetX }) => (pressedAt = offsetX));
  plot.over.addEventListener("click", (event) => {
    const wasDragged = Math.abs(event.offsetX - pressedAt) > NEAR_A_TICK; // that was a zoom
    const step = near(event);
    if (!wasDragged && step !== undefined) goTo(document.getElementById(`checkpoint-${step}`));
  });
}

function goTo(row) {
  if (!row) return;
  const fold = row.closest("details");
  if (fold) fold.open = true;
  location.hash = row.id; // scrolls there, and marks the row
  row.querySelector("a")?.focus({ preventScroll: true });
}

function colour(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}
