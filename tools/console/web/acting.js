// What a person does: each action is one request, and says what became of it.

import { h } from "./dom.js";
import { store } from "./store.js";

export function toast(says, wrong = false) {
  const shown = h("div", { class: wrong ? "toast wrong" : "toast" }, says);
  const all = document.getElementById("toasts");
  all.append(shown);
  while (all.children.length > 4) all.firstChild.remove();
  setTimeout(() => shown.remove(), wrong ? 9000 : 4500);
}

// Ask for a text in the page's dialog; it rejects if the person does not go on.
function dialogue(asks, label, verb, missing) {
  const dialog = document.getElementById("confirm");
  const typed = h("input", { "aria-label": label, autocomplete: "off" });
  return new Promise((resolve, reject) => {
    const end = (said) => { dialog.close(); said === null ? reject(new Error(missing)) : resolve(said); };
    const form = h("form", { onsubmit: (submitted) => { submitted.preventDefault(); end(typed.value); } },
      h("p", {}, asks),
      typed,
      h("menu", {},
        h("button", { type: "button", onclick: () => end(null) }, "Back"),
        h("button", { type: "submit", class: "primary" }, verb)));
    dialog.replaceChildren(form);
    dialog.addEventListener("cancel", () => end(null), { once: true });
    dialog.showModal();
    typed.focus();
  });
}

// In production each action wants the stack's name.
function confirmed() {
  const wanted = store.about.confirm;
  if (!wanted) return Promise.resolve(null);
  return dialogue(["This changes ", h("strong", {}, wanted), ". To confirm, type its name."], "The stack's name", "Confirm", "not confirmed");
}

// Ask why a person intervenes; null if the person goes back.
export function reason(label, asks) {
  return dialogue(asks, "Why", label, "").catch(() => null);
}

export async function act(name, said = {}, done = null) {
  try {
    const confirm = await confirmed();
    const answer = await fetch(`do/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(confirm === null ? said : { ...said, confirm }),
    });
    const told = await answer.json().catch(() => ({ problem: `${answer.status} ${answer.statusText}` }));
    if (!answer.ok) throw new Error(told.problem ?? answer.statusText);
    if (done) toast(done(told));
    return told;
  } catch (error) {
    toast(error.message, true);
    return null;
  }
}
