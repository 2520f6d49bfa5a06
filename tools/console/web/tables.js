// The dead letters by their cause, the shelves, and recovery's last runs.

import { act } from "./acting.js";
import { clock, h, keyed, text } from "./dom.js";
import { store } from "./store.js";

// As `make dlq` groups them: an error is a reason without what differs from letter to letter.
const causeOf = ({ function: name, event, error }) => JSON.stringify([name, event, error]);

function redriven(told) {
  const counts = new Map();
  for (const each of told.fates) counts.set(each.fate, (counts.get(each.fate) ?? 0) + 1);
  return [...counts].map(([fate, count]) => `${count} ${fate}`).join(", ") || "there was nothing to redrive";
}

export function lettersView() {
  const { noun } = store.about;
  const body = h("div", {});
  const all = store.about.acts ? h("button", { type: "button", class: "primary", onclick: () => act("redrive", {}, redriven) }, "Redrive all") : null;
  const view = h("section", { class: "card wide" }, h("div", { class: "filters" }, h("h1", {}, "Dead letters"), all), body);
  const make = ([, letters]) => h("article", { class: "cause" },
    h("h2", {}, h("span", { class: "count" }), ` ${letters[0].event} at ${letters[0].function || "no function"}`),
    store.about.acts ? h("button", { type: "button", class: "these", onclick: () => act("redrive", { function: letters[0].function, event: letters[0].event, error: letters[0].error }, redriven) }, "Redrive these") : null,
    h("p", { class: "reason" }, letters[0].reason), h("ul", { class: "plain" }));
  const update = (element, [, letters]) => {
    text(element.querySelector(".count"), `${letters.length} ×`);
    keyed(element.querySelector("ul"), letters.slice(0, 50), (letter) => letter.number, (letter) => h("li", {},
      letter.key ? h("a", { class: "id", href: `#/orders/${encodeURIComponent(letter.key)}` }, letter.key) : h("span", { class: "faint" }, `no ${noun} is named`),
      ` by ${letter.way}, ${letter.valid ? "well-formed" : "malformed"} `,
      store.about.acts && letter.key ? h("button", { type: "button", onclick: () => act("redrive", { key: letter.key }, redriven) }, "Redrive") : null,
      h("details", {}, h("summary", {}, "the event"), h("pre", {}, JSON.stringify(letter.detail, null, 2)))));
  };
  const render = () => {
    const causes = new Map();
    store.letters.forEach((letter, index) => {
      letter.number ??= `${letter.key} ${letter.event} ${index}`;
      causes.set(causeOf(letter), [...(causes.get(causeOf(letter)) ?? []), letter]);
    });
    if (all) all.disabled = !store.letters.length;
    if (!causes.size && !body.querySelector(".empty")) { body.parts = undefined; body.replaceChildren(h("p", { class: "empty" }, "There are no dead letters.")); }
    if (causes.size) body.querySelector(".empty")?.remove();
    keyed(body.querySelector(".empty") ? h("div") : body, [...causes].sort((one, other) => other[1].length - one[1].length), ([cause]) => cause, make, update);
  };
  return { view, render };
}

function table(title, rowsOf, empty, button = null) {
  const body = h("div", { class: "scroll" });
  const view = h("section", { class: "card wide" }, h("div", { class: "filters" }, h("h1", {}, title), button), body);
  let last = "";
  const render = () => {
    const rows = rowsOf();
    if (JSON.stringify(rows) === last) return;
    last = JSON.stringify(rows);
    const names = Object.keys(rows[0] ?? {});
    body.replaceChildren(rows.length
      ? h("table", {}, h("thead", {}, h("tr", {}, names.map((name) => h("th", { class: typeof rows[0][name] === "number" ? "number" : "" }, name)))), h("tbody", {}, rows.map((row) => h("tr", {}, names.map((name) => h("td", { class: typeof row[name] === "number" ? "number" : "" }, String(row[name])))))))
      : h("p", { class: "empty" }, empty));
  };
  return { view, render };
}

export function shelvesView() {
  return table("Shelves", () => store.shelves, "There are no shelves.",
    store.about.acts ? h("button", { type: "button", onclick: () => act("fill", {}, () => "restocked") }, store.about.fill) : null);
}

export function recoveryView() {
  return table("Recovery's last runs", () => store.runs.map(({ at, ...rest }) => ({ at: clock(at), ...rest })), "No run has been logged yet: it runs each minute.",
    store.about.acts ? h("button", { type: "button", class: "primary", onclick: () => act("recover", {}, (told) => `recovered ${told.recovered}`) }, "Run it now") : null);
}
