// The editor of one row. The server makes the row out of the fields; here messages are moved, and
// what was moved can be taken back. Text typed into a field has the browser's own undo.

import { historyOf } from "./undo.js";

const WAIT_MILLISECONDS = 400;
const VERBS = { ArrowUp: "up", ArrowDown: "down", Enter: "after", Delete: "remove" };
const BLANK_ID = /m999999999/g; // the id in the template of a new message

const form = document.querySelector("[data-row-editor]");
if (form) begin();

function begin() {
  let isDirty = form.dataset.dirty === "true";
  let timer = 0;
  const history = historyOf(changed, showHistory);

  form.addEventListener("input", changed);
  form.addEventListener("change", onChange);
  form.addEventListener("click", onClick);
  form.addEventListener("keydown", onKey);
  form.addEventListener("submit", () => (isDirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
  document.addEventListener("click", onFocusLink);
  showHistory();
  freshNumber(); // so that the numbers of removed cards are never given again

  /** The row is another one now: ask the server what it thinks of it, when the keys rest. */
  function changed() {
    isDirty = true;
    clearTimeout(timer);
    if (!fits()) return;
    timer = setTimeout(() => htmx.trigger("#row-review", "review"), WAIT_MILLISECONDS);
  }

  function onChange({ target }) {
    if (target.matches("[data-role-choice]")) chooseRole(target);
    if (target.matches("[data-shape]")) chooseShape(target);
  }

  function onClick(event) {
    const mover = event.target.closest("[data-move]");
    if (mover) {
      event.preventDefault();
      move(mover.value, mover);
    }
    if (event.target.closest("[data-undo]")) history.undo();
    if (event.target.closest("[data-redo]")) history.redo();
  }

  function onKey(event) {
    if (event.isComposing) return; // the keys belong to an input method
    const card = event.target.closest("[data-card]");
    if (event.altKey && card && VERBS[event.key]) {
      event.preventDefault();
      move(`${VERBS[event.key]}:${card.id}`, event.target);
      return;
    }
    const isSave = event.key === "Enter" || event.key.toLowerCase() === "s";
    if ((event.ctrlKey || event.metaKey) && isSave) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]"));
    }
  }

  function move(wish, focus) {
    const [verb, target] = wish.split(":");
    const list = verb === "add" ? listOf(target) : document.getElementById(target).parentElement;
    const before = [...list.children];
    const after = arranged(before, verb, target, list);
    if (!after) return;
    history.did(
      () => arrange(list, after),
      () => arrange(list, before),
    );
    focusAfter(verb, after, before, focus);
  }

  function chooseRole(select) {
    const card = select.closest("[data-card]");
    const [was, is] = [card.dataset.role, select.value];
    const put = (role) => {
      select.value = role;
      card.dataset.role = role;
    };
    history.did(
      () => put(is),
      () => put(was),
    );
  }

  function chooseShape(select) {
    const holder = select.closest("[data-card]") ?? select.closest("section");
    const text = holder.querySelector("[data-text]");
    const was = { shape: holder.dataset.content ?? "text", text: text.value };
    const is = { shape: select.value, text: converted(was.text, was.shape, select.value) };
    const put = (state) => {
      select.value = state.shape;
      holder.dataset.content = state.shape;
      text.value = state.text;
      text.classList.toggle("font-mono", state.shape === "json");
    };
    history.did(
      () => put(is),
      () => put(was),
    );
  }

  function showHistory() {
    for (const [name, can] of [
      ["undo", history.canUndo],
      ["redo", history.canRedo],
    ]) {
      const button = form.querySelector(`[data-${name}]`);
      if (button) button.disabled = !can;
    }
  }
}

