// What a model does not take is shown, with the reason, and cannot be filled in.

export function beginParameters() {
  document.addEventListener("click", ({ target }) => {
    const box = target.closest("[data-parameter]");
    if (target.closest("[data-random-seed]")) fill(box.querySelector("input"), randomSeed());
    const example = target.closest("[data-example]");
    if (example) fill(box.querySelector("textarea"), example.dataset.example);
  });
}

function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}

function fill(field, value) {
  field.value = value;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Settings of a column's own begin as a copy of the shared ones, as they stand on the page. */
export function copyOfShared(prefix) {
  const shared = document.querySelector("[data-shared-settings] [data-parameters]");
  const copy = shared.cloneNode(true);
  for (const part of copy.querySelectorAll("[data-shared-only]")) part.remove();
  for (const name of ["id", "for", "aria-describedby"]) {
    for (const element of copy.querySelectorAll(`[${name}]`)) {
      element.setAttribute(name, element.getAttribute(name).replaceAll(/\bid_/g, `id_${prefix}-`));
    }
  }
  for (const field of copy.querySelectorAll("[name]")) {
    const original = shared.querySelector(`[name="${field.name}"]`);
    if (field.type === "checkbox") field.checked = original.checked;
    else field.value = original.value; // not all are cloned
    field.name = `${prefix}-${field.name}`;
  }
  return copy;
}

export function showRefusals(heads) {
  const words = document.querySelector("[data-legacy-words]");
  if (words) words.hidden = !heads.some((head) => head.querySelector("[data-ends]"));
  const sharing = [];
  for (const head of heads) {
    const own = head.querySelector("[data-own-switch]")?.checked;
    if (own) show(head.querySelector("[data-parameters]"), [modelOf(head)]);
    else sharing.push(modelOf(head));
  }
  const shared = document.querySelector("[data-shared-settings] [data-parameters]");
  if (shared) show(shared, sharing);
}

/** The model that a head has chosen, and the parameters that it refuses. */
function modelOf(head) {
  const select = head.querySelector("[data-model]");
  const name = select?.value ?? "";
  const refuses = JSON.parse(select?.dataset.refuses || "{}")[name] ?? [];
  return { name, refuses, ends: head.querySelector("[data-ends]")?.dataset };
}

function show(parameters, models) {
  showEnds(parameters, models.find(({ ends }) => ends)?.ends);
  for (const box of parameters.querySelectorAll("[data-parameter]")) {
    const refusing = models.filter(({ refuses }) => refuses.includes(box.dataset.parameter));
    const isRefused = models.length > 0 && refusing.length === models.length;
    for (const control of box.querySelectorAll("input, select, textarea, button")) {
      if (control.disabled !== isRefused) control.disabled = isRefused;
    }
    const names = [...new Set(refusing.map(({ name }) => name))].join(", ");
    const { refusedWords, someWords } = parameters.dataset;
    say(box, isRefused ? refusedWords : names && someWords.replace("%(models)s", names));
  }
  showSchema(parameters, models);
}

/** Who takes JSON need not take a schema: then the list does not offer it. */
function showSchema(parameters, models) {
  const takes = ({ refuses }) => !refuses.includes("json_schema");
  const isOffered = !models.length || models.some(takes);
  const box = parameters.querySelector("[data-parameter=response_format]");
  const option = box.querySelector("option[value=json_schema]");
  if (option.disabled === isOffered) option.disabled = !isOffered;
  const takesJson = models.some(({ refuses }) => !refuses.includes("response_format"));
  if (!isOffered && takesJson) say(box, parameters.dataset.schemaWords);
}

/** What the training data has is shown where nothing else is filled in. */
function showEnds(parameters, ends) {
  const box = parameters.querySelector("[data-for-legacy]");
  const separator = box.querySelector("input");
  const isHidden = !ends && !separator.value;
  if (box.hidden !== isHidden) box.hidden = isHidden;
  separator.placeholder = ends?.separator ?? "";
  parameters.querySelector("[data-parameter=stop] textarea").placeholder = ends?.stop ?? "";
}

function say(box, words) {
  let note = box.querySelector("[data-refused]");
  if (!words) return note?.remove();
  if (!note) {
    note = document.createElement("p");
    note.dataset.refused = "";
    note.className = "text-warning mt-1 text-sm break-words";
    box.append(note);
  }
  if (note.textContent !== words) note.textContent = words;
}
