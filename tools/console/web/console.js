// Starts the page: which view is shown, and what the header says.

import { h, text } from "./dom.js";
import { flowView, functionView, loadFlow, passing, renderFlow } from "./flow.js";
import { ordersView } from "./orders.js";
import { breaking, panel, placing, ticker } from "./side.js";
import { ask, begin, changed, onChange, store } from "./store.js";
import { storyView } from "./story.js";
import { lettersView, recoveryView, shelvesView } from "./tables.js";
import { tour } from "./tour.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const banner = document.getElementById("banner");
const views = document.getElementById("views");
let shown = { render() {} };

function overview() {
  const parts = [panel(), placing(), breaking(), ticker()];
  const view = h("div", { class: "overview" },
    h("section", { class: "card" },
      flowView(),
      h("p", { class: "legend faint" }, h("i", { class: "way success" }), " success ", h("i", { class: "way failure" }), " failure ", h("i", { class: "way compensation" }), " compensation",
        h("span", {}, h("i", { class: "number" }, "3"), ` ${store.about.noun}s at this status`))),
    h("div", { class: "side" }, parts.map((part) => part.view)));
  return { view, render() { renderFlow(); parts.forEach((part) => part.render()); } };
}

const VIEWS = {
  "": [overview, () => "Flow"],
  orders: [(id, query) => (id ? storyView(id) : ordersView(query)), () => `${store.about.noun[0].toUpperCase()}${store.about.noun.slice(1)}s`],
  letters: [lettersView, () => "Dead letters"],
  shelves: [shelvesView, () => "Shelves"],
  recovery: [recoveryView, () => "Recovery"],
};

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const id = decodeURIComponent(rest.join("/"));
  shown.leave?.();
  shown = name === "function" ? functionView(id) : (VIEWS[name] ?? VIEWS[""])[0](id, new URLSearchParams(query));
  main.replaceChildren(shown.view);
  for (const link of views.children) {
    if (link.dataset.name === (VIEWS[name] ? name : "")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  render();
}

function render() {
  if (!store.about) return;
  const says = { watching: "live", connecting: "connecting", lost: "not reached", gone: "the console is gone" }[store.status.is] ?? store.status.is;
  text(status, says);
  status.className = `pill ${store.status.is}`;
  status.title = store.status.says;
  banner.hidden = store.status.is === "watching" || store.status.is === "connecting";
  text(banner, banner.hidden ? "" : store.status.says);
  const letters = views.querySelector("[data-name=letters] output");
  text(letters, store.letters.length || "");
  shown.render();
}

function navigation() {
  views.replaceChildren(...Object.entries(VIEWS).map(([name, [, label]]) => h("a", { href: `#/${name}`, "data-name": name }, label(), name === "letters" ? h("output", { class: "count" }) : null)));
  const button = document.getElementById("tour-button");
  button.hidden = !store.about.tour.length || !store.about.acts;
  button.addEventListener("click", () => tour());
}

async function start() {
  try {
    store.about = await ask("about");
  } catch (error) {
    text(banner, error.message);
    banner.hidden = false;
    setTimeout(start, 3000);
    return;
  }
  navigation();
  let complete = false;
  onChange({
    each(item) {
      // The first state says which cards there are.
      if (item.kind === "state" && !complete) { complete = true; route(); }
      passing(item);
    },
    render,
  });
  addEventListener("hashchange", route);
  setInterval(() => changed({ kind: "clock" }), 1000);
  begin();
  loadFlow().then(render, () => setTimeout(loadFlow, 3000));
}

start();
