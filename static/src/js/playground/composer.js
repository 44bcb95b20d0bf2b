// Where a message is written: its keys, and the buttons around the replies.

import { trim } from "./earlier.js";
import { scrollToTheEnd } from "./scrolling.js";
import { askAgain, running, runningIn, stop } from "./streams.js";

export function beginComposer(composer) {
  const message = composer.elements.namedItem("text");
  const errors = document.getElementById("send-errors");

  composer.addEventListener("htmx:after:swap", ({ target, detail }) => {
    if (target !== composer || detail.ctx.response?.status !== 200) return;
    message.value = "";
    errors.replaceChildren();
    scrollToTheEnd();
    trim(document.querySelector("[data-turns]"));
    message.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to an input method
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const edit = event.target.closest("[data-prompt-edit]");
      if (edit) edit.requestSubmit();
      else if (!running().length) sendWhenReady(composer);
      else if (message.value) composer.requestSubmit(); // the server says what it waits for
    }
    if (event.key === "ArrowUp" && event.target === message && !message.value) {
      event.preventDefault();
      recall(message);
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) leave(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-stop-all]")) stop(running());
    const column = target.closest("[data-stop-column]");
    if (column) stop(runningIn(column.dataset.stopColumn));
    const again = target.closest("[data-again]");
    if (again) askAgain(again);
    const question = target.closest("[data-question]");
    if (question) fill(message, question.textContent);
  });
  message.focus({ preventScroll: true });
  watchPrompt(composer.elements.namedItem("system_prompt"));
}

/** Send at once, or as soon as the models that are still being looked up have come. */
function sendWhenReady(composer) {
  const button = document.getElementById("send");
  if (!button.disabled) return composer.requestSubmit();
  if (composer.dataset.waits) return; // a second press is no second message
  composer.dataset.waits = "yes";
  const observer = new MutationObserver(() => {
    if (button.disabled) return;
    observer.disconnect();
    delete composer.dataset.waits;
    composer.requestSubmit();
  });
  observer.observe(button, { attributeFilter: ["disabled"] });
}

/** Leave the edit of an earlier prompt; anywhere else, stop what is answering. */
function leave(place) {
  const cancel = place.closest("[data-prompt-edit]")?.querySelector("[data-cancel-edit]");
  if (cancel) cancel.click();
  else stop(running());
}

/** Bring back what was asked last. */
function recall(message) {
  const last = [...document.querySelectorAll("[data-prompt-text]")].at(-1);
  if (last) fill(message, last.textContent);
}

function fill(field, text) {
  field.value = text;
  field.focus();
}

// The tuned model was trained with one system prompt: say so when another one stands there.
function watchPrompt(field) {
  const training = document.querySelector("[data-training-prompt]");
  const notice = document.querySelector("[data-prompt-changed]");
  if (!training) return;
  const lines = (text) => text.replaceAll("\r\n", "\n");
  const compare = () => {
    notice.hidden = lines(field.value) === lines(training.textContent);
  };
  field.addEventListener("input", compare);
  notice.querySelector("[data-prompt-restore]").addEventListener("click", () => {
    fill(field, training.textContent);
    compare();
  });
  compare();
}
