// Small comforts for pages that work without them: local times, copying, showing a password.
"use strict";

// The page's language, as the reader's region writes it.
const page = document.documentElement.lang;
const writing = navigator.languages.find((one) => one.split("-")[0] === page) ?? page;

for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const full = { dateStyle: "long", timeStyle: "short" };
  const shown = time.dataset.local === "day" ? { dateStyle: "medium" } : full;
  time.title = moment.toLocaleString(writing, full);
  time.textContent = moment.toLocaleString(writing, shown);
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  if (!input) continue;
  button.hidden = false;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
    button.setAttribute("aria-pressed", String(shown));
  });
  // A shown password must not be kept among the browser's text suggestions.
  input.form?.addEventListener("submit", () => {
    input.type = "password";
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const input = document.getElementById(button.dataset.copy);
  if (!input || !navigator.clipboard) continue;
  button.hidden = false;
  input.addEventListener("focus", () => input.select());
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(input.value);
    if (button.dataset.done) return;
    button.dataset.done = "1";
    const usual = button.textContent;
    button.textContent = button.dataset.other;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => {
      button.textContent = usual;
      delete button.dataset.done;
    }, 2000);
  });
}
