// The list of orders: in flight and recent, live, searched as one types.

import { h, keyed, span, text } from "./dom.js";
import { flowOf } from "./flow.js";
import { now, store } from "./store.js";

const SHOWN = 200;

export function wayOf(status) {
  const event = Object.values(flowOf()?.events ?? {}).find((each) => each.status === status);
  if (!event) return "";
  return event.terminal && event.way === "success" ? "success terminal" : event.way;
}

export function chip(status) {
  return h("span", { class: `chip ${wayOf(status)}` }, status);
}

function dressChip(element, status) {
  text(element, status);
  element.className = `chip ${wayOf(status)}`;
}

export function stuck(row) {
  return !row.terminal && now() - Date.parse(row.updatedAt) > store.stuckAfter * 1000;
}

export function ordersView(query) {
  const { key, fields, noun, reason } = store.about;
  const search = h("input", { type: "search", placeholder: `Search by id, ${fields.slice(0, 2).join(", ")} …`, "aria-label": "Search", oninput: () => render() });
  const statuses = h("select", { "aria-label": "Status", onchange: () => render() }, h("option", { value: "" }, "all statuses"));
  const only = h("select", { "aria-label": "Filter", onchange: () => render() },
    h("option", { value: "" }, "all"), h("option", { value: "flight" }, "in flight"), h("option", { value: "stuck" }, "stuck"), h("option", { value: "marked" }, "held or stopped"));
  const count = h("output", { class: "faint" });
  const body = h("tbody");
  const find = (event) => {
    event.preventDefault();
    if (search.value.trim()) location.hash = `#/orders/${encodeURIComponent(search.value.trim())}`;
  };
  const view = h("section", { class: "card wide" },
    h("form", { class: "filters", onsubmit: find }, h("h1", {}, `${noun}s`), search, statuses, only, count),
    h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", {}, noun), h("th", {}, "status"), h("th", {}, "age"), ...fields.map((name) => h("th", {}, name)), h("th", {}, "reason"))),
      body)));

  const make = (row) => h("tr", {},
    h("td", {}, h("a", { class: "id", href: `#/orders/${encodeURIComponent(row[key])}` }, row[key])),
    h("td", {}, h("span", { class: "chip" }), h("span", { class: "notes" })), h("td", { class: "number" }),
    ...fields.map(() => h("td", {})), h("td", { class: "reason" }));

  const update = (line, row) => {
    const cells = line.children;
    dressChip(cells[1].firstChild, row.status);
    text(cells[1].lastChild, [row.held && "held", row.stopped && "stopped", stuck(row) && "stuck", row.again && `${row.again}× again`].filter(Boolean).join(", "));
    text(cells[2], span((row.terminal ? Date.parse(row.updatedAt) : now()) - Date.parse(row.createdAt)));
    line.classList.toggle("terminal", row.terminal);
    fields.forEach((name, index) => text(cells[3 + index], row[name]));
    text(cells[3 + fields.length], row[reason]);
  };

  const render = () => {
    const all = Object.values(flowOf()?.events ?? {});
    if (statuses.children.length === 1 && all.length) {
      statuses.append(...all.map((event) => h("option", {}, event.status)));
      statuses.value = query.get("status") ?? "";
    }
    const said = search.value.trim().toLowerCase();
    const wanted = (row) => (!statuses.value || row.status === statuses.value)
      && (only.value !== "flight" || !row.terminal) && (only.value !== "stuck" || stuck(row)) && (only.value !== "marked" || row.held || row.stopped)
      && (!said || [key, ...fields].some((name) => String(row[name] ?? "").toLowerCase().includes(said)));
    const found = [...store.rows.values()].filter(wanted).sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
    text(count, found.length > SHOWN ? `${SHOWN} of ${found.length}` : `${found.length}`);
    // A field that no order has takes no room.
    const empty = fields.map((name) => !found.some((row) => row[name] !== null && row[name] !== undefined));
    keyed(body, found.slice(0, SHOWN), (row) => row[key], make, update);
    for (const line of view.querySelectorAll("tr")) empty.forEach((is, index) => { line.children[3 + index].hidden = is; });
  };
  only.value = query.get("only") ?? "";
  render();
  return { view, render };
}
