// Pictures large, on the page itself: arrows between them, Escape back.

import { speak } from "./part.js";

let box;
let shown = [];
let at = 0;

function build() {
  box = document.createElement("dialog");
  box.className = "viewer";
  box.setAttribute("aria-label", speak("picture"));
  const picture = document.createElement("img");
  picture.alt = "";
  const words = document.createElement("p");
  words.className = "alt-text";
  words.dir = "auto";
  const button = (name, label, deed) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = name;
    made.setAttribute("aria-label", label);
    const svg = document.querySelector("svg.icon").cloneNode(true);
    svg.firstElementChild.setAttribute("href", name === "close" ? "#i-close" : "#i-back");
    made.append(svg);
    made.addEventListener("click", deed);
    return made;
  };
  box.append(picture, words, button("close", speak("close"), () => box.close()), button("before", speak("picture-before"), () => show(at - 1)), button("after", speak("picture-next"), () => show(at + 1)));
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("keydown", (event) => {
    const right = getComputedStyle(document.documentElement).direction === "rtl" ? -1 : 1;
    if (event.key === "ArrowRight") show(at + right);
    else if (event.key === "ArrowLeft") show(at - right);
  });
  document.body.append(box);
}

function show(index) {
  if (index < 0 || index >= shown.length) return;
  at = index;
  const link = shown[at];
  const small = link.querySelector("img");
  const picture = box.querySelector("img");
  picture.src = link.href;
  picture.alt = small.alt;
  box.querySelector(".alt-text").textContent = small.alt;
  box.querySelector(".before").hidden = at === 0;
  box.querySelector(".after").hidden = at === shown.length - 1;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".media a:has(img)");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (!box) build();
  shown = [...link.closest(".media").querySelectorAll("a:has(img)")];
  show(shown.indexOf(link));
  box.showModal();
  box.addEventListener("close", () => link.focus(), { once: true });
});
