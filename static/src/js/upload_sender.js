// Sends one file. After a lost connection it asks how much has arrived, and goes on from there.

const DELAYS_SECONDS = [1, 2, 4, 8, 15];
const SILENCE_MILLISECONDS = 60_000; // a line that carries nothing for so long is lost
const LOST = [0, 408, 409, 502, 503, 504]; // no line, too slow, still busy with the last one, a restart
const PREFIX = "retune-upload ";

/**
 * Return `{ promise, cancel }`; the promise is for `{ status, answer }`, with status 0 when cancelled.
 * `onProgress` gets the bytes that have arrived, `onLost` the seconds until the next attempt.
 */
export function sendFile(file, { action, query, headers, onProgress, onLost }) {
  const memory = rememberedName(file, action, query);
  const url = `${action}${memory.name}/`;
  const state = { request: null, isCancelled: false, wake: null, onProgress };
  const address = (offset) => `${url}?${new URLSearchParams({ ...query, offset, size: file.size })}`;

  async function run() {
    for (let failures = memory.isNew ? 0 : 1; ; failures += 1) {
      const there = failures ? await ask(url) : { received: 0 };
      if (state.isCancelled) return { status: 0, answer: {} };
      if (there?.url) return { status: 201, answer: there };
      if (there) {
        const before = there.received;
        const result = await put(state, address(before), headers, file, before);
        if (state.isCancelled) return { status: 0, answer: {} };
        if (!LOST.includes(result.status)) return result;
        if (result.sent > before) failures = 0; // it moves: wait only for a moment
      }
      await pause(state, DELAYS_SECONDS[Math.min(failures, DELAYS_SECONDS.length - 1)], onLost);
    }
  }

  const promise = run().finally(memory.forget);
  return { promise, cancel: () => cancel(state, url, headers) };
}

async function ask(url) {
  const response = await fetch(url).catch(() => null);
  return response?.ok ? response.json().catch(() => null) : null;
}

function put(state, url, headers, file, offset) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    state.request = request;
    let sent = offset;
    let alarm = null;
    const watch = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => request.abort(), SILENCE_MILLISECONDS);
    };
    const settle = () => {
      clearTimeout(alarm);
      resolve({ status: request.status, answer: parsed(request.responseText), sent });
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      sent = offset + loaded;
      state.onProgress(sent);
      watch();
    };
    request.onloadend = settle;
    watch();
    request.send(file.slice(offset));
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Wait, but not after the browser says that it is online again. */
async function pause(state, seconds, onLost) {
  if (state.isCancelled) return;
  onLost(seconds);
  await new Promise((resolve) => {
    state.wake = resolve;
    window.addEventListener("online", resolve, { once: true });
    setTimeout(resolve, seconds * 1000);
  });
}

function cancel(state, url, headers) {
  state.isCancelled = true;
  state.request?.abort();
  state.wake?.();
  fetch(url, { method: "DELETE", headers, keepalive: true }).catch(() => null);
}

// The name of an upload outlives the page, so that the same file goes on after a reload.
function rememberedName({ name, size, lastModified }, action, query) {
  const key = PREFIX + JSON.stringify([action, query, name, size, lastModified]);
  const known = quietly(() => localStorage.getItem(key));
  const chosen = known || newName();
  quietly(() => localStorage.setItem(key, chosen));
  return { name: chosen, isNew: !known, forget: () => quietly(() => localStorage.removeItem(key)) };
}

function quietly(act) {
  try {
    return act();
  } catch {
    return null; // no storage here: the upload goes on all the same, just not after a reload
  }
}

// crypto.randomUUID exists only where the page came over HTTPS or from this machine.
function newName() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte, place) => {
    const value = place === 6 ? (byte & 0x0f) | 0x40 : place === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, "0");
  });
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
