// How one plot looks: axes, lines, the range of the numbers, and checkpoints as ticks to click on.

import uPlot from "uplot";

import { nearest } from "./chart_data.js";
import { drawTicks, makeTicksClickable } from "./chart_ticks.js";

export const HEIGHT = 240;

const DASH = [6, 4]; // what is not training
const FAINT = 0.25; // a curve behind its smoothed one
const KEPT = 0.99; // the share of the numbers that clipping keeps in view
const WHOLE_STEPS = [1, 10, 100, 1000, 10000, 100000].flatMap((n) => [n, 2 * n, 5 * n]);

/**
 * `curves` are {label, hue, isDashed, isSparse, isFaint}, one per column. `look` says how:
 * {width, xLabel, yLabel, isLog, isClipped, isWhole, range(), checkpoints(), zoomTo(), rawOf(), words}.
 */
export function options(curves, look) {
  const range = look.isClipped ? { range: clippedRange(look.isLog) } : {};
  return {
    width: look.width,
    height: HEIGHT,
    scales: { x: { time: false, range: look.range }, y: { distr: look.isLog ? 3 : 1, ...range } },
    axes: [
      { ...axis(look.xLabel), ...(look.isWhole ? { incrs: WHOLE_STEPS } : {}) },
      { ...axis(""), size: 64, values: (_plot, marks) => marks.map(short) },
    ],
    series: [
      { label: look.xLabel, value: (plot, x) => short(x ?? plot.data[0].at(-1)) },
      ...curves.map((curve) => line(curve, look)),
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      sync: { key: look.syncKey, setSeries: false, filters: { pub: isHover } },
      dataIdx: (plot, n, place, x) => (n === 0 ? place : nearest(plot.data[n], plot.data[0], place, x)),
      bind: { dblclick: () => () => look.zoomTo(null) },
    },
    hooks: {
      ready: [(plot) => makeTicksClickable(plot, look.checkpoints)],
      draw: [(plot) => drawTicks(plot, look.checkpoints())],
      setSelect: [(plot) => zoomToSelection(plot, look.zoomTo)],
    },
  };
}

/** A number with as many digits as a person reads. */
export function short(number) {
  if (number === null || number === undefined) return "–";
  if (Number.isInteger(number)) return number.toLocaleString(document.documentElement.lang || "en");
  const size = Math.abs(number);
  return size >= 1000 || size < 0.0001 ? number.toPrecision(4) : String(+number.toFixed(size < 0.1 ? 6 : 4));
}

export function colour(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

function isHover(type) {
  return type === "mousemove" || type === "mouseleave";
}

function axis(label) {
  const quiet = colour("--color-base-300");
  return {
    ...(label ? { label, labelSize: 22 } : {}),
    stroke: colour("--color-base-content"),
    grid: { stroke: quiet, width: 1 },
    ticks: { stroke: quiet, width: 1 },
  };
}

function line(curve, look) {
  const stroke = colour(`--curve-${curve.hue}`);
  return {
    label: curve.label,
    stroke,
    width: curve.isFaint ? 1 : 2,
    alpha: curve.isFaint ? FAINT : 1,
    ...(curve.isFaint ? { class: "u-faint" } : {}),
    dash: curve.isDashed ? DASH : [],
    spanGaps: true,
    points: { show: curve.isSparse, size: 6, fill: stroke },
    value: (plot, _number, n, place) => told(plot, look.rawOf(n), place, look),
  };
}

/**
 * The number under the pointer as the provider sent it, with its step where that is another one;
 * without a pointer the newest number.
 */
function told(plot, n, place, look) {
  const isPointed = place !== null && place !== undefined && plot.cursor.left >= 0;
  const found = isPointed ? place : plot.data[n].findLastIndex((number) => number !== null);
  if (found < 0) return "–";
  const [number, x] = [plot.data[n][found], plot.data[0][found]];
  const isHere = !isPointed || Math.abs(plot.valToPos(x, "x") - plot.cursor.left) < 6;
  return isHere ? short(number) : `${short(number)} (${look.words.at.replace("%s", short(x))})`;
}

function zoomToSelection(plot, zoomTo) {
  const { left, width } = plot.select;
  if (width < 4) return;
  const range = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  zoomTo(range);
}

/** The y scale without the highest hundredth of the numbers; the lines run out at the top. */
function clippedRange(isLog) {
  return (plot, low, high) => {
    if (low === null) return [low, high];
    const drawn = plot.data.filter((_values, n) => n > 0 && plot.series[n].show);
    const numbers = drawn.flat().filter((number) => number !== null).sort((a, b) => a - b);
    const most = numbers[Math.floor(numbers.length * KEPT) - 1] ?? high;
    const top = Math.max(low, Math.min(high, most)); // high and low are of what is in view
    return isLog ? uPlot.rangeLog(low, top, 10, false) : uPlot.rangeNum(low, top, 0.1, true);
  };
}
