// Keeps ages and lengths of time ticking between two answers of the server, in the server's words.
// <time datetime="…" data-clock="ago|since|until" data-stale-seconds="60">

const SIZES = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

const words = document.querySelector("[data-clock-words]")?.dataset;

if (words) {
  setInterval(tick, 1000);
  document.addEventListener("htmx:after:settle", tick);
}

function tick() {
  document.querySelectorAll("[data-clock]").forEach(show);
}

function show(element) {
  const past = (Date.now() - Date.parse(element.dateTime)) / 1000;
  const seconds = Math.max(0, Math.round(element.dataset.clock === "until" ? -past : past));
  const text = element.dataset.clock === "ago" ? ago(seconds) : length(seconds);
  if (element.textContent !== text) element.textContent = text;
  if (element.dataset.staleSeconds && past > Number(element.dataset.staleSeconds)) {
    element.parentElement.classList.add("text-warning", "font-medium");
  }
}

function ago(seconds) {
  const [unit, size] = SIZES.find(([, least]) => seconds >= least) ?? [];
  if (!unit) return words.now;
  return words[camel("ago", unit)].replace("%(count)d", Math.floor(seconds / size));
}

function length(seconds) {
  const parts = {
    days: Math.floor(seconds / 86400),
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  };
  const [unit] = SIZES.find(([, least]) => seconds >= least) ?? ["s"];
  const fill = (_match, name) => parts[name];
  return words[camel("long", unit)].replace(/%\((\w+)\)d/g, fill);
}

function camel(prefix, unit) {
  return prefix + unit[0].toUpperCase() + unit.slice(1);
}
