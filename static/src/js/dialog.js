// <button data-dialog="some-id"> opens <dialog id="some-id">; Esc and method="dialog" close it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});
