// The heads of the columns: opened and closed, with or without settings of their own.

import { copyOfShared, showRefusals } from "./parameters.js";

export function beginColumns(columns) {
  columns.addEventListener("click", ({ target }) => {
    const head = target.closest("[data-close-column]")?.closest("[data-column-head]");
    if (head) close(columns, head);
  });
  columns.addEventListener("change", ({ target }) => {
    const head = target.closest("[data-column-head]");
    if (target.matches("[data-own-switch]")) switchOwn(head, target.checked);
    if (mustAsk(target)) htmx.trigger(target.closest("[hx-get]"), "typed");
    arrange(columns);
  });
  new MutationObserver(() => arrange(columns)).observe(columns, { childList: true, subtree: true });
  arrange(columns);
}

/**
 * A typed id becomes an entry of the list, with all that is known of such a model; and of models
 * that only complete prompts more is to be told.
 */
function mustAsk(target) {
  if (target.matches("[data-typed-model]")) return target.value.trim() !== "";
  if (!target.matches("[data-model]") || !target.value) return false;
  const wasLegacy = target.closest("[data-choice]").querySelector("[data-ends]");
  return wasLegacy || JSON.parse(target.dataset.legacy || "[]").includes(target.value);
}

function close(columns, head) {
  const neighbour = head.nextElementSibling ?? head.previousElementSibling;
  head.remove();
  neighbour?.querySelector("[data-close-column], select")?.focus({ preventScroll: true });
  arrange(columns);
}

/** Keep the columns in order, and everything that depends on how many there are. */
function arrange(columns) {
  const heads = [...columns.querySelectorAll("[data-column-head]")];
  const sorted = [...heads].sort((a, b) => a.dataset.columnHead - b.dataset.columnHead);
  if (sorted.some((head, place) => head !== heads[place])) columns.append(...sorted);
  for (const button of columns.querySelectorAll("[data-close-column]")) {
    setHidden(button, heads.length <= Number(columns.dataset.fewest));
  }
  setHidden(document.querySelector("[data-add-column]"), heads.length >= Number(columns.dataset.most));
  const owned = heads.some((head) => head.querySelector("[data-own-switch]")?.checked);
  setHidden(document.querySelector("[data-shared-by]"), !owned);
  setHidden(document.querySelector("[data-same-models]"), owned || !askTheSame(heads));
  heads.forEach(rename);
  nameButton(heads.length);
  showRefusals(heads);
}

/** Whether all columns ask one and the same model of one connection. */
function askTheSame(heads) {
  const asked = heads.map((head) => {
    const [connection, model] = head.querySelectorAll("[data-choice] select");
    return model?.value && `${connection.value} ${model.value}`;
  });
  return Boolean(asked[0]) && new Set(asked).size === 1;
}

function nameButton(count) {
  const send = document.getElementById("send");
  if (!send) return;
  const words = count > 2 ? send.dataset.all.replace("%(count)s", count) : send.dataset.both;
  if (send.textContent !== words) send.textContent = words;
}

function switchOwn(head, isOwn) {
  const own = head.querySelector("[data-own-settings]");
  own.hidden = own.disabled = !isOwn;
  if (!isOwn) return;
  own.querySelector("details").open = true;
  const place = own.querySelector("[data-own-place]");
  if (!place.childElementCount) place.append(copyOfShared(own.dataset.prefix));
}

/** A head is called by its model, or by what that model is to the job that is compared. */
function rename(head) {
  const chosen = head.querySelector("[data-model]")?.selectedOptions[0];
  if (!chosen?.value) return;
  const name = head.querySelector("[data-column-name]");
  const { label, labelOf } = name.dataset;
  const words = label && labelOf === chosen.value ? label : chosen.textContent;
  if (name.textContent !== words) name.textContent = words;
}

function setHidden(element, isHidden) {
  if (element && element.hidden !== isHidden) element.hidden = isHidden;
}
