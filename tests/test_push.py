"""Web Push, read by Mastodon.py as a real client would: the encoding that the apps' relays still use."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from mastodon import Mastodon

from harness.waiting import eventually


class PushService:
    """A push service on loopback that keeps what it is sent."""

    def __init__(self):
        self.pushes = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.pushes.append((dict(self.headers.items()), body))
                self.send_response(201)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}/push/1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def push_service():
    service = PushService()
    yield service
    service.close()


def test_mastodon_py_reads_what_is_pushed_to_it(server, push_service):
    alice, bob = server.person("pushed"), server.person("pusher")
    client = Mastodon(access_token=alice.token, api_base_url=server.base)
    private, public = client.push_subscription_generate_keys()
    client.push_subscription_set(push_service.endpoint, public, mention_events=True)
    headers = {"Authorization": f"Bearer {bob.token}"}
    text = {"status": f"@{alice.name} look at this"}
    answer = requests.post(f"{server.base}/api/v1/statuses", data=text, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    eventually(lambda: push_service.pushes, "a push", 30)
    sent, body = push_service.pushes[0]
    lower = {name.lower(): value for name, value in sent.items()}
    push = client.push_subscription_decrypt_push(body, private, lower["encryption"], lower["crypto-key"])
    assert push.access_token == alice.token
    assert push.notification_type == "mention"
    assert push.body == f"@{alice.name} look at this"
    notification = client.notifications(push.notification_id)
    assert notification.status.id == int(answer.json()["id"]) or str(notification.status.id) == answer.json()["id"]
