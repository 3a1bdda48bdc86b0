// Completion of mentions, hashtags and emoji below a text (ARIA combobox with a list).

import { pieces, speak } from "./part.js";

const WORD = /(?:^|\s)([@#:][^\s@#:]{1,40}(?:@[^\s@]{0,60})?)$/u;

export function suggest(text) {
  const box = document.createElement("div");
  box.className = "suggestions";
  box.hidden = true;
  text.after(box);
  text.setAttribute("role", "combobox");
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-expanded", "false");
  let timer;
  let word = "";
  let chosen = -1;

  const options = () => [...box.querySelectorAll("[role=option]")];
  const hide = () => {
    box.hidden = true;
    chosen = -1;
    text.setAttribute("aria-expanded", "false");
    text.removeAttribute("aria-activedescendant");
    text.removeAttribute("aria-controls");
  };

  const choose = (index) => {
    const all = options();
    chosen = (index + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    text.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = (option) => {
    // What was typed since the question is part of the word too.
    const end = text.selectionStart;
    const typed = text.value.slice(0, end).match(WORD)?.[1] ?? "";
    const insert = `${option.dataset.insert} `;
    clearTimeout(timer);
    text.setRangeText(insert, end - typed.length, end, "end");
    hide();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  };

  const ask = async () => {
    const before = text.value.slice(0, text.selectionStart);
    const found = before.match(WORD);
    if (!found) return hide();
    word = found[1];
    const asked = word;
    try {
      const answer = await fetch(`/compose/suggest?${new URLSearchParams({ q: word })}`, { headers: { "X-Tuskling-Part": "1" } });
      if (!answer.ok || asked !== word) return;
      const [list] = pieces(await answer.text());
      if (!list?.children.length) return hide();
      list.setAttribute("role", "listbox");
      list.id = "suggestions";
      list.setAttribute("aria-label", speak("suggestions"));
      box.replaceChildren(list);
      box.hidden = false;
      text.setAttribute("aria-expanded", "true");
      text.setAttribute("aria-controls", "suggestions");
      choose(0);
    } catch {
      hide();
    }
  };

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  text.addEventListener("blur", () => setTimeout(hide, 150));
  text.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(options()[chosen]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
}
