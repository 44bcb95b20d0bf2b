// <select data-diff>: marks in every answer what differs from that of the chosen column.
// The answer itself stays as it is and is hidden meanwhile, so that copying gives the answer.

import { diffWords } from "diff";
import { keepingTheEnd } from "./scrolling.js";

const LONGEST_MILLISECONDS = 300; // for one pair of answers
const marked = new WeakMap(); // where differences stand -> the answer they are to
const segmenter = globalThis.Intl?.Segmenter && new Intl.Segmenter(undefined, { granularity: "word" });

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-diff]")) compareAll();
});
for (const name of ["reply:done", "reply:shown"]) document.addEventListener(name, compareAll);
document.addEventListener("htmx:after:swap", compareAll);

function compareAll() {
  const select = document.querySelector("[data-diff]");
  if (!select) return;
  keepingTheEnd(() => {
    for (const turn of document.querySelectorAll("[data-turn]")) compare(turn, select);
  });
}

function compare(turn, select) {
  for (const reply of turn.querySelectorAll("[data-reply]")) {
    const base = baseOf(turn, reply, select.value);
    if (base && isWhole(base) && isWhole(reply) && !reply.hasAttribute("data-shows-heat")) {
      mark(reply, textOf(base), select.dataset);
    } else {
      clear(reply);
    }
  }
}

/** The answer of the chosen column: of the same sample, else its first. Not of itself. */
function baseOf(turn, reply, column) {
  if (column === "" || reply.dataset.column === column) return null;
  const bases = [...turn.querySelectorAll(`[data-reply][data-column="${column}"]`)];
  return bases.find((each) => each.dataset.answer === reply.dataset.answer) ?? bases[0];
}

const isWhole = (reply) => !reply.hasAttribute("data-stream") && textOf(reply) !== "";
const textOf = (reply) => reply.querySelector("[data-reply-text]").textContent;

function clear(reply) {
  const shown = reply.querySelector("[data-reply-diff]");
  if (shown.hidden) return;
  shown.hidden = true;
  shown.replaceChildren();
  reply.querySelector("[data-reply-text]").hidden = reply.hasAttribute("data-shows-heat");
}

function mark(reply, base, words) {
  const shown = reply.querySelector("[data-reply-diff]");
  const text = textOf(reply);
  if (!shown.hidden && marked.get(shown) === base) return;
  marked.set(shown, base);
  shown.replaceChildren(...differences(base, text, words));
  shown.hidden = false;
  reply.querySelector("[data-reply-text]").hidden = true;
}

function differences(base, text, words) {
  if (base === text) return [note(words.same), document.createTextNode(text)];
  const parts = diffWords(base, text, { intlSegmenter: segmenter, timeout: LONGEST_MILLISECONDS });
  if (!parts) return [note(words.tooDifferent), document.createTextNode(text)];
  const isOnlySpaces = parts.every((part) => !part.added && !part.removed);
  if (isOnlySpaces) return [note(words.spaces), document.createTextNode(text)];
  return parts.map((part) => piece(part, words));
}

function piece({ value, added, removed }, words) {
  if (!added && !removed) return document.createTextNode(value);
  const element = document.createElement(added ? "ins" : "del");
  element.append(unseen(added ? words.added : words.removed), value, unseen(words.end));
  return element;
}

/** Browsers do not read <ins> and <del> aloud as such. */
function unseen(words) {
  const element = document.createElement("span");
  element.className = "sr-only";
  element.textContent = ` ${words} `;
  return element;
}

function note(words) {
  const element = document.createElement("p");
  element.className = "badge badge-soft badge-info badge-sm mb-2 flex";
  element.textContent = words;
  return element;
}
