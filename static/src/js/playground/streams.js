// One EventSource per waiting reply.
// What a model wrote is only ever set as text. The footers are HTML from our own templates.

import { keepingTheEnd } from "./scrolling.js";

const streams = new Map(); // reply element -> EventSource

export function connectAll(turns) {
  for (const reply of turns.querySelectorAll("[data-reply][data-stream]")) {
    if (!streams.has(reply)) connect(reply);
  }
  showProgress();
}

function connect(reply) {
  const text = reply.querySelector("[data-reply-text]");
  const source = new EventSource(reply.dataset.stream);
  streams.set(reply, source);
  // After a lost line the browser comes back by itself; the server then tells all of it again.
  source.addEventListener("whole", ({ data }) => (text.textContent = data));
  source.addEventListener("piece", ({ data }) => keepingTheEnd(() => text.append(data)));
  source.addEventListener("done", ({ data }) => finish(reply, data));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) lose(reply);
  });
}

function finish(reply, footHtml) {
  end(reply);
  reply.querySelector("[data-reply-foot]").innerHTML = footHtml;
}

function lose(reply) {
  end(reply);
  const words = document.querySelector("[data-lost]")?.content.cloneNode(true);
  reply.querySelector("[data-reply-foot]").replaceChildren(...(words ? [words] : []));
}

function end(reply) {
  streams.get(reply)?.close();
  streams.delete(reply);
  reply.removeAttribute("data-stream");
  reply.querySelector("[data-reply-text]").setAttribute("aria-busy", "false");
  const turn = reply.closest("[data-turn]");
  if (!running().some((each) => turn.contains(each))) turn.dispatchEvent(new Event("turn:answered"));
  keepingTheEnd(showProgress);
}

export function stop(replies) {
  for (const reply of replies) post(reply.dataset.stop);
}

/** Ask for this reply once more: a waiting one takes its place, and is streamed like any other. */
export async function askAgain(button) {
  button.disabled = true; // a second press would only find the same reply
  const response = await post(button.dataset.again).catch(() => null);
  if (!response?.ok) return (button.disabled = false);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  button.closest("[data-reply]").replaceWith(page.querySelector("[data-reply]"));
  connectAll(document.querySelector("[data-turns]"));
}

export function post(url) {
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
  const columns = document.querySelectorAll("[data-column-head]").length;
  const progress = document.querySelector("[data-progress]");
  stopAll.hidden = left === 0;
  document.getElementById("send").disabled = left > 0;
  progress.textContent = left
    ? progress.dataset.words.replace("%(left)s", left).replace("%(all)s", columns)
    : "";
}
