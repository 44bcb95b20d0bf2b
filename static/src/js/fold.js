// A browser cannot point at a wrong field inside a closed <details>, so that is opened first.

document.addEventListener("invalid", ({ target }) => open(target.closest("details")), true);

function open(fold) {
  if (fold) fold.open = true;
}
