// A row of a dataset fills the composer: its words, its system prompt, its tools.

export function beginRows(composer) {
  const panel = document.querySelector("[data-loaded-row]");
  if (!panel) return;
  new MutationObserver(() => {
    document.getElementById("rows")?.close();
    fillFrom(panel, composer);
  }).observe(panel, { childList: true });
  panel.addEventListener("click", ({ target }) => {
    if (target.closest("[data-unload-row]")) panel.replaceChildren();
  });
  composer.addEventListener("htmx:after:swap", ({ target, detail }) => {
    if (target === composer && detail.ctx.response?.status === 200) sent(panel);
  });
  fillFrom(panel, composer);
}

function fillFrom(panel, composer) {
  for (const source of panel.querySelectorAll("[data-fill]")) {
    const field = composer.elements.namedItem(source.dataset.fill);
    if (!field || keepsItsOwn(field, source)) continue;
    field.value = source.textContent;
    field.dataset.ofRow = field.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (panel.querySelector("[data-fill]")) composer.elements.namedItem("text")?.focus();
}

// A row without tools takes away those of the row before it, and none that the person wrote.
function keepsItsOwn(field, source) {
  return "fillLightly" in source.dataset && !source.textContent && field.value !== field.dataset.ofRow;
}

// What comes next is another prompt: of the row only the way to its neighbours stays.
function sent(panel) {
  for (const part of panel.querySelectorAll("[data-until-sent]")) part.remove();
}
