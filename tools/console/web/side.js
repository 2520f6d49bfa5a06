// Beside the picture: whether all is right, what can be placed, what can be broken, what passes by.

import { act } from "./acting.js";
import { clock, h, keyed, text } from "./dom.js";
import { flowOf } from "./flow.js";
import { stuck } from "./orders.js";
import { store } from "./store.js";

export function panel() {
  const sums = h("div", { class: "sums" });
  const more = h("dl", { class: "figures" });
  const anew = store.about.acts && store.sums ? h("button", { type: "button", class: "quiet", title: "Take the present totals as correct", onclick: () => act("anew", {}, () => "recounted") }, "Recount") : null;
  const view = h("section", { class: "card", id: "panel", "aria-label": "Is everything correct?" }, h("h2", {}, "Is everything correct?", anew), sums, more);
  const make = (sum) => h("article", {}, h("h3", {}, h("span", { class: "light", "aria-hidden": "true" }), h("span", {}, sum.name), h("span", { class: "stands" })), h("dl", {}), h("p", { class: "faint" }));
  const update = (element, sum) => {
    element.className = sum.stands;
    text(element.querySelector(".stands"), { right: "correct", wrong: "wrong", counting: "counting …" }[sum.stands]);
    const parts = element.querySelector("dl");
    keyed(parts, Object.entries(sum.parts), ([name]) => name, ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})), (part, [, figure]) => text(part.lastChild, figure));
    text(element.querySelector("p"), sum.says);
  };
  const figure = (name, count, href, bad) => [name, count, href, bad];
  const render = () => {
    view.classList.toggle("wrong", store.sums.some((sum) => sum.stands === "wrong"));
    keyed(sums, store.sums, (sum) => sum.name, make, update);
    const rows = [...store.rows.values()];
    const flight = rows.filter((row) => !row.terminal);
    const figures = [
      figure("in flight", flight.length, "#/orders", false),
      figure("stuck", flight.filter(stuck).length, "#/orders?only=stuck", true),
      figure("ended", rows.length - flight.length, "#/orders", false),
      figure("dead letters", store.letters.length, "#/letters", true),
    ];
    keyed(more, figures, ([name]) => name, ([name, , href]) => h("div", {}, h("dt", {}, h("a", { href }, name)), h("dd", {})), (element, [, count, , bad]) => { text(element.lastChild, count); element.classList.toggle("bad", bad && count > 0); });
  };
  return { view, render };
}

export function placing() {
  if (!store.about.acts) return { view: h("section", { class: "card" }, h("h2", {}, "Read-only"), h("p", { class: "faint" }, "To act on AWS, start this console with ", h("code", {}, "ACTIONS=yes"), ".")), render() {} };
  const { cases, noun, key, fill } = store.about;
  const placed = (told) => `placed ${noun} ${told[key].slice(0, 8)}`;
  const buttons = Object.entries(cases).map(([name, each]) => h("button", { type: "button", "data-case": name, title: Object.entries(each.promises).map(([field, value]) => `${field}: ${value}`).join(", "), onclick: () => act("place", { case: name }, placed) }, name));
  const rate = h("input", { type: "range", min: 0, max: 50, step: 1, value: 0, "aria-label": `${noun}s a second`, oninput: () => text(told, `${rate.value} a second`), onchange: () => act("stream", { rate: Number(rate.value) }) });
  const told = h("output", {}, "0 a second");
  const says = h("small", { class: "faint" });
  const view = h("section", { class: "card", id: "placing" }, h("h2", {}, `Place ${noun}s`, h("button", { type: "button", class: "quiet", onclick: () => act("fill", {}, () => "filled") }, fill)),
    h("div", { class: "buttons" }, buttons),
    h("label", { class: "slide" }, "a stream", rate, told), says, own());
  const render = () => {
    if (document.activeElement !== rate && Number(rate.value) !== store.stream.rate) rate.value = store.stream.rate;
    if (document.activeElement !== rate) text(told, `${store.stream.rate} a second`);
    text(says, store.stream.rate ? `${store.stream.placed} placed${store.stream.refused ? `, ${store.stream.refused} refused: ${store.stream.says}` : ""}` : "");
  };
  return { view, render };
}

