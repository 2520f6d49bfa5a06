// The story of one order: who did what and when, what came twice, what was brought back; and what can be done.

import { act, reason } from "./acting.js";
import { clock, h, span, text } from "./dom.js";
import { chip, stuck } from "./orders.js";
import { ask, now, store } from "./store.js";

const moves = (row) => row && !row.terminal;
const canStop = (row, story) => moves(row) && store.about.stoppable.includes(row.status) && !story?.record.stopped;
const WHY = "Why? Your words and your name are kept in the record.";

// Actions on one order, each with when it makes sense; `asks` is what a person is asked before.
const ACTIONS = [
  { name: "publish", label: "Publish its event again", title: "A step is idempotent: it does no harm", when: moves, done: (told) => `published ${told.event} again` },
  { name: "redrive", label: "Redrive its dead letters", when: (_, story) => story?.dead_letters.length > 0, done: (told) => told.fates.map((each) => `${each.event}: ${each.fate}`).join("; ") || "there were none" },
  { name: "cancel", label: "Cancel", title: "As its customer does: its next step gives it up", when: (row, story) => store.about.cancels && canStop(row, story), done: (told) => `cancelled at ${told.status}` },
  { name: "hold", label: "Hold", title: "No step moves it until it is released; its deadline keeps running", when: (row, story) => moves(row) && story && !story.record.held, asks: WHY, done: (told) => told.said },
  { name: "release", label: "Release", title: "Publishes its current event", when: (_, story) => story?.record.held && !story.terminal, asks: WHY, done: (told) => told.said },
  { name: "give-up", label: "Give up", title: "Its next step gives it up, and what was done for it is undone", when: canStop, asks: WHY, done: (told) => told.said },
];

async function perform(action, id) {
  const why = action.asks ? await reason(action.label, action.asks) : undefined;
  if (why !== null) await act(action.name, why === undefined ? { key: id } : { key: id, why }, action.done);
}

export function storyView(id) {
  const title = h("h1", {}, `${store.about.noun} `, h("code", {}, id));
  const standing = h("p", { class: "standing" });
  const actions = h("div", { class: "actions" });
  const body = h("div", {}, h("p", { class: "empty" }, "loading …"));
  const view = h("section", { class: "card wide story" }, h("a", { class: "back", href: "#/orders" }, `← all ${store.about.noun}s`), title, standing, actions, body);
  let story = null;
  let last = "";
  let timer = 0;
  let gone = false;

  const load = async () => {
    timer = 0;
    try {
      const told = await ask("story", id);
      story = told.story;
      draw(body, told, id);
    } catch (error) {
      if (!story) body.replaceChildren(h("p", { class: "empty" }, error.message));
    }
    render();
    // Log lines come a little later than what they tell of.
    if (!gone && story && (!story.terminal || story.history.some((each) => !each.function))) timer = setTimeout(load, 2500);
  };

  const render = () => {
    const row = store.rows.get(id);
    const status = row?.status ?? story?.status;
    if (!status) return;
    const terminal = row?.terminal ?? story?.terminal;
    const began = Date.parse(row?.createdAt ?? story.record.createdAt);
    const ends = terminal ? Date.parse(story?.terminal ? story.record.updatedAt : row.updatedAt) : now();
    standing.replaceChildren(chip(status), ` ${terminal ? "after" : "in flight for"} ${span(ends - began)}`, !terminal && story?.record.held ? " · held" : "", !terminal && story?.record.stopped ? " · stopped" : "", row && stuck(row) ? " · stuck: recovery will publish its event again" : "");
    const possible = store.about.acts ? ACTIONS.filter((each) => each.when(row ?? story, story)) : [];
    if (actions.dataset.has !== String(possible.map((each) => each.name))) {
      actions.dataset.has = String(possible.map((each) => each.name));
      actions.replaceChildren(...possible.map((each) => h("button", { type: "button", title: each.title, onclick: async () => { await perform(each, id); load(); } }, each.label)));
    }
    const stamp = JSON.stringify([row?.status, row?.again]);
    if (row && stamp !== last) {
      last = stamp;
      clearTimeout(timer);
      timer = setTimeout(load, 400);
    }
  };
  load();
  return { view, render, leave: () => { gone = true; clearTimeout(timer); } };
}

