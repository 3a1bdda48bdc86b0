"""Security keys: Chromium's own authenticators (CDP, WebAuthn) are added, sign in, and are refused elsewhere."""

import base64
import hashlib
import hmac
import re
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from conftest import OUTPUT
from test_web_forms import key

from harness.visitor import visitor

SCREENS = OUTPUT / "screens" / "keys"
SUBMIT = "form[data-key] button[type=submit]"
# What the script of the sign-in page does, with the answer handed to the test instead of sent.
SIGN = """
    const [party, challenge, known, done] = arguments;
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const allowCredentials = [{ type: "public-key", id: bytes(known) }];
    navigator.credentials.get({ publicKey: { rpId: party, challenge: bytes(challenge), allowCredentials } }).then((one) => done({
      credential: text(one.rawId),
      client_data: text(one.response.clientDataJSON),
      authenticator_data: text(one.response.authenticatorData),
      signature: text(one.response.signature),
    }), (error) => done(String(error)));
"""


def code(secret: str) -> str:
    """What an app shows for this key now (RFC 6238)."""
    shared = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(shared, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = digest[19] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def plug_in(she, protocol="ctap2", transport="usb") -> str:
    options = {"protocol": protocol, "transport": transport, "automaticPresenceSimulation": True}
    if transport == "internal":
        options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    she.driver.execute_cdp_cmd("WebAuthn.enable", {})
    return she.driver.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def pull_out(she, authenticator: str) -> None:
    she.driver.execute_cdp_cmd("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})


def set_up_codes(she, person) -> list[str]:
    """Signs in and switches codes on; the recovery codes."""
    she.open("/settings/two_factor")
    she.sign_in(person)
    she.fill("#current_password", person.password)
    she.press("main form button[type=submit]")
    she.fill("#code", code(she.find("code.host").text))
    she.press("main form button[type=submit]")
    she.see("Your recovery codes")
    return [one.text for one in she.all(".codes code")]


def ask(she, person) -> None:
    """As far as the page that asks for the new key."""
    she.open("/settings/security_keys")
    she.fill("#current_password", person.password)
    she.press("main form button[type=submit]")


def add(she, person, name: str) -> None:
    ask(she, person)
    she.fill("#name", name)
    she.press(SUBMIT)
    she.see("Your security key is added.")


def sign_out(she) -> None:
    she.driver.delete_all_cookies()
    she.open("/auth/sign_in")


@pytest.fixture
def other_page():
    """A page of another origin under the same host name: browsers let it ask for keys of that host."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title><main>elsewhere</main>")

        def log_message(self, *_):
            pass

    page = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    yield f"http://localhost:{page.server_address[1]}/"
    page.shutdown()
    page.server_close()


def test_a_key_is_added_signs_in_and_is_removed(server):
    alice = server.person("keeper", token=False)
    with visitor(server, SCREENS / server.engine) as she:
        spare = set_up_codes(she, alice)
        plug_in(she)
        she.open("/settings/security_keys")
        she.look("password")
        she.examine("password")
        ask(she, alice)
        she.look("add")
        she.examine("add")
        she.fill("#name", "Blue key")
        she.press(SUBMIT)
        she.see("Your security key is added.")
        she.see("Blue key")
        she.look("list")
        she.examine("list")
        she.on_a_phone()
        she.in_the("dark")
        she.driver.execute_script("document.getElementById('two-factor-head').scrollIntoView()")
        she.look("list-phone")
        she.examine("list-phone")
        she.on_a_desk()

        # The browser is told of the keys that are there.
        ask(she, alice)
        she.fill("#name", "Once more")
        she.click(SUBMIT)
        she.see("This key was added already.")

        # The key instead of a code, and the code where there are no scripts.
        sign_out(she)
        she.sign_in(alice)
        she.see("Use your security key")
        she.look("second-factor")
        she.examine("second-factor")
        she.press(SUBMIT)
        assert she.where() == "/home"
        she.open("/settings/security")
        she.see("used last")
        she.without_scripts()
        sign_out(she)
        she.sign_in(alice)
        assert not she.find("form[data-key]").is_displayed()
        she.fill("#code", spare[0])
        she.press("form:not([data-key]) button[type=submit]")
        assert she.where() == "/home"
        she.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

        she.open("/settings/security")
        she.press("a[href^='/settings/security_keys/remove']")
        she.examine("remove")
        she.fill("#current_password", alice.password)
        she.press("main form button[type=submit]")
        she.see("The security key is removed.")
        sign_out(she)
        she.sign_in(alice)
        she.see("Enter your code")
        assert not she.all("form[data-key]")
        she.look("code-alone")


def test_old_and_built_in_authenticators_sign_in_too(server):
    alice = server.person("collector", token=False)
    with visitor(server, SCREENS / server.engine) as she:
        set_up_codes(she, alice)
        for protocol, transport in (("u2f", "usb"), ("ctap2", "internal")):
            one = plug_in(she, protocol, transport)
            add(she, alice, f"{protocol} {transport}")
            sign_out(she)
            she.sign_in(alice)
            she.press(SUBMIT)
            assert she.where() == "/home", (protocol, transport)
            pull_out(she, one)
        # Nothing answers: it is said, and the code is still there.
        sign_out(she)
        she.sign_in(alice)
        assert she.find("#code").is_displayed()


def test_a05_an_answer_is_good_once_and_from_our_own_page(server, other_page):
    alice = server.person("careful", token=False)
    with visitor(server, SCREENS / server.engine) as she:
        set_up_codes(she, alice)
        plug_in(she)
        add(she, alice, "Blue key")

        def halfway() -> tuple[requests.Session, str]:
            """Another browser after the right password, and the page that asks for the key."""
            they = requests.Session()
            fields = {"csrf_token": key(they.get(f"{server.base}/auth/sign_in", timeout=10).text)}
            fields |= {"login": alice.email, "password": alice.password}
            page = they.post(f"{server.base}/auth/sign_in", data=fields, timeout=30).text
            return they, page

        def signed(page: str):
            said = [re.search(f'data-{name}="([^"]*)"', page)[1] for name in ("party", "challenge", "known")]
            answer = she.driver.execute_async_script(SIGN, said[0], said[1], said[2].split(":")[0])
            assert isinstance(answer, dict), answer
            return answer

        def send(they, page: str, answer: dict) -> requests.Response:
            fields = {"csrf_token": key(page)} | answer
            url = f"{server.base}/auth/second_factor/key"
            return they.post(url, data=fields, timeout=10, allow_redirects=False)

        # Answers to a question that somebody handed on: the page asks that the browser knows is not ours.
        they, page = halfway()
        she.driver.get(other_page)
        lured = send(they, page, signed(page))
        assert lured.status_code == 422 and "own address" in lured.text, lured.text
        she.open("/about")
        first = signed(lured.text)
        again, second_page = halfway()
        replayed = send(again, second_page, first)
        assert replayed.status_code == 422 and "answered before" in replayed.text, replayed.text
        let_in = send(they, lured.text, first)
        assert (let_in.status_code, let_in.headers["Location"]) == (302, "/home")
        assert send(they, lured.text, first).headers["Location"] == "/auth/sign_in"
        assert they.get(f"{server.base}/settings/security", timeout=10).url.endswith("/settings/security")

        # Under another name of this machine the browser itself refuses, and the page says where to go.
        she.driver.get(f"http://127.0.0.1:{server.port}/auth/sign_in")
        she.sign_in(alice)
        she.click(SUBMIT)
        she.see(f"Keys work under the address {server.base} only.")
