// Several answers of one model to one prompt: one at a time, or all below each other.

export function beginSamples(turns) {
  turns.addEventListener("click", ({ target }) => {
    const tab = target.closest("[data-sample]");
    const all = target.closest("[data-all-samples]");
    if (tab) choose(tab);
    if (all) showAll(all.closest("[data-stack]"), all.ariaPressed !== "true");
  });
  turns.addEventListener("keydown", (event) => {
    const tab = event.target.closest("[data-sample]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!tab || !step) return;
    event.preventDefault();
    const tabs = [...tab.parentElement.children];
    const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
    choose(next);
    next.focus();
  });
}

function choose(chosen) {
  const stack = chosen.closest("[data-stack]");
  for (const tab of stack.querySelectorAll("[data-sample]")) {
    const isChosen = tab === chosen;
    tab.ariaSelected = String(isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    tab.classList.toggle("btn-active", isChosen);
  }
  showAll(stack, false);
}

function showAll(stack, isAll) {
  const chosen = stack.querySelector("[data-sample][aria-selected=true]");
  for (const panel of stack.querySelectorAll("[data-panel]")) {
    panel.hidden = !isAll && panel.id !== chosen.getAttribute("aria-controls");
  }
  stack.querySelector("[data-all-samples]").ariaPressed = String(isAll);
}

/** Take a column's answers as the server has them now; what is whole or arriving stays as it is. */
export function renewStack(old, fresh) {
  for (const panel of fresh.querySelectorAll("[data-panel]")) {
    const known = old.querySelector(`[id="${panel.id}"]`);
    const isNew = panel.querySelector("[data-stream]") && !known?.querySelector("[data-stream]");
    if (known && !isNew) panel.firstElementChild.replaceWith(known.firstElementChild);
  }
  old.replaceWith(fresh);
  htmx.process(fresh);
  const waiting = [...fresh.querySelectorAll("[data-stream]")].at(-1)?.closest("[data-panel]");
  const tab = waiting && document.getElementById(waiting.getAttribute("aria-labelledby"));
  if (tab) choose(tab);
}
