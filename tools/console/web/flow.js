// The flow, live: the generated picture of the choreography, and what passes along it.

import { h, s, span, text } from "./dom.js";
import { ask, now, store } from "./store.js";

const MINUTE = 60_000;
const DOTS = 70;
const FAST = 750;
const STEPS = 60;

let flow = null;
let svg = null;
let badges = new Map();
let dots = [];
let drawing = false;
const canvas = h("canvas", { "aria-hidden": "true" });
let still = matchMedia("(prefers-reduced-motion: reduce)");
const seen = [];

export function flowOf() {
  return flow;
}

let loading = null;

export function loadFlow() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load() {
  const [told, drawn] = await Promise.all([ask("choreography"), picture()]);
  flow = told;
  svg = drawn;
  dress();
}

// As a document of its own: text that is assigned to a page would have to be trusted.
function picture() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", "choreography.svg");
    request.responseType = "document";
    request.onload = () => (request.responseXML ? resolve(document.importNode(request.responseXML.documentElement, true)) : reject(new Error("the picture cannot be read")));
    request.onerror = () => reject(new Error("the picture cannot be loaded"));
    request.send();
  });
}

function dress() {
  svg.setAttribute("id", "picture");
  svg.removeAttribute("width");
  const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  // The places of the parts leave room at the sides.
  svg.setAttribute("viewBox", `${left + 5} ${top + 12} ${width - 10} ${height - 22}`);
  for (const link of svg.querySelectorAll("a")) {
    const part = link.closest(".node");
    const name = part.dataset.function ?? part.dataset.event;
    link.setAttribute("href", part.dataset.event ? `#/orders?status=${flow.events[name].status}` : `#/function/${name}`);
  }
}

export function flowView() {
  const place = h("figure", { class: "picture" }, svg ? [svg, canvas] : h("p", { class: "empty" }, "drawing the choreography …"));
  if (!svg) loadFlow().then(() => { place.replaceChildren(svg, canvas); renderFlow(); }, (error) => place.replaceChildren(error.message));
  return place;
}

function badge(node, corner, kind) {
  const name = `${node.id} ${corner}`;
  if (!badges.has(name)) {
    const box = node.querySelector("rect, polygon").getBBox();
    const x = corner.includes("right") ? box.x + box.width : box.x;
    const y = corner.includes("top") ? box.y : box.y + box.height;
    const shape = s("rect", { rx: 9, height: 18, y: y - 9 });
    const label = s("text", { x, y: y + 4 });
    const group = s("g", { class: `badge ${kind}` }, s("title", {}), shape, label);
    node.append(group);
    badges.set(name, { group, shape, label, x });
  }
  return badges.get(name);
}

function mark(node, corner, kind, said, title) {
  if (!said && !badges.has(`${node.id} ${corner}`)) return;
  const { group, shape, label, x } = badge(node, corner, kind);
  const value = String(said || "");
  group.setAttribute("class", `badge ${kind}${value ? "" : " none"}`);
  if (label.textContent === value) return;
  label.textContent = value;
  const width = Math.max(18, value.length * 7 + 11);
  shape.setAttribute("width", width);
  shape.setAttribute("x", x - width / 2);
  group.querySelector("title").textContent = title;
}

export function renderFlow() {
  if (!svg?.isConnected || !flow) return;
  const noun = store.about.noun;
  const counts = new Map();
  for (const row of store.rows.values()) counts.set(row.status, (counts.get(row.status) ?? 0) + 1);
  while (seen.length && seen[0].at < now() - MINUTE) seen.shift();
  const lately = new Map();
  for (const each of seen) lately.set(each.type, (lately.get(each.type) ?? 0) + 1);
  for (const [name, event] of Object.entries(flow.events)) {
    const node = svg.getElementById(`node-${name}`);
    if (!node) continue;
    const count = counts.get(event.status) ?? 0;
    mark(node, "top right", event.terminal ? "ended" : "count", count, `${count} ${noun}s stand at ${event.status}`);
    node.classList.toggle("lately", event.way !== "success" && (lately.get(name) ?? 0) > 0);
  }
  store.activity = store.activity.filter((each) => Date.parse(each.at) > now() - MINUTE);
  for (const name of Object.keys(flow.functions)) {
    const node = svg.getElementById(`node-${name}`);
    if (!node) continue;
    const own = store.activity.filter((each) => each.function === name);
    const failed = own.filter((each) => each.what === "failed").length;
    const waits = own.filter((each) => each.what === "deferred").length;
    const throttled = own.some((each) => each.what === "throttled");
    const letters = store.letters.filter((letter) => letter.function === name).length;
    mark(node, "top left", "failed", failed && `${failed} failed`, `${failed} failures in the last minute`);
    mark(node, "bottom left", "deferred", waits && `${waits} deferred`, `${waits} deferrals in the last minute`);
    mark(node, "bottom right", "letters", letters && `✉ ${letters}`, `${letters} dead letters came from here`);
    mark(node, "top right", "failed", throttled && "throttled", "Lambda throttled it: check its concurrency");
    node.classList.toggle("failing", failed > 0 || throttled);
    node.classList.toggle("deferring", waits > 0);
  }
}

