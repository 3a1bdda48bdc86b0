// The client works without this script; with it, buttons act in place and new posts come by themselves.

import { pieces, say, send, speak, times } from "./part.js";
import "./compose.js";
import "./keys.js";
import "./live.js";
import "./viewer.js";
import { ownTimes } from "./when.js";

document.documentElement.classList.add("scripted");
times();
setInterval(times, 60000);
ownTimes(document);
if (document.querySelector("[data-crop]")) import("./crop.js");
if (document.querySelector("[data-push]")) import("./push.js");

// Buttons below a post: the answer is the post as it is now.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-act]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const button = event.submitter;
  const data = new FormData(form, button);
  const post = form.closest(".post");
  button?.classList.add("busy");
  try {
    const answer = await send(form.action, new URLSearchParams(data));
    if (!answer.ok) throw new Error(speak("did-not-work"));
    const name = button?.dataset.key;
    const [fresh] = pieces(await answer.text());
    if (fresh) {
      post.replaceWith(fresh);
      times(fresh);
      // The keyboard stays where it was.
      (name ? fresh.querySelector(`[data-key="${name}"]`) : fresh).focus({ preventScroll: true });
    } else {
      post.remove();
    }
  } catch (error) {
    say(error.message);
    button?.classList.remove("busy");
    delete form.dataset.busy;
  }
});

// Who signs out leaves no drafts to the next person on this device.
document.addEventListener("submit", (event) => {
  if (!event.target.matches?.("[data-leave]")) return;
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("draft-")) localStorage.removeItem(name);
  } catch {
    // Without storage there are none.
  }
});

// One menu at a time; a click elsewhere or Escape closes it.
const close = (but) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== but) menu.open = false;
  }
};
document.addEventListener("click", (event) => close(event.target.closest?.("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  open?.querySelector("summary").focus();
  close();
});

const back = document.querySelector("[data-back]");
back?.addEventListener("click", (event) => {
  const here = document.referrer && new URL(document.referrer).origin === location.origin;
  if (!here || history.length < 2) return;
  event.preventDefault();
  history.back();
});

// Offline is said plainly, and so is being back.
const offline = document.querySelector("[data-offline]");
function connection() {
  if (!offline) return;
  offline.hidden = navigator.onLine;
  offline.textContent = navigator.onLine ? "" : speak("offline-old");
}
addEventListener("offline", connection);
addEventListener("online", connection);
connection();
