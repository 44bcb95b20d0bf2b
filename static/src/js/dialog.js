// <button data-dialog="some-id"> opens <dialog id="some-id">; Esc and method="dialog" close it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});

// What was fetched into an element with data-emptied is of one opening: the next fetches its own.
document.addEventListener(
  "close",
  ({ target }) => target.querySelectorAll("[data-emptied]").forEach((part) => part.replaceChildren()),
  true, // the event does not bubble
);
