// Small comforts for pages that work without them: local times, copying, showing a password.
"use strict";

for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const full = { dateStyle: "long", timeStyle: "short" };
  const shown = time.dataset.local === "day" ? { dateStyle: "medium" } : full;
  time.title = moment.toLocaleString(undefined, full);
  time.textContent = moment.toLocaleString(undefined, shown);
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  if (!input) continue;
  button.hidden = false;
  button.setAttribute("aria-controls", input.id);
  button.setAttribute("aria-label", "Show what is typed");
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
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
    button.textContent = "Copied";
    button.setAttribute("aria-live", "polite");
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
}
