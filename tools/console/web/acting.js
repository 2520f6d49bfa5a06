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

// In production each action wants the stack's name.
function confirmed() {
  const wanted = store.about.confirm;
  if (!wanted) return Promise.resolve(null);
  const dialog = document.getElementById("confirm");
  const typed = h("input", { "aria-label": "The stack's name", autocomplete: "off" });
  return new Promise((resolve, reject) => {
    const end = (said) => { dialog.close(); said === null ? reject(new Error("not confirmed")) : resolve(said); };
    dialog.replaceChildren(
      h("p", {}, "This changes ", h("strong", {}, wanted), ". To confirm, type its name."),
      typed,
      h("menu", {},
        h("button", { type: "button", onclick: () => end(null) }, "Cancel"),
        h("button", { type: "button", class: "primary", onclick: () => end(typed.value) }, "Confirm")),
    );
    dialog.addEventListener("cancel", () => end(null), { once: true });
    dialog.showModal();
  });
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
