// <button data-heatmap="address">: shows each token of a reply with how probable it was.
// Tokens are what a model wrote: they are only ever set as text.

import { keepingTheEnd } from "./scrolling.js";

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-heatmap]");
  if (button) toggle(button);
});

async function toggle(button) {
  const reply = button.closest("[data-reply]");
  const text = reply.querySelector("[data-reply-text]");
  const shown = reply.querySelector("[data-reply-heat]");
  const isOn = button.getAttribute("aria-pressed") === "true";
  if (!isOn && !shown.childElementCount && !(await load(button.dataset.heatmap, shown))) return;
  button.setAttribute("aria-pressed", String(!isOn));
  button.classList.toggle("btn-active", !isOn);
  keepingTheEnd(() => {
    reply.toggleAttribute("data-shows-heat", !isOn);
    shown.hidden = isOn;
    text.hidden = !isOn;
  });
  reply.dispatchEvent(new Event("reply:shown", { bubbles: true }));
}

async function load(address, into) {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok || response.redirected) return false;
  into.innerHTML = await response.text(); // HTML of our own template
  begin(into);
  return true;
}

function begin(box) {
  const list = box.querySelector("[data-tokens]");
  list.addEventListener("pointerover", ({ target }) => show(box, target));
  list.addEventListener("click", ({ target }) => show(box, target));
  list.addEventListener("keydown", (event) => {
    const next = reached(list, event.key);
    if (!next) return;
    event.preventDefault();
    show(box, next);
    next.scrollIntoView({ block: "nearest" });
  });
}

function reached(list, key) {
  const current = list.querySelector(".is-current");
  if (key === "Home" || (!current && key.startsWith("Arrow"))) return list.firstElementChild;
  if (key === "End") return list.lastElementChild;
  if (key === "ArrowRight" || key === "ArrowDown") return current.nextElementSibling;
  if (key === "ArrowLeft" || key === "ArrowUp") return current.previousElementSibling;
  return null;
}

let tokens = 0;

function show(box, token) {
  if (!token.matches("[data-percent]")) return;
  const list = box.querySelector("[data-tokens]");
  list.querySelector(".is-current")?.classList.remove("is-current");
  list.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
  token.classList.add("is-current");
  token.setAttribute("aria-selected", "true");
  token.id ||= `token-${++tokens}`;
  list.setAttribute("aria-activedescendant", token.id);
  const words = box.querySelector("[data-token-words]").dataset;
  const others = JSON.parse(token.dataset.others);
  box.querySelector("[data-token-facts]").replaceChildren(
    heading(words.chosen),
    rows(box, [[token.textContent, token.dataset.percent]]),
    heading(others.length ? words.others : words.none),
    rows(box, others),
  );
}

function heading(words) {
  const line = document.createElement("p");
  line.className = "muted text-xs";
  line.textContent = words;
  return line;
}

function rows(box, pairs) {
  const list = document.createElement("ul");
  for (const [text, percent] of pairs) {
    const row = box.querySelector("[data-token-row]").content.cloneNode(true);
    row.querySelector("progress").value = parseFloat(percent.replace(/[<>]/g, "")) || 0;
    row.querySelector("progress").setAttribute("aria-label", visible(text));
    row.querySelector("span").textContent = `${percent} %`;
    row.querySelector("code").textContent = visible(text);
    list.append(row);
  }
  return list;
}

/** Spaces and line breaks are tokens too, and must be seen. */
function visible(text) {
  return text.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll(" ", "␣") || "∅";
}
