// Who reads the end of the page stays there while it grows.

const NEAR_THE_END = 120; // pixels: who reads further up is not pulled down

export function keepingTheEnd(change) {
  const page = document.documentElement;
  const wasAtTheEnd = page.scrollHeight - page.clientHeight - page.scrollTop < NEAR_THE_END;
  change();
  if (wasAtTheEnd) scrollToTheEnd();
}

export function scrollToTheEnd() {
  document.documentElement.scrollTop = document.documentElement.scrollHeight;
}
