// Files of a post that is being written: their order, and the point of a picture that stays in view.

import { say, speak } from "./part.js";

const FAR = 0.05;

function button(words, deed) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "small";
  made.textContent = words;
  made.addEventListener("click", deed);
  return made;
}

/** Puts a file before the one before it, or behind the one after it. */
function move(item, earlier, pressed) {
  const other = earlier ? item.previousElementSibling : item.nextElementSibling;
  if (!other) {
    say(speak(earlier ? "first-already" : "last-already"));
    return;
  }
  if (earlier) other.before(item);
  else other.after(item);
  pressed.focus();
  say(speak("number-now", { number: [...item.parentElement.children].indexOf(item) + 1 }));
}

/** Asks for a point of the whole picture. */
function choose(item, select) {
  const box = document.createElement("dialog");
  box.className = "card point";
  box.setAttribute("aria-label", speak("what-stays-in-view"));
  const frame = document.createElement("div");
  frame.className = "point-frame";
  const picture = document.createElement("img");
  picture.src = item.querySelector("[data-whole]").dataset.whole;
  picture.alt = "";
  const dot = document.createElement("span");
  dot.className = "point-dot";
  frame.append(picture, dot);
  let [x, y] = select.value.split(",").map(Number);
  const show = () => {
    dot.style.left = `${(x + 1) * 50}%`;
    dot.style.top = `${(1 - y) * 50}%`;
  };
  const near = (number) => Math.round(Math.min(1, Math.max(-1, number)) * 100) / 100;
  frame.addEventListener("click", (event) => {
    const room = picture.getBoundingClientRect();
    x = near(((event.clientX - room.left) / room.width) * 2 - 1);
    y = near(1 - ((event.clientY - room.top) / room.height) * 2);
    show();
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-FAR, 0], ArrowRight: [FAR, 0], ArrowUp: [0, FAR], ArrowDown: [0, -FAR] }[event.key];
    if (!step) return;
    event.preventDefault();
    [x, y] = [near(x + step[0]), near(y + step[1])];
    show();
  });
  const line = document.createElement("p");
  line.className = "actions";
  const take = button(speak("take-this-point"), () => {
    const value = `${x},${y}`;
    let option = [...select.options].find((one) => one.value === value);
    if (!option) {
      option = new Option(speak("the-chosen-point"), value);
      select.append(option);
    }
    select.value = value;
    box.close();
  });
  take.classList.add("primary");
  line.append(take, button(speak("cancel"), () => box.close()));
  box.append(frame, line);
  box.addEventListener("close", () => {
    box.remove();
    select.focus();
  });
  document.body.append(box);
  show();
  box.showModal();
}

/** Gives the files of a list what only a script can. */
export function dress(list) {
  for (const item of list.querySelectorAll("[data-attachment]:not([data-dressed])")) {
    item.dataset.dressed = "1";
    const line = document.createElement("p");
    line.className = "deeds";
    const earlier = button(speak("earlier"), () => move(item, true, earlier));
    const later = button(speak("later"), () => move(item, false, later));
    line.append(earlier, later);
    const select = item.querySelector("[data-focus]");
    if (select && item.querySelector("[data-whole]")) line.append(button(speak("choose-a-point"), () => choose(item, select)));
    item.querySelector(".about-it").append(line);
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-drop]")) event.target.closest("[data-attachment]").remove();
});
