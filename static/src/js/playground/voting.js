// Blind votes: arrow keys press the buttons of the first prompt that waits for a vote.

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const buttons = [...document.querySelectorAll("[data-vote]")];
  const button = buttons.find((each) => each.dataset.vote === event.key);
  if (!button) return;
  event.preventDefault();
  button.click();
});
