// Notifications on this device: asks the browser for a subscription and tells the server of it.

import { say, send, speak } from "./part.js";

const form = document.querySelector("[data-push]");
const button = form.querySelector("[data-on]");

/** The server's key as browsers want it. */
function bytes(key) {
  const plain = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") {
    throw new Error(speak("push-not-allowed"));
  }
  const worker = await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  const known = await worker.pushManager.getSubscription();
  await known?.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  const { endpoint, keys } = made.toJSON();
  const data = new URLSearchParams(new FormData(form));
  data.set("do", "on");
  data.set("endpoint", endpoint);
  data.set("p256dh", keys.p256dh);
  data.set("auth", keys.auth);
  const answer = await send(form.action, data);
  if (!answer.ok) throw new Error(speak("push-not-taken"));
  location.assign("/settings/push?done=on");
}

if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  button.hidden = false;
  form.querySelector("[data-cannot]").hidden = true;
} else {
  form.querySelector("[data-cannot]").textContent = speak("push-cannot");
}

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    await subscribe();
  } catch (error) {
    const away = error.name === "AbortError" ? speak("push-service-away") : error.message;
    say(away);
    form.querySelector("[data-cannot]").hidden = false;
    form.querySelector("[data-cannot]").textContent = away;
  }
  button.disabled = false;
});
