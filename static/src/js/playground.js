// The playground: one EventSource per waiting reply, and the keys and buttons around them.
// What a model wrote is only ever set as text. The footers are HTML from our own templates.

const NEAR_THE_END = 120; // pixels: who reads further up is not pulled down

const streams = new Map(); // reply element -> EventSource

document.querySelectorAll("[data-turns]").forEach(begin);

function begin(turns) {
  const composer = document.querySelector("[data-composer]");
  connectAll(turns);
  new MutationObserver(() => connectAll(turns)).observe(turns, { childList: true });
  if (composer) beginComposer(composer);
  if (turns.childElementCount) scrollToTheEnd();
}

function connectAll(turns) {
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
  keepingTheEnd(showProgress);
}

function stop(replies) {
  for (const reply of replies) post(reply.dataset.stop);
}

/** Ask for this reply once more: a waiting one takes its place, and is streamed like any other. */
async function askAgain(button) {
  button.disabled = true; // a second press would only find the same reply
  const response = await post(button.dataset.again).catch(() => null);
  if (!response?.ok) return (button.disabled = false);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  button.closest("[data-reply]").replaceWith(page.querySelector("[data-reply]"));
  connectAll(document.querySelector("[data-turns]"));
}

function post(url) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  return fetch(url, { method: "POST", headers });
}

function running() {
  return [...streams.keys()];
}

function runningIn(column) {
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

function keepingTheEnd(change) {
  const page = document.documentElement;
  const wasAtTheEnd = page.scrollHeight - page.clientHeight - page.scrollTop < NEAR_THE_END;
  change();
  if (wasAtTheEnd) scrollToTheEnd();
}

function scrollToTheEnd() {
  document.documentElement.scrollTop = document.documentElement.scrollHeight;
}

function beginComposer(composer) {
  const message = composer.elements.namedItem("text");
  const errors = document.getElementById("send-errors");

  composer.addEventListener("htmx:after:swap", ({ detail }) => {
    if (detail.ctx.response?.status !== 200) return;
    message.value = "";
    errors.replaceChildren();
    scrollToTheEnd();
    message.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to an input method
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!running().length) sendWhenReady(composer);
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) stop(running());
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
