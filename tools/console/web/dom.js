// Makes elements. Whatever a record, a reason or an event says is text: nothing here turns it into markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, each] of Object.entries(value)) element.style.setProperty(key, each);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Shows a list by its keys: what stays keeps its element, so that focus and selection stay where they are.
export function keyed(parent, items, keyOf, make, update) {
  const had = parent.parts ?? new Map();
  const has = new Map();
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    const element = had.get(key) ?? make(item);
    update?.(element, item);
    has.set(key, element);
    const place = before ? before.nextSibling : parent.firstChild;
    if (place !== element) parent.insertBefore(element, place);
    before = element;
  }
  for (const [key, element] of had) if (!has.has(key)) element.remove();
  parent.parts = has;
}

export function text(element, value) {
  const said = value ?? "";
  if (element.textContent !== String(said)) element.textContent = said;
}

export function span(milliseconds) {
  const seconds = Math.max(milliseconds, 0) / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function clock(iso) {
  return new Date(iso).toLocaleTimeString([], { hour12: false });
}
