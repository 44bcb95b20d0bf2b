// Forms that hold somebody's work, marked data-holds-work, are sent only when the server answers and
// still knows who this is. Else the browser's own page about it would stand where the work was.

import { toast } from "./toast.js";

const PATIENCE_MILLISECONDS = 8000;
const words = document.getElementById("toasts").dataset;
const asking = new WeakSet(); // forms that wait for the answer: a second press is none
const sending = new WeakSet();
let note = null;

document.addEventListener("submit", ask, true);

async function ask(event) {
  const { target: form, submitter } = event;
  if (!form.matches("[data-holds-work]") || event.defaultPrevented || sending.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (asking.has(form)) return;
  note?.remove();
  asking.add(form);
  const obstacle = await obstacleNow();
  asking.delete(form);
  if (obstacle) {
    note = toast(obstacle, "warning");
    return;
  }
  sending.add(form);
  form.requestSubmit(submitter);
}

/** Say in words what keeps the form from being sent; nothing when it can be. */
async function obstacleNow() {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    const answer = await fetch(words.probe, { signal, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") return words.signedOut;
    return answer.status < 500 ? "" : words.unsent;
  } catch {
    return words.unsent;
  }
}
