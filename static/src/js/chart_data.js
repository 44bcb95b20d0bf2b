// Arithmetic on curves. A series is [steps, numbers]; between two series, steps may differ.

const EMPTY = [[], []];

/** Put the new points of each series in the place of those after a step. */
export function joined(old, fresh, after) {
  const join = ([name, series]) => [name, follow(until(old[name] ?? EMPTY, after), series)];
  return { ...old, ...Object.fromEntries(Object.entries(fresh).map(join)) };
}

/** Put the points of a closer look between those around it. */
export function withDetail(whole, detail) {
  if (!detail) return whole;
  const [first, last] = detail.range;
  const fill = ([name, series]) => {
    const closer = detail.series[name];
    if (!closer) return [name, series];
    return [name, follow(follow(until(series, first, false), closer), from(series, last))];
  };
  return Object.fromEntries(Object.entries(whole).map(fill));
}

/** Return all steps, and a column for each series: null where it has no number. */
export function aligned(list) {
  const steps = [...new Set(list.flatMap(([steps]) => steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, n) => [step, n]));
  const column = ([steps_, numbers]) => {
    const filled = new Array(steps.length).fill(null);
    steps_.forEach((step, n) => (filled[place.get(step)] = numbers[n]));
    return filled;
  };
  return [steps, ...list.map(column)];
}

/** The running mean in which the past weighs so much; its beginning is not pulled towards zero. */
export function smoothed([steps, numbers], weight) {
  let mean = 0;
  let total = 0;
  const smooth = numbers.map((number) => {
    if (number === null) return null;
    mean = weight * mean + (1 - weight) * number;
    total = weight * total + (1 - weight);
    return mean / total;
  });
  return [steps, smooth];
}

/** The first and last step of all series, null when there is none. */
export function extent(series) {
  const known = Object.values(series).filter(([steps]) => steps.length > 0);
  if (known.length === 0) return null;
  const first = Math.min(...known.map(([steps]) => steps[0]));
  return [first, Math.max(...known.map(([steps]) => steps.at(-1)))];
}

/** Where the nearest number of a column is, looking from a place to both sides. */
export function nearest(column, steps, place, x) {
  let before = place;
  let after = place;
  while (before >= 0 && column[before] === null) before -= 1;
  while (after < column.length && column[after] === null) after += 1;
  if (before < 0) return after < column.length ? after : null;
  if (after >= column.length) return before;
  return x - steps[before] <= steps[after] - x ? before : after;
}

function until([steps, numbers], last, isIncluded = true) {
  const end = steps.findLastIndex((step) => (isIncluded ? step <= last : step < last)) + 1;
  return [steps.slice(0, end), numbers.slice(0, end)];
}

function from([steps, numbers], first) {
  const begin = steps.findIndex((step) => step > first);
  return begin < 0 ? EMPTY : [steps.slice(begin), numbers.slice(begin)];
}

function follow([steps, numbers], [moreSteps, moreNumbers]) {
  return [[...steps, ...moreSteps], [...numbers, ...moreNumbers]];
}
