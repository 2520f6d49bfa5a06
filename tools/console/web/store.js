// What the page knows: the whole state at first, then what changes, from one stream.

const MOST = { rows: 2000, ticker: 60, activity: 500 };

export const store = {
  about: null,
  status: { is: "connecting", says: "connecting" },
  rows: new Map(),
  ticker: [],
  activity: [],
  letters: [],
  runs: [],
  sums: [],
  shelves: [],
  switches: null,
  stream: { rate: 0, placed: 0, refused: 0, says: "" },
  stuckAfter: 60,
  skew: 0,
};

const listeners = new Set();
let due = false;

export function onChange(listener) {
  listeners.add(listener);
}

// At most a few times a second, however much happens.
export function changed(item) {
  for (const listener of listeners) listener.each?.(item);
  if (due) return;
  due = true;
  setTimeout(() => requestAnimationFrame(() => {
    due = false;
    for (const listener of listeners) listener.render?.();
  }), 120);
}

export function now() {
  return Date.now() + store.skew;
}

function keep(row) {
  const key = row[store.about.key];
  store.rows.delete(key);
  store.rows.set(key, row);
  if (store.rows.size > MOST.rows) store.rows.delete(store.rows.keys().next().value);
}

const TAKE = {
  state(item) {
    for (const name of ["status", "activity", "letters", "runs", "sums", "shelves", "switches", "stream", "stuckAfter"]) {
      if (item[name] !== undefined) store[name] = item[name];
    }
    store.skew = Date.parse(item.now) - Date.now();
    store.rows = new Map(item.rows.map((row) => [row[store.about.key], row]));
  },
  status(item) { store.status = { is: item.is, says: item.says }; },
  event(item) { keep(item.row); tick(item); },
  poison(item) { tick(item); },
  rows(item) { item.rows.forEach(keep); },
  activity(item) { store.activity.push(item); if (store.activity.length > MOST.activity) store.activity.shift(); },
  letters(item) { store.letters = item.letters; },
  run(item) { store.runs = [item.run, ...store.runs].slice(0, 20); },
  sums(item) { store.sums = item.sums; },
  shelves(item) { store.shelves = item.shelves; },
  switches(item) { store.switches = item.switches; },
  stream(item) { store.stream = item.stream; },
  paused() {
    disconnect();
    store.status = { is: "paused", says: "The console is open in too many windows, so this one is paused. Click into it to continue." };
  },
};

function tick(item) {
  store.ticker.unshift(item);
  store.ticker.length = Math.min(store.ticker.length, MOST.ticker);
}

export function take(item) {
  TAKE[item.kind]?.(item);
  changed(item);
}

// A browser has six connections to one server: a tab that nobody sees gives its own back.
let source = null;
let begun = false;

export function begin() {
  begun = true;
  connect();
}

function connect() {
  if (!begun || source || document.hidden) return;
  source = new EventSource("stream");
  source.onmessage = (message) => JSON.parse(message.data).forEach(take);
  source.onerror = () => {
    take({ kind: "status", is: "gone", says: "the console does not answer: it has ended, or was started anew at another address" });
    if (source?.readyState === EventSource.CLOSED) {
      disconnect();
      setTimeout(connect, 3000);
    }
  };
}

function disconnect() {
  source?.close();
  source = null;
}

addEventListener("pointerdown", connect);
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
addEventListener("pagehide", disconnect);
addEventListener("pageshow", connect);

export async function ask(path, id) {
  const answer = await fetch(id === undefined ? path : `${path}?id=${encodeURIComponent(id)}`);
  const said = await answer.json().catch(() => ({ problem: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw new Error(said.problem ?? answer.statusText);
  return said;
}
