// What the other scripts share: pieces of pages, requests, words for the person.

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
    throw new Error(navigator.onLine ? "The server cannot be reached. Nothing was changed; try again." : "You are offline. Nothing was changed.");
  }
  if (answer.status === 401) throw new Error(await answer.text());
  if (answer.status === 429) throw new Error("That was a little often. Wait a few minutes.");
  if (answer.status >= 500) throw new Error("The server is busy or restarts. Nothing was changed; try again.");
  return answer;
}

/** How long ago, in the same words as the server's. */
function ago(moment) {
  const minutes = Math.floor((Date.now() - moment) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 10080) return `${Math.floor(minutes / 1440)} d`;
  return moment.toLocaleDateString(undefined, { dateStyle: "medium" });
}

/** Writes times in the reader's own zone. */
export function times(root = document) {
  for (const time of root.querySelectorAll("time[data-ago], time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const full = moment.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
    time.title = full;
    if (time.dataset.local !== undefined) time.textContent = full;
    else time.textContent = ago(moment);
  }
}
