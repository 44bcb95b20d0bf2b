// A role is held by one column only: who takes it takes it from the column that had it.

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("select[data-role]") || !target.value) return;
  if (target.selectedOptions[0].hasAttribute("data-repeatable")) return;
  for (const other of target.form.querySelectorAll("select[data-role]"))
    if (other !== target && other.value === target.value) other.value = "";
});
