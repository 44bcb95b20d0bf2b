// Checkpoints as ticks in a plot; a click leads to the row of the table below, which is the same
// for the keyboard.

import { colour } from "./chart_plot.js";

const MOST_FULL_TICKS = 12; // more checkpoints than this are short ticks at the bottom
const NEAR_A_TICK = 6; // pixels

export function drawTicks(plot, steps) {
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

export function makeTicksClickable(plot, checkpoints) {
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
