"""Push to the browser: the worker shows what is pushed to it, and the server pushes to the session that asked."""

import base64
import json
import re

import pytest
import requests
from conftest import OUTPUT
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from test_push import PushService
from test_web_day import api
from test_web_forms import key, signed_in

from harness.visitor import visitor
from harness.waiting import eventually

SCREENS = OUTPUT / "screens" / "push"


@pytest.fixture
def push_service():
    service = PushService()
    yield service
    service.close()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with one block."""
    extract = hmac.HMAC(salt, hashes.SHA256())
    extract.update(secret)
    expand = hmac.HMAC(extract.finalize(), hashes.SHA256())
    expand.update(info + b"\1")
    return expand.finalize()[:length]


def opened(private, auth: bytes, body: bytes) -> dict:
    """What a browser reads: RFC 8291 around RFC 8188, one record."""
    salt, length = body[:16], body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    mine = point(private)
    secret = hkdf(auth, private.exchange(ec.ECDH(), public), b"WebPush: info\0" + mine + theirs, 32)
    content_key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
    return json.loads(AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1])


def point(private) -> bytes:
    form = serialization.PublicFormat.UncompressedPoint
    return private.public_key().public_bytes(serialization.Encoding.X962, form)


def test_a_session_is_pushed_to_until_it_ends(server, push_service):
    alice, bob = server.person("told"), server.person("teller")
    browser = signed_in(server, alice)
    page = browser.get(f"{server.base}/settings/push", timeout=10).text
    private, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    fields = {
        "csrf_token": key(page), "do": "on", "endpoint": push_service.endpoint, "kind": ["mention", "follow"],
        "policy": "all", "p256dh": base64url(point(private)), "auth": base64url(auth),
    }  # fmt: skip

    def submit(**changed):
        url = f"{server.base}/settings/push"
        return browser.post(url, data=fields | changed, timeout=10, allow_redirects=False)

    for wrong in ({"endpoint": "javascript:alert(1)"}, {"p256dh": "AAAA"}, {"auth": "AAAA"}, {"policy": "odd"}):
        assert submit(**wrong).status_code == 422, wrong
    assert submit().headers["Location"].endswith("?done=on")
    assert "Turn off here" in browser.get(f"{server.base}/settings/push", timeout=10).text

    # What it asked for comes, with the page to open and without any token.
    post = api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{alice.name} look at this"})
    eventually(lambda: push_service.pushes, "a push", 30)
    headers, body = push_service.pushes[0]
    assert {name.lower(): value for name, value in headers.items()}["content-encoding"] == "aes128gcm"
    said = opened(private, auth, body)
    assert said["path"] == f"/@{bob.name}/{post['id']}" and said["access_token"] is None
    assert said["body"] == f"@{alice.name} look at this"
    mine = api(alice, server, "POST", "/api/v1/statuses", json={"status": "hm"})
    api(bob, server, "POST", f"/api/v1/statuses/{mine['id']}/favourite")
    api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{alice.name} again"})
    eventually(lambda: len(push_service.pushes) == 2, "the second mention", 30)
    assert opened(private, auth, push_service.pushes[1][1])["notification_type"] == "mention", "favourites were not asked for"

    # Less is wanted, then nothing; and it ends with the session.
    assert submit(do="change", kind=["follow"]).headers["Location"].endswith("?done=saved")
    page = browser.get(f"{server.base}/settings/push", timeout=10).text
    assert re.findall(r'name="kind" value="([a-z_.]+)" checked', page) == ["follow"]
    assert submit(do="off").headers["Location"].endswith("?done=off")
    assert submit(do="change").status_code == 404
    assert submit().status_code == 302
    browser.post(f"{server.base}/auth/sign_out", data={"csrf_token": key(page)}, timeout=10)
    api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{alice.name} are you there?"})
    told = lambda: len(api(alice, server, "GET", "/api/v1/notifications?types[]=mention")) == 3  # noqa: E731
    eventually(told, "she is notified")
    again = signed_in(server, alice)
    again_fields = {"csrf_token": key(again.get(f"{server.base}/settings/push", timeout=10).text), "do": "off"}
    again.post(f"{server.base}/settings/push", data=again_fields, timeout=10)
    assert len(push_service.pushes) == 2, "who is signed out is not pushed to"


def test_the_worker_shows_what_is_pushed_and_opens_it(server):
    alice, bob = server.person("reader"), server.person("writer")
    post = api(bob, server, "POST", "/api/v1/statuses", json={"status": "Behind a notification."})
    worker = requests.get(f"{server.base}/worker.js", timeout=10)
    assert worker.headers["Content-Type"].startswith("text/javascript") and worker.headers["Cache-Control"] == "no-cache"
    with visitor(server, SCREENS / server.engine) as she:
        she.open("/settings/push")
        she.sign_in(alice)
        she.see("Turn on here")
        she.look("off")
        she.examine("push")
        cdp = she.driver.execute_cdp_cmd
        cdp("Browser.grantPermissions", {"origin": server.base, "permissions": ["notifications"]})
        run = she.driver.execute_async_script
        state = run("""
            const done = arguments[0];
            navigator.serviceWorker.register("/worker.js")
              .then(() => navigator.serviceWorker.ready).then((one) => done([one.scope, one.active.scriptURL]), (e) => done(String(e)));
        """)
        assert state == [f"{server.base}/", f"{server.base}/worker.js"], state
        said = {"title": "writer just posted", "body": "Behind a notification.", "notification_id": 7}
        said["path"] = f"/@{bob.name}/{post['id']}"
        cdp("ServiceWorker.enable", {})
        shown = """
            const done = arguments[0];
            navigator.serviceWorker.ready.then((one) => one.getNotifications())
              .then((all) => done(all.map((one) => [one.title, one.body, one.tag, one.data.path])), (e) => done(String(e)));
        """
        # The first registration of a new profile has the number 0.
        push = {"origin": server.base, "registrationId": "0"}
        expected = [[said["title"], said["body"], "notification-7", said["path"]]]

        def pushed(data: str) -> list:
            # One that comes before the browser has written the registration down is lost.
            cdp("ServiceWorker.deliverPushMessage", push | {"data": data})
            return run(shown)

        eventually(lambda: pushed(json.dumps(said)) == expected, "the worker shows it, once", 30)
        titles = lambda: [one[0] for one in pushed("no JSON")]  # noqa: E731
        eventually(lambda: "Something new" in titles(), "what it cannot read it does not hide", 30)