/** More than the server takes in one form is said at the field, before it is lost on the way. */
function fits() {
  const fields = [...form.querySelectorAll("textarea")];
  const size = new Blob(fields.map((field) => field.value)).size;
  const words = size > Number(form.dataset.maxBytes) ? form.dataset.wordsTooLong : "";
  const longest = fields.reduce((a, b) => (b.value.length > a.value.length ? b : a), fields[0]);
  for (const field of fields) field.setCustomValidity(field === longest ? words : "");
  if (words) longest.reportValidity();
  return !words;
}

function listOf(group) {
  return form.querySelector(`[data-cards="${group}"]`);
}

/** Return the cards in their new order; null when nothing moves. */
function arranged(cards, verb, target, list) {
  const order = [...cards];
  if (verb === "add") return [...order, newCard(list, order.at(-1))];
  const place = order.findIndex((card) => card.id === target);
  if (verb === "after") return order.toSpliced(place + 1, 0, newCard(list, order[place]));
  if (verb === "remove") return order.toSpliced(place, 1);
  const other = verb === "up" ? place - 1 : place + 1;
  if (!order[other]) return null;
  [order[place], order[other]] = [order[other], order[place]];
  return order;
}

/** Put the cards in this order, touching no other than those that move: there may be hundreds. */
function arrange(list, order) {
  for (const card of [...list.children]) if (!order.includes(card)) card.remove();
  order.forEach((card, place) => {
    if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null);
  });
}

function newCard(list, before) {
  const template = document.getElementById(`blank-${list.dataset.cards}`);
  const made = document.createElement("template");
  made.innerHTML = template.innerHTML.replace(BLANK_ID, `m${freshNumber()}`);
  const card = made.content.firstElementChild;
  const role = nextRole(list, before);
  card.dataset.role = role;
  card.querySelector("[data-role-choice]").value = role;
  htmx.process(card);
  return card;
}

let latest = -1;

/** Return a number that no card has, also none that was removed and may come back. */
function freshNumber() {
  const numbers = [...form.querySelectorAll("[data-card]")].map(({ id }) => Number(id.slice(1)));
  latest = Math.max(latest, ...numbers) + 1;
  return latest;
}

function nextRole(list, before) {
  if (list.dataset.cards.endsWith("_output")) return "assistant";
  const last = before?.dataset.role;
  return last === "user" || last === "tool" ? "assistant" : "user";
}

function focusAfter(verb, after, before, focus) {
  const added = after.find((card) => !before.includes(card));
  if (added) added.querySelector("[data-text]").focus();
  else if (verb !== "remove") focus.focus();
  else {
    const place = before.findIndex((card) => !after.includes(card));
    const next = after[place] ?? after.at(-1);
    (next?.querySelector("select, textarea") ?? form.querySelector("[data-move]"))?.focus();
  }
}

/** A text becomes one part, and parts become a text, when that loses nothing. */
function converted(text, from, to) {
  if (from === "text" && to === "json") {
    return text.trim() ? JSON.stringify([{ type: "text", text }], null, 2) : text;
  }
  if (from !== "json" || to !== "text") return text;
  try {
    const value = JSON.parse(text);
    const parts = Array.isArray(value) ? value : [];
    const isPlain = ({ type, text: words, ...rest }) =>
      type === "text" && typeof words === "string" && Object.keys(rest).length === 0;
    if (typeof value === "string") return value;
    return parts.length && parts.every(isPlain) ? parts.map((part) => part.text).join("\n") : text;
  } catch {
    return text;
  }
}

/** A finding leads to its field, and to the very place in a text that is no JSON. */
function onFocusLink(event) {
  const link = event.target.closest("[data-focus]");
  const field = link && document.getElementById(link.dataset.focus);
  if (!field) return;
  event.preventDefault();
  const fold = field.closest("details");
  if (fold) fold.open = true;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
  if (link.dataset.line) putCaret(field, Number(link.dataset.line), Number(link.dataset.column));
}

function putCaret(field, line, column) {
  const lines = field.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const place = Math.min(before + column - 1, field.value.length);
  field.setSelectionRange(place, Math.min(place + 1, field.value.length));
}
