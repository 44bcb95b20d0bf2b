// Changing rows from the list: e edits the current row, x leaves it out or puts it back, u takes the
// last change back. The keys press the buttons that are there for everybody.

import { onRowKey } from "./rows.js";

onRowKey("e", (row) => press(row?.querySelector("[data-edit-row]")));
onRowKey("x", (row) => press(row?.querySelector("[data-toggle-row]")));
onRowKey("u", () => press(document.querySelector("[data-undo-edit]")));

function press(button) {
  button?.click();
}

let lastTicked = null;

if (document.querySelector("[data-leave-out-selected]")) {
  document.addEventListener("click", onClick);
  document.addEventListener("change", showSelected);
  document.addEventListener("htmx:after:swap", showSelected);
  showSelected();
}

/** With Shift, everything between two ticks is ticked too. */
function onClick(event) {
  const box = event.target.closest("[data-select-row]");
  if (!box) return;
  const boxes = [...document.querySelectorAll("[data-select-row]")];
  if (event.shiftKey && boxes.includes(lastTicked)) {
    const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
  }
  lastTicked = box;
  showSelected();
}

function showSelected() {
  const button = document.querySelector("[data-leave-out-selected]");
  const count = document.querySelectorAll("[data-select-row]:checked").length;
  button.hidden = count === 0;
  button.textContent = button.dataset.words.replace("%(count)s", count);
}
