// <details data-menu> closes when somebody looks elsewhere.
// <button data-copy-from="address"> copies what stands at that address.

const SHOW_MILLISECONDS = 2000;

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  const button = target.closest("[data-copy-from]");
  if (button) copyFrom(button);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

async function copyFrom(button) {
  const address = button.dataset.copyFrom;
  // Browsers offer the clipboard only on https and localhost; elsewhere the text is shown instead.
  if (!navigator.clipboard?.write) return location.assign(button.dataset.page);
  const text = fetch(address).then(async (response) => {
    if (!response.ok) throw new Error(response.statusText);
    return new Blob([await response.text()], { type: "text/plain" });
  });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  } catch {
    return location.assign(button.dataset.page);
  }
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), SHOW_MILLISECONDS);
}
