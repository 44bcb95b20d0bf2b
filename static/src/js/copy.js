// <button data-copy="#some-id" data-copied="Copied">Copy</button> copies that element's text.

const SHOW_MILLISECONDS = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await copy(source, source.value ?? source.textContent.trim());
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? label;
  setTimeout(() => (button.textContent = label), SHOW_MILLISECONDS);
});

async function copy(source, text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Browsers offer the clipboard only on https and localhost; elsewhere the selection still works.
  getSelection().selectAllChildren(source);
  document.execCommand("copy");
}
