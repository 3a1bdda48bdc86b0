// Writing with comfort: how many characters are left, a draft that survives, uploads with progress,
// posting without leaving the page.

import { pieces, say, send, speak, times } from "./part.js";
import { suggest } from "./suggest.js";
import { dress } from "./attach.js";
import { ownTimes } from "./when.js";

const LINK = /https?:\/\/[^\s<>"]+/g;
const HANDLE = /(^|[^\p{L}\p{N}_/@])@([\p{L}\p{N}_]+)@[\p{L}\p{N}.-]+\p{L}/gu;
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Characters as the server counts them: a link is 23, a far handle only its name. */
function lengthOf(text, warning) {
  const plain = (warning + text.replace(LINK, "x".repeat(23))).replace(HANDLE, "$1@$2");
  return [...letters.segment(plain)].length;
}

function draftName(form) {
  return `draft-${form.dataset.compose}`;
}

/** Storage may be switched off; then there are no drafts. */
function storage(deed) {
  try {
    return deed(localStorage);
  } catch {
    return null;
  }
}

function begin(form) {
  const text = form.querySelector("textarea[name=text]");
  const warning = form.querySelector("[name=warning]");
  const first = text.value;
  const kept = storage((store) => JSON.parse(store.getItem(draftName(form)) ?? "null"));
  if (kept && !form.querySelector("[aria-invalid]") && kept.text !== text.value) {
    text.value = kept.text;
    warning.value = kept.warning || warning.value;
    if (kept.warning) form.querySelector(".extras").open = true;
    offerToDrop(form, text, first);
  }
  const keep = () => {
    count(form, text, warning);
    grow(text);
    storage((store) => {
      const same = text.value.trim() === first.trim() && !warning.value;
      if (same || !text.value.trim()) store.removeItem(draftName(form));
      else store.setItem(draftName(form), JSON.stringify({ text: text.value, warning: warning.value }));
    });
  };
  form.addEventListener("input", keep);
  count(form, text, warning);
  grow(text);
  suggest(text);
  dress(form.querySelector("[data-attachments]"));
  form.querySelector("[data-media]")?.addEventListener("change", (event) => upload(form, event.target.files, event.target));
  text.addEventListener("paste", (event) => event.clipboardData?.files.length && upload(form, event.clipboardData.files));
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    upload(form, event.dataTransfer.files);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("button[value=post]"));
  });
}

function offerToDrop(form, text, first) {
  const line = document.createElement("p");
  line.className = "quiet draft-note";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = speak("discard");
  line.append(speak("draft-is-back"), " ", button);
  form.querySelector(".send").before(line);
  button.addEventListener("click", () => {
    text.value = first;
    line.remove();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}

function count(form, text, warning) {
  const left = Number(form.dataset.longest) - lengthOf(text.value.trimEnd(), warning.value);
  const shown = form.querySelector("[data-left]");
  shown.textContent = String(left);
  shown.parentElement.classList.toggle("over", left < 0);
}

function grow(text) {
  text.rows = Math.min(18, Math.max(3, text.value.split("\n").length + Math.floor(text.value.length / 64)));
}

function upload(form, files, input) {
  const list = form.querySelector("[data-attachments]");
  form.querySelector(".extras").open = true;
  for (const file of files) uploadOne(form, list, file);
  if (input) input.value = "";
}

/** XMLHttpRequest, because fetch tells nothing of how far an upload is. */
function uploadOne(form, list, file) {
  const line = document.createElement("li");
  line.className = "uploading";
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", speak("uploading", { name: file.name }));
  line.append(file.name, bar);
  list.append(line);
  const data = new FormData();
  data.set("csrf_token", form.elements.csrf_token.value);
  data.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", "/compose/media");
  request.setRequestHeader("X-Tuskling-Part", "1");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
    if (event.loaded === event.total) bar.removeAttribute("value");
  });
  request.addEventListener("load", () => {
    if (request.status === 200) {
      const [fresh] = pieces(`<ul>${request.responseText}</ul>`);
      const item = fresh.firstElementChild;
      line.replaceWith(item);
      dress(list);
      item.querySelector("textarea").focus();
    } else {
      line.remove();
      say([401, 422].includes(request.status) ? request.responseText : speak("not-uploaded", { name: file.name }));
    }
  });
  request.addEventListener("error", () => {
    line.remove();
    say(speak("not-uploaded-no-server", { name: file.name }));
  });
  request.send(data);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-compose]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  if (form.querySelector(".uploading")) {
    say(speak("file-on-its-way"));
    return;
  }
  form.dataset.busy = "1";
  const button = event.submitter ?? form.querySelector("button[value=post]");
  button.disabled = true;
  try {
    const data = new FormData(form);
    data.set("do", "post");
    const answer = await send(form.action, data);
    const html = await answer.text();
    if (answer.status === 201) posted(form, html);
    else if (answer.status === 202) {
      storage((store) => store.removeItem(draftName(form)));
      location.assign(html);
    }
    else if (answer.status === 422) refused(form, html);
    else throw new Error(speak("text-is-still-here"));
  } catch (error) {
    say(error.message);
  }
  button.disabled = false;
  delete form.dataset.busy;
});

function posted(form, html) {
  storage((store) => store.removeItem(draftName(form)));
  const [post] = pieces(html);
  const list = document.querySelector(form.elements.reply_to ? "[data-replies]" : "[data-stream=home]");
  const here = list && new URL(form.elements.back.value, location.href).pathname === location.pathname;
  if (!here) {
    location.assign(`${form.elements.back.value}#${post.id}`);
    return;
  }
  document.querySelector("[data-nothing]")?.remove();
  if (!document.getElementById(post.id)) {
    post.classList.add("arrived");
    if (form.elements.reply_to) list.append(post);
    else list.prepend(post);
    times(post);
  }
  form.reset();
  form.querySelector("[data-attachments]").replaceChildren();
  form.querySelector(".extras").open = false;
  form.querySelector(".draft-note")?.remove();
  for (const wrong of form.querySelectorAll(".error")) wrong.remove();
  form.querySelector("[name=key]").value = crypto.randomUUID?.() ?? String(Math.random());
  form.dispatchEvent(new Event("input"));
  say(speak("posted"));
  post.focus({ preventScroll: true });
}

function refused(form, html) {
  const [fresh] = pieces(html);
  form.replaceWith(fresh);
  ownTimes(fresh);
  begin(fresh);
  (fresh.querySelector("[aria-invalid]") ?? fresh.querySelector("textarea")).focus();
}

for (const form of document.querySelectorAll("[data-compose]")) begin(form);
