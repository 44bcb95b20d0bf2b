// Changes the colours at once; the server remembers the choice in a cookie and renders it.

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const form = event.target;
  const choice = event.submitter.value;
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of form.elements.namedItem("theme") ?? []) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
});
