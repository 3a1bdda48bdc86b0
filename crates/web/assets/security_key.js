// Security keys and passkeys: has the browser ask for one, and sends the answer with the form.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

function base64url(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The keys that the server named: `id:usb,nfc id:internal`. */
function known(form) {
  return form.dataset.known.split(" ").filter(Boolean).map((one) => {
    const [id, transports] = one.split(":");
    const key = { type: "public-key", id: bytes(id) };
    return transports ? { ...key, transports: transports.split(",") } : key;
  });
}

/** Asks for a new key; the answer is what the form carries. */
async function create(form) {
  const { party, site, handle, account, challenge } = form.dataset;
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { id: party, name: site },
      user: { id: bytes(handle), name: account, displayName: account },
      challenge: bytes(challenge),
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: known(form),
      authenticatorSelection: { residentKey: "discouraged", requireResidentKey: false, userVerification: "discouraged" },
      attestation: "none",
      timeout: 120000,
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  const transports = made.response.getTransports?.() ?? [];
  return { client_data: base64url(clientDataJSON), attestation: base64url(attestationObject), transports: transports.join(",") };
}

/** Asks one of the person's keys to sign; the answer is what the form carries. */
async function get(form) {
  const { party, challenge } = form.dataset;
  const signed = await navigator.credentials.get({
    publicKey: { rpId: party, challenge: bytes(challenge), allowCredentials: known(form), userVerification: "discouraged", timeout: 120000 },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = signed.response;
  return {
    credential: base64url(signed.rawId),
    client_data: base64url(clientDataJSON),
    authenticator_data: base64url(authenticatorData),
    signature: base64url(signature),
    handle: userHandle ? base64url(userHandle) : "",
  };
}

function why(error, words) {
  if (error.name === "InvalidStateError") return words.there;
  if (error.name === "SecurityError") return words.address;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return words.none;
  return words.odd;
}

const form = document.querySelector("form[data-key]");
if (form && window.PublicKeyCredential && navigator.credentials) {
  form.hidden = false;
  form.querySelector("[autofocus]")?.focus();
  const cannot = document.querySelector("[data-cannot]");
  if (cannot) cannot.hidden = true;
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.hidden = true;
    try {
      const answer = await (form.dataset.key === "create" ? create(form) : get(form));
      for (const [name, value] of Object.entries(answer)) form.elements[name].value = value;
      form.submit();
      return;
    } catch (error) {
      said.textContent = why(error, form.dataset);
      said.hidden = false;
    }
    button.disabled = false;
  });
}