function draw(body, { story, payloads }, id) {
  const open = new Set([...body.querySelectorAll("details[open]")].map((each) => each.dataset.name));
  const rows = [...rowsOf(story, payloads)].sort((one, other) => one.began - other.began);
  const axis = axisOf(rows);
  const remarks = story.lines ? [] : [h("p", { class: "faint" }, "No log line reports it yet: this is from its record.")];
  body.replaceChildren(
    h("div", { class: "scroll" }, h("table", { class: "timeline" },
      h("thead", {}, h("tr", {}, h("th", {}, "at"), h("th", {}, "function"), h("th", {}, "event"), h("th", {}, "delivery"), h("th", {}, "took"), h("th", { class: "axis" }, "0", h("span", {}, span(axis.whole))))),
      h("tbody", {}, rows.map((row) => line(row, axis))))),
    h("p", { class: "legend faint" }, h("i", { class: "bar" }), " a step ", h("i", { class: "bar way" }), " event in transit", axis.cuts.length ? [h("i", { class: "cut" }), " idle time, cut out"] : null),
    ...remarks,
    ...(story.record.marks ?? []).map((mark) => marked(mark, story.record)),
    ...story.dead_letters.map((letter) => h("p", { class: "problem" }, "✉ dead letter: ", h("b", {}, letter.event), ` at ${letter.function}, by ${letter.way}: `, h("span", { class: "reason" }, letter.reason))),
    fold("record", "The record, as JSON", () => h("pre", {}, JSON.stringify(story.record, null, 2))),
    fold("logs", "Its log lines", () => logs(id)),
  );
  for (const each of body.querySelectorAll("details")) if (open.has(each.dataset.name)) each.open = true;
}

// Who intervened, when and why; a customer's cancellation says why in the words of the record.
function marked({ mark, at, by, why }, record) {
  const because = by ? why : mark === "stopped" && record.stopped;
  return h("p", { class: "mark" }, h("b", {}, mark), " at ", h("time", { title: at }, clock(Date.parse(at))), by && ` by ${by}`, because && [": ", h("span", { class: "reason" }, because)]);
}

function fold(name, label, make) {
  const details = h("details", { "data-name": name }, h("summary", {}, label));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(make()); });
  return details;
}

function logs(id) {
  const shown = h("pre", {}, "loading …");
  ask("logs", id).then(({ lines }) => text(shown, lines.map((each) => JSON.stringify(each)).join("\n") || "there are none yet"), (error) => text(shown, error.message));
  return shown;
}

function* rowsOf(story, payloads) {
  const at = (iso) => Date.parse(iso);
  for (const told of story.publications) {
    // The line is written after the publish: what starts a saga began with its record, and who consumes may be quicker.
    const consumed = story.deliveries.filter((each) => each.consumed_id && each.consumed_id === told.published_id).map((each) => at(each.began));
    const ended = Math.min(at(told.at), ...consumed);
    const began = told.kind === "published again" ? ended : Math.min(at(story.history[0].at), ended);
    yield { who: told.function, out: told.published, outId: told.published_id, notes: [told.kind], began, ended, kind: told.kind === "announced" ? "" : "again", reason: told.reason, payloads };
  }
  for (const told of story.history.filter((each) => !each.function)) {
    yield { who: "?", status: told.status, notes: ["no log line yet"], began: at(told.at), ended: at(told.at), kind: "faint", payloads };
  }
  for (const told of story.deliveries) {
    const notes = [told.delivery];
    if (told.attempt > 1) notes.push(`attempt ${told.attempt}`);
    if (told.origin.kind === "recovery") notes.push("published by recovery");
    if (told.origin.kind === "replay") notes.push(`replayed by ${told.origin.replay}`);
    if (told.origin.kind === "unknown" && told.attempt === 1) notes.push("sender unknown: a redrive or a release?");
    if (told.cold_start) notes.push("cold start");
    const kind = { failed: "failed", duplicate: "again", "lost race": "again", stale: "faint", deferred: "deferred" }[told.delivery] ?? "";
    yield {
      who: told.function, in: told.consumed ?? "an event", inId: told.consumed_id, out: told.published, outId: told.published_id, notes, kind, payloads,
      began: at(told.began), ended: Math.max(at(told.ended), at(told.began)), took: told.milliseconds, waited: told.waited, reason: told.reason,
    };
  }
}