// The form follows from the schema of the request.
function own() {
  const { form, cases, noun, key } = store.about;
  const sample = Object.values(cases)[0]?.body ?? {};
  const kinds = (field) => field.anyOf?.find((each) => each.type !== "null") ?? field;
  const inputs = Object.entries(form.properties).map(([name, field]) => {
    const number = sample[name] === undefined ? kinds(field).type === "integer" : typeof sample[name] === "number";
    return h("label", {}, name, h("input", { name, type: number ? "number" : "text", value: sample[name] ?? field.default ?? "", autocomplete: "off" }));
  });
  const send = (event) => {
    event.preventDefault();
    const body = {};
    for (const input of event.target.querySelectorAll("input")) {
      if (input.value !== "") body[input.name] = input.type === "number" ? Number(input.value) : input.value;
    }
    act("place", { body }, (told) => `placed ${noun} ${told[key].slice(0, 8)}`);
  };
  return h("details", { id: "own" }, h("summary", {}, `a custom ${noun}`), h("form", { onsubmit: send }, inputs, h("button", { class: "primary" }, `Place this ${noun}`)));
}

export function breaking() {
  if (!store.switches || !store.about.acts) return { view: null, render() {} };
  const rows = store.switches.all.map((each) => {
    const turn = async (to) => {
      const before = { ...store.switches.at };
      // At once: what the server says of it comes a moment later.
      store.switches.at[each.name] = to;
      if (!(await act("switch", { name: each.name, to }))) store.switches.at = before;
    };
    const choices = [["", each.works], ...Object.entries(each.choices)];
    const control = choices.length > 5
      ? h("select", { "aria-label": each.what, onchange: (event) => turn(event.target.value) }, choices.map(([value, label]) => h("option", { value }, value ? `${label} has none` : label)))
      : h("span", { class: "segments", role: "radiogroup", "aria-label": each.what }, choices.map(([value, label]) => h("label", {}, h("input", { type: "radio", name: `switch ${each.name}`, value, checked: value === "", onchange: () => turn(value) }), h("span", {}, label))));
    return h("div", { class: "switch", "data-switch": each.name, title: each.says }, h("span", { class: "what" }, each.what), control);
  });
  const struck = h("small", { class: "faint" });
  const all = h("button", { type: "button", class: "back-button", onclick: () => act("back", {}, () => "everything is restored") }, "Restore everything");
  const view = h("section", { class: "card", id: "breaking" }, h("h2", {}, "Break it", all), rows, struck);
  const render = () => {
    const { at } = store.switches;
    const broken = Object.values(at).some(Boolean);
    view.classList.toggle("broken", broken);
    all.disabled = !broken;
    for (const row of rows) {
      const to = at[row.dataset.switch] ?? "";
      row.classList.toggle("broken", to !== "");
      const select = row.querySelector("select");
      if (select && document.activeElement !== select) select.value = to;
      for (const input of row.querySelectorAll("input")) input.checked = input.value === to;
    }
    const { calls, failed } = store.switches.struck ?? {};
    text(struck, calls ? `${failed} of ${calls} AWS calls failed on purpose` : "");
  };
  return { view, render };
}

export function ticker() {
  const { key } = store.about;
  const list = h("ol", { class: "plain", id: "ticker" });
  const view = h("section", { class: "card grows" }, h("h2", {}, "Events"), list);
  const make = (item) => h("li", { class: item.kind === "poison" ? "failure" : flowOf()?.events[item.type]?.way ?? "" },
    h("time", {}, clock(item.at)), " ", item.kind === "poison" ? h("code", {}, "malformed") : h("a", { href: `#/orders/${encodeURIComponent(item.row[key])}` }, item.row[key].slice(0, 8)), " ", h("b", {}, item.type), item.again ? h("small", { class: "faint" }, " again") : "");
  const render = () => keyed(list, store.ticker.slice(0, 30), (item) => item.id, make);
  return { view, render };
}
