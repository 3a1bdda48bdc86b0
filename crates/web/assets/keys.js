// The keyboard: the keys of Mastodon's own client, where both have the same thing.

import { speak } from "./part.js";

const GO = { h: "/home", n: "/notifications", l: "/public/local", t: "/public", b: "/bookmarks", f: "/favourites", c: "/conversations", s: "/search" };
const HELP = [
  ["j / k", "keys-posts"],
  ["Enter", "keys-open"],
  ["r b f d", "keys-deeds"],
  ["x", "keys-warning"],
  ["n", "keys-write"],
  ["/", "keys-search"],
  ["g then h n l t c", "keys-places"],
  ["Ctrl+Enter", "keys-send"],
  ["?", "keys-list"],
];

let went = false;

function posts() {
  return [...document.querySelectorAll(".post")];
}

function current() {
  return document.activeElement?.closest?.(".post");
}

function move(step) {
  const all = posts();
  const at = all.indexOf(current());
  const seen = all.findIndex((post) => post.getBoundingClientRect().top > 0);
  const next = all[at < 0 ? Math.max(seen, 0) : at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function help() {
  let box = document.getElementById("keyboard");
  if (!box) {
    box = document.createElement("dialog");
    box.id = "keyboard";
    box.className = "card";
    const head = document.createElement("h2");
    head.textContent = speak("keyboard");
    const list = document.createElement("dl");
    for (const [keys, words] of HELP) {
      const line = document.createElement("div");
      const term = document.createElement("dt");
      const kbd = document.createElement("kbd");
      kbd.textContent = keys;
      term.append(kbd);
      const meaning = document.createElement("dd");
      meaning.textContent = speak(words);
      line.append(term, meaning);
      list.append(line);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = speak("close");
    close.addEventListener("click", () => box.close());
    box.append(head, list, close);
    document.body.append(box);
  }
  box.showModal();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const post = current();
  const press = (key) => post?.querySelector(`[data-key="${key}"]`)?.click();
  if (went) {
    went = false;
    if (GO[event.key]) location.assign(GO[event.key]);
    return;
  }
  switch (event.key) {
    case "j": move(1); break;
    case "k": move(-1); break;
    case "g": went = true; setTimeout(() => { went = false; }, 1500); break;
    case "Enter":
      if (event.target !== post) return;
      post.querySelector(".when")?.click();
      break;
    case "r": case "b": case "f": case "d": press(event.key); break;
    case "x": {
      const veil = post?.querySelector("details.veil");
      if (veil) veil.open = !veil.open;
      break;
    }
    case "n": {
      const text = document.querySelector("[data-compose=post] textarea[name=text]");
      if (text) text.focus();
      else location.assign("/compose");
      break;
    }
    case "/": {
      const seek = document.getElementById("seek");
      if (seek?.checkVisibility()) seek.focus();
      else location.assign("/search");
      break;
    }
    case "?": help(); break;
    default: return;
  }
  event.preventDefault();
});

const hint = document.querySelector("[data-keys]");
if (hint && matchMedia("(hover: hover)").matches) {
  hint.hidden = false;
  hint.querySelector("[data-help]").addEventListener("click", help);
}
