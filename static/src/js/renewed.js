// Parts of a form that the server renews, marked with data-renewed: what a person types while the
// answer is on its way stays, and a radio shows what the server says. (A morph leaves alone what a
// hand has chosen, and writes over what a hand has just typed.)

const touched = new Map();

document.addEventListener("htmx:before:request", forget);
document.addEventListener("input", remember);
document.addEventListener("htmx:after:swap", restore);

function forget({ detail }) {
  if (partOf(detail)) touched.clear();
}

function remember({ target }) {
  const part = target.closest("[data-renewed]");
  if (part && target.name) touched.set(placeOf(target, part), isTick(target) ? target.checked : target.value);
}

function restore({ detail }) {
  const part = partOf(detail);
  if (!part) return;
  for (const radio of part.querySelectorAll("[type=radio]")) radio.checked = radio.defaultChecked;
  for (const control of part.querySelectorAll("input, select, textarea")) {
    const value = touched.get(placeOf(control, part));
    if (value === undefined || control.type === "radio") continue;
    if (isTick(control)) control.checked = value;
    else put(control, value);
  }
}

function put(control, value) {
  const isThere = !control.options || [...control.options].some((option) => option.value === value);
  if (isThere && control.value !== value) control.value = value;
}

function isTick({ type }) {
  return type === "checkbox";
}

function partOf({ ctx }) {
  const target = ctx?.target;
  const part = target?.isConnected ? target : document.getElementById(target?.id ?? "");
  return part?.closest("[data-renewed]");
}

/** Names may come more than once: the how-manieth of its name a control is. Ticks have values. */
function placeOf(control, part) {
  if (isTick(control)) return `${part.id} ${control.name} ${control.value}`;
  const same = [...part.querySelectorAll("[name]")].filter(({ name }) => name === control.name);
  return `${part.id} ${control.name} ${same.indexOf(control)}`;
}
