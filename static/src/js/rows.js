// Keys of the page of rows: j and k go from row to row, / searches, ? tells what there is. Other
// modules add keys of their own with onRowKey(key, handler); the handler gets the current row.

const handlers = new Map();

export function onRowKey(key, handler) {
  handlers.set(key, handler);
}

function currentRow() {
  return document.querySelector("[data-rows] [data-row][aria-current]");
}

function rows() {
  return [...document.querySelectorAll("[data-rows] [data-row]")];
}

function makeCurrent(row) {
  currentRow()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (row.getBoundingClientRect().top < 0) row.scrollIntoView({ block: "start" });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = at < 0 ? all[0] : all[at + by];
  if (next) makeCurrent(next);
  else document.querySelector(`[data-rows] [rel="${by > 0 ? "next" : "prev"}"]`)?.click();
}

onRowKey("j", () => step(1));
onRowKey("k", () => step(-1));
onRowKey("/", () => document.querySelector('[role="search"] [type="search"]')?.focus());
onRowKey("?", () => document.getElementById("row-keys")?.showModal());

function isTyping({ target }) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  const handler = handlers.get(event.key);
  const isOurs = handler && document.querySelector("[data-rows]") && !event.defaultPrevented;
  if (!isOurs || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  handler(currentRow());
});

// A click or Tab into a row makes it the current one, so that keys go on from there.
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest("[data-rows] [data-row]");
  if (!row || row === currentRow()) return;
  currentRow()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
});
