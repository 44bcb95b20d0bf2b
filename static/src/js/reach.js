// Forms that hold somebody's work, marked data-holds-work, are sent only when the server answers and
// still knows who this is. Else the browser's own page about it would stand where the work was.
// Nor does a part that renews itself lead to the sign-in page, away from what was typed.

import { toast } from "./toast.js";

const PATIENCE_MILLISECONDS = 8000;
const words = document.getElementById("toasts").dataset;
const asking = new WeakSet(); // forms that wait for the answer: a second press is none
const sending = new WeakSet();
let note = null;
let isTyped = false;

document.addEventListener("submit", ask, true);
document.addEventListener("input", ({ target }) => {
  if (target.closest("[data-holds-work]")) isTyped = true;
});
document.addEventListener("htmx:before:response", (event) => {
  if (!isTyped || !leadsToSignIn(event.detail.ctx.hx.redirect)) return;
  event.preventDefault();
  say(words.signedOut);
});

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
    say(obstacle);
    return;
  }
  sending.add(form);
  form.requestSubmit(submitter);
}

function say(text) {
  note?.remove();
  note = toast(text, "warning");
}

function leadsToSignIn(address) {
  return Boolean(address) && new URL(address, location.href).pathname === words.signIn;
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
