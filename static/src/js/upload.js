// Uploads datasets one after another, with a byte count. Without JavaScript the form does it.
// The words come from the list's data-words-… attributes, so that they are translated.

import htmx from "htmx.org";

import { sendFile } from "./upload_sender.js";

const form = document.querySelector("form[data-upload]");
const list = form?.querySelector("[data-upload-list]");
const RATE_MILLISECONDS = 500;
const REDIRECT_MILLISECONDS = 300;
const FIRST_BYTES = 8;

const waiting = [];
const finished = [];
const listed = new Set(); // the files in the list, so that one dropped twice goes up once
let running = null;
let failures = 0;

if (form) start();

function start() {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-upload-submit]").hidden = true;
  input.required = false;
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  listenForDrops();
  window.addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault();
  });
}

function listenForDrops() {
  let depth = 0; // entering a child also leaves its parent
  const mark = (change) => form.toggleAttribute("data-dropping", (depth += change) > 0);
  form.addEventListener("dragenter", () => mark(1));
  form.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault(); // a file dropped beside the zone must not replace the page
    mark(-depth);
    if (form.contains(event.target)) add(event.dataTransfer.files);
  });
}

function add(files) {
  if (!running && !waiting.length) forget();
  for (const file of files) take(file);
  next();
}

function forget() {
  list.replaceChildren();
  finished.length = failures = 0;
  listed.clear();
}

function take(file) {
  const line = newLine(file);
  const refusal = refusalOf(file);
  listed.add(identity(file));
  if (refusal) {
    fail(line, refusal);
    return;
  }
  const upload = { file, line, refusal: refusalOfContent(file) };
  waiting.push(upload);
  upload.refusal.then((words) => words && refuse(upload, words));
}

const identity = ({ name, size, lastModified }) => JSON.stringify([name, size, lastModified]);

function refusalOf(file) {
  if (listed.has(identity(file))) return list.dataset.wordsTwice;
  if (file.size === 0) return list.dataset.wordsEmpty;
  return file.size > Number(list.dataset.uploadLimit) ? list.dataset.wordsTooLarge : "";
}

// The server knows endings and first bytes of what is no JSONL, and says it in words.
async function refusalOfContent(file) {
  const first = await file.slice(0, FIRST_BYTES).arrayBuffer().catch(() => null);
  if (!first) return list.dataset.wordsUnreadable; // a folder, or gone since it was chosen
  const bytes = Array.from(new Uint8Array(first), (byte) => byte.toString(16).padStart(2, "0"));
  const start = bytes.join("");
  const refusals = Object.entries(JSON.parse(list.dataset.refusals));
  const isMeant = ([sign]) => start.startsWith(sign) || file.name.toLowerCase().endsWith(sign);
  return refusals.find(isMeant)?.[1] ?? "";
}

function refuse(upload, words) {
  const position = waiting.indexOf(upload);
  if (position < 0) return; // cancelled, or its turn has come
  waiting.splice(position, 1);
  fail(upload.line, words);
}

function newLine(file) {
  const item = element("li", "flex flex-col gap-1");
  const head = element("div", "flex flex-wrap items-center justify-between gap-2");
  const line = {
    item,
    bar: element("progress", "progress progress-primary w-full"),
    text: element("span", "muted text-sm", list.dataset.wordsWaiting),
    button: element("button", "btn btn-xs", list.dataset.wordsCancel),
  };
  line.button.type = "button";
  line.button.addEventListener("click", () => cancel(line));
  line.bar.max = file.size || 1;
  line.bar.value = 0;
  line.bar.setAttribute("aria-label", file.name);
  head.append(element("bdi", "font-medium break-all", file.name), line.text, line.button);
  item.append(head, line.bar);
  list.append(item);
  return line;
}

function element(name, classes, text = "") {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
}

async function next() {
  if (running) return;
  running = waiting.shift() ?? null;
  if (!running) {
    if (finished.length) leave();
    return;
  }
  const refusal = await running.refusal;
  if (refusal) end(running.line, refusal);
  else if (running.line.isCancelled) end(running.line, list.dataset.wordsCancelled);
  else send(running);
}

async function send({ file, line }) {
  const rate = rateOf();
  const sender = sendFile(file, {
    action: form.action,
    query: { filename: file.name, ...wishes() },
    headers: {
      "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value,
      "Content-Type": "application/octet-stream",
    },
    onProgress: (loaded) => show(line, loaded, file.size, rate(loaded)),
    onLost: (seconds) => (line.text.textContent = list.dataset.wordsLost.replace("%(seconds)s", seconds)),
  });
  running.sender = sender;
  settle(line, await sender.promise);
}

// What else the form asks for: which dataset the file is for, and whether to repeat its steps.
function wishes() {
  const fields = [...form.querySelectorAll("[data-upload-wish]")];
  const meant = fields.filter(({ type, checked }) => type !== "checkbox" || checked);
  return Object.fromEntries(meant.map(({ name, value }) => [name, value]));
}

function settle(line, { status, answer }) {
  if (line.isCancelled) {
    end(line, list.dataset.wordsCancelled);
    return;
  }
  if (status !== 201) {
    const words = status === 413 ? list.dataset.wordsTooLarge : list.dataset.wordsFailed;
    end(line, answer.error || words);
    return;
  }
  const link = element("a", "btn btn-xs", list.dataset.wordsOpen);
  link.href = answer.url;
  line.text.textContent = list.dataset.wordsDone;
  line.bar.value = line.bar.max;
  line.button.replaceWith(link);
  finished.push(answer.url);
  running = null;
  next();
}

function end(line, words) {
  fail(line, words);
  running = null;
  next();
}

function fail(line, words) {
  failures += 1;
  line.text.textContent = words;
  line.text.className = "text-error text-sm";
  line.bar.remove();
  line.button.remove();
}

function cancel(line) {
  if (running?.line === line) {
    line.isCancelled = true;
    running.sender?.cancel();
    return;
  }
  const position = waiting.findIndex((upload) => upload.line === line);
  if (position >= 0) waiting.splice(position, 1);
  fail(line, list.dataset.wordsCancelled);
}

function leave() {
  if (failures) {
    renewList(); // and let the person read what went wrong
    return;
  }
  const target = finished.length === 1 ? finished[0] : location.href;
  setTimeout(() => location.assign(target), REDIRECT_MILLISECONDS);
}

function renewList() {
  if (!document.querySelector("#dataset-table")) return;
  htmx.ajax("GET", location.href, { target: "#dataset-table", swap: "outerMorph" });
}

function show(line, loaded, size, bytesPerSecond) {
  line.bar.value = loaded;
  const share = Math.floor((100 * loaded) / size);
  const speed = bytesPerSecond ? ` · ${inBytes(bytesPerSecond)}/s` : "";
  line.text.textContent = `${inBytes(loaded)} / ${inBytes(size)} · ${share} %${speed}`;
}

function rateOf() {
  let then = performance.now();
  let before = 0;
  let rate = 0;
  return (loaded) => {
    const now = performance.now();
    if (now - then > RATE_MILLISECONDS) {
      rate = ((loaded - before) * 1000) / (now - then);
      [then, before] = [now, loaded];
    }
    return rate;
  };
}

function inBytes(count) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log(Math.max(count, 1)) / Math.log(1024)), 3);
  return `${(count / 1024 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}
