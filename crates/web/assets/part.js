// What the other scripts share: pieces of pages, requests, words for the person.

import { locale, texts } from "./texts.js";

const counting = new Intl.PluralRules(locale);

/** The language in which times are written: the page's, as the reader's region writes it. */
export const writing = navigator.languages.find((one) => one.split("-")[0] === locale) ?? locale;

/** A text of the catalogue (locales/…/script.ftl) with its arguments; `count` chooses among its forms. */
export function speak(name, values = {}) {
  const found = texts[name];
  const words = typeof found === "string" ? found : (found[counting.select(values.count)] ?? Object.values(found).at(-1));
  return words.replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
}

/** The elements of a piece of HTML that our own server made. */
export function pieces(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.body.children].map((element) => document.adoptNode(element));
}

const toasts = document.querySelector("[data-toast]");
let fading;

/** Says something for a moment, to eyes and to screen readers. */
export function say(words) {
  if (!toasts) return;
  toasts.textContent = words;
  toasts.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => toasts.classList.remove("shown"), 6000);
}

/** Sends a form and gives the answer; throws words for the person when none came. */
export async function send(address, body, method = "POST") {
  let answer;
  try {
    answer = await fetch(address, { method, body, headers: { "X-Tuskling-Part": "1" }, redirect: "follow" });
  } catch {
    throw new Error(speak(navigator.onLine ? "no-server" : "offline"));
  }
  if (answer.status === 401) throw new Error(await answer.text());
  if (answer.status === 429) throw new Error(speak("too-often"));
  if (answer.status >= 500) throw new Error(speak("server-busy"));
  return answer;
}

/** How long ago, in the same words as the server's. */
function ago(moment) {
  const minutes = Math.floor((Date.now() - moment) / 60000);
  if (minutes < 1) return speak("now");
  if (minutes < 60) return speak("minutes", { number: minutes });
  if (minutes < 1440) return speak("hours", { number: Math.floor(minutes / 60) });
  if (minutes < 10080) return speak("days", { number: Math.floor(minutes / 1440) });
  return moment.toLocaleDateString(writing, { dateStyle: "medium" });
}

/** Writes times in the reader's own zone. */
export function times(root = document) {
  for (const time of root.querySelectorAll("time[data-ago], time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const full = moment.toLocaleString(writing, { dateStyle: "long", timeStyle: "short" });
    time.title = full;
    if (time.dataset.local !== undefined) time.textContent = full;
    else time.textContent = ago(moment);
  }
}
