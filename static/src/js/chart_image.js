// A plot as a PNG: its title and legend, which are HTML in the page, drawn above its canvas.

import { colour } from "./chart_plot.js";

const HEAD = 60; // pixels above the plot

export function saveAsImage(plot, title) {
  const ratio = devicePixelRatio;
  const source = plot.ctx.canvas;
  const canvas = document.createElement("canvas");
  canvas.width = source.width;
  canvas.height = source.height + HEAD * ratio;
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colour("--color-base-100");
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(source, 0, HEAD * ratio);
  ctx.scale(ratio, ratio);
  drawHead(ctx, plot, title);
  canvas.toBlob((blob) => download(blob, `${title}.png`));
}

function drawHead(ctx, plot, title) {
  ctx.fillStyle = colour("--color-base-content");
  ctx.font = "600 16px sans-serif";
  ctx.fillText(title, 12, 22);
  ctx.font = "13px sans-serif";
  let x = 12;
  for (const { label, _stroke, stroke, class: kind } of plot.series.slice(1)) {
    if (kind === "u-faint") continue;
    ctx.fillStyle = typeof stroke === "function" ? stroke(plot) : (_stroke ?? stroke);
    ctx.fillRect(x, 36, 12, 12);
    ctx.fillStyle = colour("--color-base-content");
    ctx.fillText(label, x + 18, 47);
    x += ctx.measureText(label).width + 42;
  }
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
