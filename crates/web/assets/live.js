// New posts as they come. Only a visible page listens; one that comes back asks for what it missed.

import { pieces, say, speak, times } from "./part.js";

const feed = document.querySelector("[data-stream]");
const fresh = document.querySelector("[data-fresh]");
const badge = document.querySelector("[data-unread]");
const title = document.title;
let waiting = [];
let source;
let missed = false;

function channel() {
  if (feed) return feed.dataset.stream;
  return badge ? "notifications" : null;
}

function known(id) {
  return document.getElementById(id) || waiting.find((post) => post.id === id);
}

/** At the top and not typing: new posts may move the page. */
function atRest() {
  const writing = document.activeElement?.matches("textarea, input, select");
  return scrollY < 80 && !writing;
}

function show() {
  document.querySelector("[data-nothing]")?.remove();
  for (const post of waiting) {
    // One's own post is put in by the form as well.
    if (document.getElementById(post.id)) continue;
    post.classList.add("arrived");
    feed.prepend(post);
    times(post);
  }
  waiting = [];
  while (feed.children.length > 200) feed.lastElementChild.remove();
  announce();
}

function announce() {
  const count = waiting.length;
  if (fresh) {
    fresh.hidden = count === 0;
    fresh.firstElementChild.textContent = speak("new-posts", { count });
  }
  document.title = count ? `(${count}) ${title}` : title;
}

function arrive(posts) {
  for (const post of posts) {
    if (!known(post.id)) waiting.push(post);
  }
  // Beyond that the page is loaded anew.
  if (waiting.length > 100) waiting = waiting.slice(-100);
  if (atRest()) show();
  else announce();
}

fresh?.firstElementChild.addEventListener("click", () => {
  const first = waiting.at(-1);
  show();
  scrollTo({ top: 0 });
  first?.focus({ preventScroll: true });
});

/** What came while nobody listened. */
async function catchUp() {
  missed = false;
  const newest = feed?.querySelector(".post")?.id.replace("post-", "");
  try {
    const answer = await fetch(newest ? `${location.pathname}?min_id=${newest}` : location.pathname);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const posts = [...page.querySelectorAll("[data-stream] .post, .feed .post")];
    arrive(posts.reverse().map((post) => document.adoptNode(post)));
    count(page.querySelector("[data-count]")?.textContent ?? "0");
  } catch {
    missed = true;
  }
}

function count(number) {
  if (!badge) return;
  badge.hidden = number === "0";
  badge.querySelector("[data-count]").textContent = number;
}

function listen() {
  const of = channel();
  if (!of || source || document.hidden) return;
  const query = new URLSearchParams({ of, back: location.pathname + location.search });
  source = new EventSource(`/live?${query}`);
  source.addEventListener("open", () => {
    document.documentElement.dataset.live = "on";
    if (missed && feed) catchUp();
  });
  source.addEventListener("error", () => {
    document.documentElement.dataset.live = "off";
    missed = true;
    // A refusal is final for the browser; a fresh try finds a restarted server or says why.
    if (source?.readyState === EventSource.CLOSED) {
      source = undefined;
      setTimeout(listen, 5000);
    }
  });
  source.addEventListener("post", (event) => arrive(pieces(event.data)));
  source.addEventListener("edit", (event) => {
    const [post] = pieces(event.data);
    const old = post && document.getElementById(post.id);
    if (!old || old.contains(document.activeElement)) return;
    old.replaceWith(post);
    times(post);
  });
  source.addEventListener("gone", (event) => {
    document.getElementById(`post-${event.data}`)?.remove();
    waiting = waiting.filter((post) => post.id !== `post-${event.data}`);
    announce();
  });
  source.addEventListener("notified", (event) => {
    count(event.data);
    if (location.pathname === "/notifications" && event.data !== "0") say(speak("something-new"));
  });
}

function rest() {
  source?.close();
  source = undefined;
  missed = true;
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
addEventListener("pagehide", rest);
addEventListener("pageshow", listen);
addEventListener("scroll", () => waiting.length && scrollY < 2 && atRest() && show(), { passive: true });
listen();
