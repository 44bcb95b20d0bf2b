// Parts of a page whose every request sends all of it, marked data-in-turn: what is pressed or
// changed while an answer is on its way waits, and is then done to the page as the answer left it.
// Otherwise the later of two answers would take back what the earlier one has done.

const waiting = [];
let isBusy = false;

document.addEventListener("click", hold, true);
document.addEventListener("change", hold, true);
document.addEventListener("htmx:before:request", ({ detail }) => {
  if (partOf(detail.ctx?.sourceElement)) isBusy = true;
});
document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (!partOf(document.getElementById(detail.ctx?.target?.id))) return;
  isBusy = false;
  waiting.shift()?.();
});

function hold(event) {
  const control = event.target.closest?.(event.type === "click" ? "button" : "[hx-trigger] [id]");
  if (!isBusy || !partOf(control)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const name = nameOf(control);
  waiting.push(() => again(event.type, name));
}

/** Find the control as it is now; one that is gone has nothing left to do. */
function again(type, name) {
  const part = document.querySelector("[data-in-turn]");
  const same = [...part.querySelectorAll("[name]")].find((control) => nameOf(control) === name);
  if (!same) waiting.shift()?.();
  else if (type === "click") same.click();
  else same.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Buttons of steps are told apart by their words: their values change when steps move. */
function nameOf(control) {
  return control.id || (control.getAttribute("aria-label") ?? control.name + control.value);
}

function partOf(element) {
  return element?.closest?.("[data-in-turn]");
}