function event(name, id, arrow, payloads) {
  const payload = payloads[name];
  const label = [arrow, " ", h("b", {}, name), " ", h("small", { class: "faint", title: id ?? "" }, (id ?? "").slice(0, 8))];
  if (!payload) return h("div", {}, label);
  return h("details", { class: "payload", "data-name": `${arrow} ${name} ${id}` }, h("summary", {}, label), h("pre", {}, JSON.stringify({ id, ...payload }, null, 2)));
}

function line(row, axis) {
  const bar = h("div", { class: "track" });
  if (row.waited) bar.append(h("i", { class: "bar way", style: place(axis, row.began - row.waited, row.began) }));
  for (const cut of axis.cuts) bar.append(h("i", { class: "cut", style: { left: `${axis.x((cut[0] + cut[1]) / 2)}%` } }));
  bar.append(h("i", { class: "bar", style: place(axis, row.began, row.ended) }));
  return h("tr", { class: row.kind },
    h("td", {}, h("time", { title: new Date(row.began).toISOString() }, clock(row.began))),
    h("td", {}, row.who),
    h("td", {}, row.in && event(row.in, row.inId, "←", row.payloads), row.out && event(row.out, row.outId, "→", row.payloads), row.status && chip(row.status), row.reason && h("div", { class: "reason" }, row.reason)),
    h("td", {}, row.notes.map((note) => h("div", {}, note))),
    h("td", { class: "number" }, row.took === undefined ? "" : span(row.took), row.waited ? h("small", { class: "faint" }, `waited ${span(row.waited)}`) : ""),
    h("td", { class: "axis" }, bar));
}

function place(axis, from, to) {
  const left = axis.x(from);
  return { left: `${left}%`, width: `max(3px, ${Math.max(axis.x(to) - left, 0)}%)` };
}

// Long times in which nothing happens are cut out.
function axisOf(rows) {
  const stretches = rows.map((row) => [row.began - (row.waited ?? 0), row.ended]).sort((one, other) => one[0] - other[0]);
  if (!stretches.length) return { x: () => 0, cuts: [], whole: 0 };
  const begin = stretches[0][0];
  let reached = begin;
  const gaps = [];
  for (const [from, to] of stretches) {
    if (from > reached) gaps.push([reached, from]);
    reached = Math.max(reached, to);
  }
  const busy = reached - begin - gaps.reduce((sum, [from, to]) => sum + to - from, 0);
  const cuts = gaps.filter(([from, to]) => to - from > Math.max(2000, busy * 2)).sort((one, other) => other[1] - other[0] - (one[1] - one[0])).slice(0, 5).sort((one, other) => one[0] - other[0]);
  const FOR_A_CUT = 4;
  const drawn = Math.max(reached - begin - cuts.reduce((sum, [from, to]) => sum + to - from, 0), 1);
  const room = 100 - cuts.length * FOR_A_CUT;
  const x = (time) => {
    let passed = time - begin;
    let extra = 0;
    for (const [from, to] of cuts) {
      if (time <= from) break;
      const part = Math.min(time, to) - from;
      passed -= part;
      extra += FOR_A_CUT * part / (to - from);
    }
    return Math.min(Math.max(passed, 0) / drawn * room + extra, 100);
  };
  return { x, cuts, whole: reached - begin };
}
