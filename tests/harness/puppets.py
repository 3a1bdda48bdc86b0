"""A foreign server of puppets: many actors on one address, driven by the test, that records what it
is sent. Signatures are made and checked by apsig, an implementation that is not ours.
"""

import json
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apsig.draft.sign import Signer
from apsig.draft.verify import Verifier
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
TYPE = "application/activity+json"


class Puppets:
    """The server; puppet `n` is `@pN@127.0.0.1:PORT`."""

    def __init__(self, address: str = "127.0.0.1"):
        self.key = rsa.generate_private_key(65537, 2048)
        self.pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()  # fmt: skip
        # (inbox path, activity type, activity id) → how often
        self.received: Counter = Counter()
        self.bodies: list[tuple[str, dict]] = []
        self.refused: list[str] = []
        self.documents: dict[str, dict] = {}
        self.answer_status = 202
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()
        puppets = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                puppets._get(self)

            def do_POST(self):
                puppets._post(self)

        class Crowd(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Crowd((address, 0), Handler)
        self.host = f"{address}:{self.server.server_port}"
        self.base = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # -- what it is -----------------------------------------------------------------------------

    def actor(self, number: int) -> str:
        return f"{self.base}/users/p{number}"

    def _document(self, number: int) -> dict:
        actor = self.actor(number)
        return {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": actor,
            "type": "Person",
            "preferredUsername": f"p{number}",
            "name": f"Puppet {number}",
            "inbox": f"{actor}/inbox",
            "outbox": f"{actor}/outbox",
            "followers": f"{actor}/followers",
            "url": f"{self.base}/@p{number}",
            "publicKey": {"id": f"{actor}#main-key", "owner": actor, "publicKeyPem": self.pem},
        }

    def _get(self, request) -> None:
        path, _, query = request.path.partition("?")
        kind, document = TYPE, None
        if path == "/.well-known/webfinger":
            name = query.split("acct%3A")[-1].split("acct:")[-1].split("%40")[0].split("@")[0]
            kind = "application/jrd+json"
            document = {
                "subject": f"acct:{name}@{self.host}",
                "links": [{"rel": "self", "type": TYPE, "href": f"{self.base}/users/{name}"}],
            }
        elif path.startswith("/users/p") and path.count("/") == 2:
            document = self._document(int(path.removeprefix("/users/p")))
        elif path in self.documents:
            document = self.documents[path]
        body = json.dumps(document).encode()
        request.send_response(200 if document else 404)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    # -- what it is sent ------------------------------------------------------------------------

    def _post(self, request) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        problem = self._check(request, body)
        status = 401 if problem else self.answer_status
        activity = json.loads(body)
        with self._lock:
            if problem:
                self.refused.append(problem)
            elif status < 300:
                self.received[request.path, activity["type"], activity["id"]] += 1
                self.bodies.append((request.path, activity))
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _check(self, request, body: bytes) -> str | None:
        """What is wrong with the signature, by apsig."""
        try:
            key_id = request.headers["Signature"].split('keyId="')[1].split('"')[0]
            Verifier(self._key(key_id), "POST", self.base + request.path, dict(request.headers), body).verify(
                raise_on_fail=True
            )
        except Exception as error:  # apsig raises many kinds; each is a refusal here
            return f"{type(error).__name__}: {error}"
        return None

    def _key(self, key_id: str) -> str:
        if key_id not in self._keys:
            request = urllib.request.Request(key_id.split("#")[0], headers={"Accept": TYPE})
            with urllib.request.urlopen(request, timeout=10) as answer:
                self._keys[key_id] = json.load(answer)["publicKey"]["publicKeyPem"]
        return self._keys[key_id]

    # -- what it does ---------------------------------------------------------------------------

    def activity(self, number: int, kind: str, target, **more) -> dict:
        return {
            "@context": CONTEXT,
            "id": f"{self.base}/activities/{uuid.uuid4().hex}",
            "type": kind,
            "actor": self.actor(number),
            "object": target,
        } | more

    def signed(self, number: int, inbox: str, activity: dict) -> urllib.request.Request:
        body = json.dumps(activity).encode()
        headers = {"Content-Type": TYPE}
        signer = Signer(headers, self.key, "POST", inbox, f"{self.actor(number)}#main-key", body)
        return urllib.request.Request(inbox, data=body, headers=signer.sign(), method="POST")

    def send(self, number: int, inbox: str, activity: dict) -> int:
        """Posts it; the answer is the status code, 0 when nobody answers."""
        return post(self.signed(number, inbox, activity))

    def followers_of(self, actor: str, inbox: str, count: int) -> list[str]:
        """Has puppets 0 … count-1 follow a local account; the answers are their inboxes."""
        for number in range(count):
            assert self.send(number, inbox, self.activity(number, "Follow", actor)) == 202
        return [f"/users/p{number}/inbox" for number in range(count)]


def post(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
