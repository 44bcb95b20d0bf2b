// Who reads the end of the page stays there while it grows, and who reads on upwards stays at the
// same words while earlier turns come in above them.

const NEAR_THE_END = 120; // pixels: who reads further up is not pulled down

export function beginScrolling(turns) {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named && turns.contains(named)) named.scrollIntoView({ block: "center" });
  else if (turns.childElementCount) scrollToTheEnd();
  turns.addEventListener("htmx:before:swap", ({ target }) => {
    if (target.matches("[data-earlier]")) keepPlace(target.nextElementSibling);
  });
}

/** Hold what the reader sees where it is, whatever comes above it. */
function keepPlace(element) {
  const before = element.getBoundingClientRect().top;
  document.addEventListener(
    "htmx:after:swap",
    () => scrollBy({ top: element.getBoundingClientRect().top - before, behavior: "instant" }),
    { once: true },
  );
}

export function keepingTheEnd(change) {
  const page = document.documentElement;
  const wasAtTheEnd = page.scrollHeight - page.clientHeight - page.scrollTop < NEAR_THE_END;
  change();
  if (wasAtTheEnd) scrollToTheEnd();
}

export function scrollToTheEnd() {
  document.documentElement.scrollTop = document.documentElement.scrollHeight;
}
