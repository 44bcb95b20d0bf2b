// What somebody has typed and not sent yet survives a reload and a look at another page, in this
// tab, and is for this person alone: whoever signs out takes it along. A field that the server shows
// with other words by now keeps those.

const PAUSE_MILLISECONDS = 400; // a pasted megabyte is not written down with every key
const PREFIX = "draft ";
let isForgotten = false;

document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-sign-out]")) return;
  isForgotten = true; // also what a page writes down when it is left
  const kept = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of kept) sessionStorage.removeItem(key);
});

export function beginDrafts(composer) {
  const key = `${PREFIX}${composer.dataset.composer} ${location.pathname}${location.search}`;
  let timer = 0;
  let isSent = false;
  const keep = () => {
    clearTimeout(timer);
    if (!isSent) write(key, changed(composer));
  };
  restore(composer, read(key));
  document.addEventListener("input", ({ target }) => {
    if (target.form !== composer) return;
    clearTimeout(timer);
    isSent = false;
    timer = setTimeout(keep, PAUSE_MILLISECONDS);
  });
  addEventListener("pagehide", keep);
  composer.addEventListener("htmx:after:request", ({ target, detail }) => {
    if (target !== composer || !(detail.ctx.response?.status < 400)) return;
    isSent = true;
    clearTimeout(timer);
    sessionStorage.removeItem(key);
    for (const field of fields(composer)) field.defaultValue = field.value;
    composer.elements.namedItem("text").defaultValue = "";
  });
}

function fields(composer) {
  const typed = "textarea, input:not([type=hidden], [type=checkbox])";
  return [...composer.elements].filter((field) => field.name && field.matches(typed));
}

function changed(composer) {
  const typed = fields(composer).filter((field) => field.value !== field.defaultValue);
  return typed.map((field) => [field.name, field.defaultValue, field.value]);
}

function restore(composer, draft) {
  for (const [name, before, value] of draft) {
    const field = fields(composer).find((each) => each.name === name);
    if (!field || field.defaultValue !== before || field.value !== before) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function read(key) {
  return JSON.parse(sessionStorage.getItem(key) ?? "[]");
}

function write(key, draft) {
  if (isForgotten) return;
  try {
    if (draft.length) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // more than a browser keeps: then it stands on the page alone
  }
}
