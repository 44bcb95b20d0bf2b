// Short notes in the corner. Good news leaves by itself; warnings and errors stay until closed.

const CALM = new Set(["success", "info"]);
const SHOW_MILLISECONDS = 6000;

const area = document.getElementById("toasts");
let unreachable = null;
let undone = null;

/** Show a note. `level` is success, info, warning or error. */
export function toast(text, level = "info") {
  const note = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  note.classList.add(`alert-${level}`);
  note.dataset.toast = level;
  note.querySelector("[data-toast-text]").textContent = text;
  area.append(note);
  leaveInTime(note);
  return note;
}

function leaveInTime(note) {
  if (CALM.has(note.dataset.toast)) setTimeout(() => note.remove(), SHOW_MILLISECONDS);
}

area.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest("[data-toast]").remove();
});

area.querySelectorAll("[data-toast]").forEach(leaveInTime);

// A page that updates itself says once that it cannot, and takes it back when it can again.
// What a person did is not done later by itself; they are told so, and close the note themselves.
function lostTouch(event) {
  if (isPolling(event)) {
    if (!unreachable?.isConnected) unreachable = toast(area.dataset.unreachable, "warning");
    return;
  }
  undone?.remove();
  undone = toast(area.dataset.undone, "warning");
}

document.addEventListener("htmx:error", lostTouch);
document.addEventListener("htmx:response:error", (event) => {
  if (statusOf(event) >= 500) lostTouch(event); // a refusal (4xx) says itself what is wrong
});
document.addEventListener("htmx:after:request", (event) => {
  if (!(statusOf(event) < 500)) return;
  unreachable?.remove();
  if (!isPolling(event)) undone?.remove();
});

function isPolling(event) {
  return (event.detail.ctx?.request?.method ?? "GET") === "GET";
}

function statusOf(event) {
  return event.detail.ctx?.response?.status;
}
