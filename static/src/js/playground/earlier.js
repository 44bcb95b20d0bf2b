// A page that is left open for an afternoon stays quick: the oldest turns leave it, and come back
// when somebody scrolls up to them.

const MOST_ANSWERS = 120;

/** Take away the oldest turns that nobody sees. */
export function trim(turns) {
  const shown = [...turns.querySelectorAll(":scope > [data-turn]")];
  let answers = turns.querySelectorAll("[data-reply]").length;
  let isTrimmed = false;
  while (answers > MOST_ANSWERS && shown.length > 1 && isLeft(shown[0])) {
    const oldest = shown.shift();
    answers -= oldest.querySelectorAll("[data-reply]").length;
    oldest.remove();
    isTrimmed = true;
  }
  if (isTrimmed) offerThoseBefore(turns, shown[0]);
}

const isLeft = (turn) =>
  turn.getBoundingClientRect().bottom < 0 && !turn.querySelector("[data-stream], [data-prompt-edit]");

function offerThoseBefore(turns, first) {
  turns.querySelector("[data-earlier]")?.remove();
  const template = document.querySelector("[data-earlier-of]");
  const link = template.content.querySelector("[data-earlier]").cloneNode(true);
  link.setAttribute("hx-get", link.getAttribute("hx-get").replace("/0/", `/${first.dataset.turn}/`));
  first.before(link);
  htmx.process(link);
}
