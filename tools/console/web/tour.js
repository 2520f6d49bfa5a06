// The guided tour: one question after the other, each with what to do and what to look at.

import { act } from "./acting.js";
import { h } from "./dom.js";
import { store } from "./store.js";

const place = document.getElementById("tour");

async function perform(steps) {
  for (const step of steps) {
    if (step.place) await act("place", { case: step.place });
    else if (step.switch) await act("switch", { name: step.switch, to: step.to });
    else if (step.back) await act("back", {}, () => "everything is restored");
    else if (step.recover) await act("recover", {}, (told) => `recovery published ${told.recovered} events`);
    else if (step.redrive) await act("redrive", {}, (told) => `${told.fates.length} letters redriven`);
  }
}

export function tour(number = 0) {
  const stops = store.about.tour;
  const stop = stops[number];
  const go = (to) => () => tour(to);
  const doing = Object.entries(stop.does).map(([label, steps]) => h("button", {
    type: "button", class: "primary",
    onclick: async (event) => {
      event.target.disabled = true;
      await perform(steps);
      event.target.disabled = false;
    },
  }, label));
  place.replaceChildren(
    h("button", { type: "button", class: "close", "aria-label": "End the tour", onclick: () => { place.hidden = true; } }, "×"),
    h("small", { class: "faint" }, `${number + 1} of ${stops.length}`),
    h("h2", { tabindex: -1 }, stop.title),
    h("p", {}, stop.says),
    h("div", { class: "buttons" }, doing),
    h("p", { class: "look" }, stop.look),
    h("menu", {},
      h("button", { type: "button", disabled: number === 0, onclick: go(number - 1) }, "Back"),
      h("button", { type: "button", disabled: number === stops.length - 1, onclick: go(number + 1) }, "Next")),
  );
  place.hidden = false;
  if (location.hash.length > 2) location.hash = "#/";
  place.querySelector("h2").focus();
}