// Which function published an event: the one that consumes what its order stood at before, if there are several.
function publisher(event, before) {
  const { publishers } = flow.events[event];
  const consumed = before && Object.entries(flow.events).find(([, other]) => other.status === before);
  return publishers.find((name) => consumed?.[1].consumers.includes(name)) ?? publishers[0];
}

const stood = new Map();

export function passing(item) {
  if (item.kind !== "event" || !flow || !svg?.isConnected || document.hidden) return;
  const event = flow.events[item.type];
  if (!event) return;
  const key = item.row[store.about.key];
  const from = publisher(item.type, stood.get(key));
  stood.set(key, event.status);
  if (stood.size > 500) stood.delete(stood.keys().next().value);
  if (!item.again) seen.push({ at: now(), type: item.type });
  pulse(svg.getElementById(`node-${item.type}`));
  const published = item.again ? null : svg.getElementById(`${from}-${item.type}`);
  move(published, event.way, false, () => {
    for (const name of event.consumers) move(svg.getElementById(`${item.type}-${name}`), event.way, item.again);
  });
}

function pulse(node) {
  if (!node) return;
  node.classList.add("passing");
  clearTimeout(node.fades);
  node.fades = setTimeout(() => node.classList.remove("passing"), 450);
}

function move(edge, way, again, then) {
  if (!edge) return then?.();
  edge.classList.add("passing");
  clearTimeout(edge.fades);
  edge.fades = setTimeout(() => edge.classList.remove("passing"), FAST);
  // With many at once, the edges alone tell.
  if (still.matches || dots.length >= DOTS) return then?.();
  dots.push({ points: pointsOf(edge), way, again, then, began: performance.now() });
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(draw);
  }
}

// Measured once: where a path passes.
function pointsOf(edge) {
  if (!edge.points) {
    const path = edge.querySelector("path");
    const length = path.getTotalLength();
    edge.points = Array.from({ length: STEPS + 1 }, (_, step) => path.getPointAtLength(length * step / STEPS));
  }
  return edge.points;
}

// All dots on one canvas above the picture, which itself is not drawn anew for them.
function draw(time) {
  if (!svg.isConnected) {
    dots = [];
    drawing = false;
    return undefined;
  }
  const { width, height, left, top } = canvas.getBoundingClientRect();
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const place = svg.getScreenCTM();
  const colours = getComputedStyle(document.documentElement);
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(place.a * scale, 0, 0, place.d * scale, (place.e - left) * scale, (place.f - top) * scale);
  const ended = [];
  dots = dots.filter((dot) => {
    const part = Math.min((time - dot.began) / FAST, 1);
    const eased = Math.max(part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2, 0);
    const { x, y } = dot.points[Math.round(eased * STEPS)];
    pen.fillStyle = pen.strokeStyle = colours.getPropertyValue(`--${dot.way}`);
    pen.beginPath();
    pen.arc(x, y, 5, 0, 2 * Math.PI);
    if (dot.again) { pen.lineWidth = 2; pen.stroke(); } else pen.fill();
    if (part === 1 && dot.then) ended.push(dot.then);
    return part < 1;
  });
  ended.forEach((then) => then());
  if (dots.length) return requestAnimationFrame(draw);
  drawing = false;
  pen.clearRect(-1000, -1000, 1e5, 1e5);
}

// One function: what it does, and what went wrong with it.
export function functionView(name) {
  const list = h("ul", { class: "plain lines" });
  const view = h("section", { class: "card wide" },
    h("h1", {}, name), h("p", { class: "faint", id: "does" }), h("h2", {}, "In the last minute"), list);
  const render = () => {
    const own = store.activity.filter((each) => each.function === name).slice(-50).reverse();
    const letters = store.letters.filter((letter) => letter.function === name);
    text(view.querySelector("#does"), flow?.functions[name]?.does ?? "");
    list.replaceChildren(
      ...own.map((each) => h("li", { class: each.what }, h("time", {}, span(now() - Date.parse(each.at)), " ago"), " ",
        h("b", {}, each.what), " ", each.key && h("a", { href: `#/orders/${encodeURIComponent(each.key)}` }, each.key.slice(0, 8)), " ", h("span", { class: "reason" }, each.reason ?? ""))),
      ...(own.length ? [] : [h("li", { class: "faint" }, "nothing went wrong")]),
      ...letters.map((letter) => h("li", { class: "failed" }, h("b", {}, "dead letter"), ` ${letter.event}: ${letter.reason}`)),
    );
  };
  loadFlow().then(render);
  return { view, render };
}
