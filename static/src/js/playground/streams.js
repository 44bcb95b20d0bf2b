// One EventSource per turn, whose events name the reply they are for.
// What a model wrote is only ever set as text. The footers are HTML from our own templates.

import { renewStack } from "./samples.js";
import { toast } from "../toast.js";
import { keepingTheEnd } from "./scrolling.js";

const streams = new Map(); // waiting reply element -> its EventSource
const LONG = 10_000; // characters: such an answer scrolls by itself once it is whole
const PATIENCE = 5; // seconds until the page says how long it has waited

export function connectAll(turns) {
  const waiting = new Map(); // address -> reply elements
  for (const reply of turns.querySelectorAll("[data-reply][data-stream]")) {
    if (streams.has(reply)) continue;
    waiting.set(reply.dataset.stream, [...(waiting.get(reply.dataset.stream) ?? []), reply]);
  }
  for (const [address, replies] of waiting) connect(address, replies);
  showProgress();
}

function connect(address, replies) {
  const source = new EventSource(address);
  for (const reply of replies) listen(source, reply);
  const close = () => {
    source.close();
    replies.filter((reply) => streams.get(reply) === source).forEach(lose);
  };
  source.addEventListener("end", ({ data }) => {
    const notes = replies[0].closest("[data-turn]")?.querySelector("[data-turn-notes]");
    close();
    if (notes) keepingTheEnd(() => (notes.innerHTML = data));
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) close();
  });
}

function listen(source, reply) {
  const id = reply.dataset.reply;
  const text = reply.querySelector("[data-reply-text]");
  streams.set(reply, source);
  watch(reply, text);
  // After a lost line the browser comes back by itself; the server then tells all of it again.
  source.addEventListener(`whole-${id}`, ({ data }) => {
    keepingTheEnd(() => (text.textContent = data));
  });
  source.addEventListener(`piece-${id}`, ({ data }) => keepingTheEnd(() => text.append(data)));
  followThoughts(source, reply, text);
  source.addEventListener(`done-${id}`, ({ data }) => finish(reply, data));
  source.addEventListener(`state-${id}`, ({ data }) => {
    reply.querySelector("[data-reply-state]").textContent = data;
  });
}

/** What a model thinks before it answers stands open until its first word. */
function followThoughts(source, reply, text) {
  const thoughts = reply.querySelector("[data-reply-thought]");
  if (!thoughts) return; // it would tell whose answer this is
  const box = thoughts.querySelector("[data-thought-text]");
  source.addEventListener(`thought-${reply.dataset.reply}`, ({ data }) => {
    keepingTheEnd(() => {
      if (thoughts.hidden) thoughts.open = !text.textContent;
      thoughts.hidden = false;
      box.append(data);
      box.scrollTop = box.scrollHeight;
    });
  });
  // Told whole at the end, where another page or an earlier line had begun to read.
  source.addEventListener(`thoughts-${reply.dataset.reply}`, ({ data }) => {
    keepingTheEnd(() => {
      thoughts.hidden = false;
      box.textContent = data;
    });
  });
  const fold = () => (thoughts.open = false);
  source.addEventListener(`piece-${reply.dataset.reply}`, fold, { once: true });
}

/** Say how long a model lets wait for its first word, where nothing else explains it. */
function watch(reply, text) {
  const began = performance.now();
  const state = reply.querySelector("[data-reply-state]");
  const words = document.querySelector("[data-turns]").dataset.waitingWords;
  let said = "";
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    const thinks = reply.querySelector("[data-reply-thought]:not([hidden])");
    const isOver = !streams.has(reply) || thinks || text.textContent;
    if (isOver) clearInterval(timer);
    if (state.textContent !== said) return; // the server's own words
    said = isOver || seconds < PATIENCE ? "" : words.replace("%(seconds)s", seconds);
    state.textContent = said;
  }, 1000);
}

function finish(reply, footHtml) {
  if (!streams.has(reply)) return; // told again, after a lost line
  keepingTheEnd(() => {
    end(reply);
    const foot = reply.querySelector("[data-reply-foot]");
    foot.innerHTML = footHtml;
    htmx.process(foot);
    reply.dispatchEvent(new Event("reply:done", { bubbles: true }));
  });
}

function lose(reply) {
  const words = document.querySelector("[data-lost]")?.content.cloneNode(true);
  keepingTheEnd(() => {
    end(reply);
    reply.querySelector("[data-reply-foot]").replaceChildren(...(words ? [words] : []));
  });
}

function end(reply) {
  streams.delete(reply);
  reply.removeAttribute("data-stream");
  const text = reply.querySelector("[data-reply-text]");
  text.setAttribute("aria-busy", "false");
  reply.toggleAttribute("data-long", text.textContent.length >= LONG);
  const turn = reply.closest("[data-turn]");
  if (!running().some((each) => turn.contains(each))) turn.dispatchEvent(new Event("turn:answered"));
  showProgress();
}

export function stop(replies) {
  for (const reply of replies) post(reply.dataset.stop);
}

/** Ask once more: a waiting reply takes its place or stands beside it, and is streamed like any. */
export async function askAgain(button) {
  button.disabled = true; // a second press would only find the same reply
  const response = await post(button.dataset.again).catch(() => null);
  button.disabled = false;
  if (!response?.ok) return refuse(response);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  renewStack(button.closest("[data-stack]"), page.querySelector("[data-stack]"));
  connectAll(document.querySelector("[data-turns]"));
}

async function refuse(response) {
  if (response?.status === 409) toast(await response.text(), "warning");
}

function post(url) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  return fetch(url, { method: "POST", headers });
}

export function running() {
  return [...streams.keys()];
}

export function runningIn(column) {
  return running().filter((reply) => reply.dataset.column === column);
}

function showProgress() {
  const left = running().length;
  for (const button of document.querySelectorAll("[data-stop-column]")) {
    button.hidden = runningIn(button.dataset.stopColumn).length === 0;
  }
  const stopAll = document.querySelector("[data-stop-all]");
  if (!stopAll) return;
  const progress = document.querySelector("[data-progress]");
  stopAll.hidden = left === 0;
  document.getElementById("send").disabled = left > 0;
  progress.textContent = left
    ? progress.dataset.words.replace("%(left)s", left).replace("%(all)s", latestCount())
    : "";
}

/** How many replies the turns have that still wait for some. */
function latestCount() {
  const turns = new Set(running().map((reply) => reply.closest("[data-turn]")));
  return [...turns].reduce((sum, turn) => sum + turn.querySelectorAll("[data-reply]").length, 0);
}
