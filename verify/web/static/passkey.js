// Talks to a passkey for the pages that offer one; without this script they offer a mail instead.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const members = await answer.json();
  if (answer.ok) return members;
  if (members.code === "sign-in-again") location.assign("/sign-in?next=/account&again=1");
  throw new Error(members.detail);
}

// The members of an answer that the server reads (WebAuthn Level 3, §5.1), buffers as base64url.
function spelled(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

async function signIn(place) {
  const options = await post("/sign-in/passkey/options", {});
  options.challenge = bytes(options.challenge);
  const credential = await navigator.credentials.get({ publicKey: options });
  return post("/sign-in/passkey", { response: spelled(credential), next: place.dataset.next });
}

async function register(place) {
  const csrf = place.dataset.csrf;
  const options = await post("/account/passkeys/options", { csrf });
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials) known.id = bytes(known.id);
  const credential = await navigator.credentials.create({ publicKey: options });
  const name = place.querySelector("input").value;
  return post("/account/passkeys", { response: spelled(credential), name, csrf });
}

for (const place of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const [button, fault] = [place.querySelector("button"), place.querySelector(".fault")];
  place.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    fault.hidden = true;
    try {
      location.assign((await (place.dataset.passkey === "register" ? register : signIn)(place)).next);
    } catch (error) {
      const ours = !(error instanceof DOMException);
      fault.textContent = ours ? error.message : "That did not work, or it was stopped. You can try again.";
      fault.hidden = false;
      button.disabled = false;
    }
  });
}
