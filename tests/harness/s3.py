"""An S3 of the test's own on loopback: whole objects in memory, and moods: slow, failing, lying, stingy.

It knows the few requests that backups make. Who asks is told by the key id in the signature; the
signature itself is not computed. It also plays the address at which a machine on AWS asks for its role.
"""

import hashlib
import json
import threading
import time
import urllib.parse
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

KEY_ID, SECRET = "AKIATEST", "secret-of-the-test"
ROLE_KEY_ID = "ASIAROLE"
PAGE = 100


class S3:
    """One bucket, and how it behaves at the moment."""

    def __init__(self, bucket: str = "backups"):
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str]] = []
        # The same, word for word: method, what stands behind it, headers.
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        # What is said of an object besides its bytes.
        self.said: dict[str, dict[str, str]] = {}
        self.lock = threading.Lock()
        # Moods: what is done before or instead of an answer to (method, key).
        self.delay = 0.0
        self.fail = lambda method, key, number: None
        self.swallow = lambda key: False
        self.may_delete = True
        handler = type("Handler", (Handler,), {"s3": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        self.endpoint = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def settings(self, prefix: str = "site/one") -> dict[str, str]:
        return {
            "TUSKLING_BACKUP_REPOSITORY": f"s3://{self.bucket}/{prefix}",
            "TUSKLING_BACKUP_S3_ENDPOINT": self.endpoint,
            "TUSKLING_BACKUP_S3_ACCESS_KEY_ID": KEY_ID,
            "TUSKLING_BACKUP_S3_SECRET_ACCESS_KEY": SECRET,
        }

    def names(self, part: str) -> list[str]:
        return sorted(key for key in self.objects if f"/{part}/" in key)


def unwrapped(body: bytes) -> bytes:
    """The bytes within a body that is signed piece by piece, as restic sends it over plain http."""
    parts, rest = [], body
    while rest:
        head, _, rest = rest.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            break
        parts.append(rest[:size])
        rest = rest[size + 2 :]
    return b"".join(parts)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    s3: S3

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    do_HEAD = do_PUT = do_DELETE = do_POST = do_GET

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
            body = unwrapped(body)
        url = urllib.parse.urlsplit(self.path)
        if url.path.startswith("/latest/"):
            return self.metadata(url.path)
        signature = self.headers.get("Authorization", "")
        who = signature.split("Credential=")[-1].split("/")[0] if "Credential=" in signature else ""
        path = urllib.parse.unquote(url.path).lstrip("/")
        bucket, _, key = path.partition("/")
        with self.s3.lock:
            self.s3.requests.append((self.command, key, who))
            self.s3.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            number = len(self.s3.requests)
        time.sleep(self.s3.delay)
        status = self.s3.fail(self.command, key, number)
        if status:
            return self.error(status, "SlowDown" if status == 503 else "InternalError")
        if who not in (KEY_ID, ROLE_KEY_ID):
            return self.error(403, "InvalidAccessKeyId")
        if bucket != self.s3.bucket:
            return self.error(404, "NoSuchBucket")
        if self.command == "GET" and not key:
            return self.list(dict(urllib.parse.parse_qsl(url.query)))
        if self.command == "PUT":
            return self.put(key, body)
        if self.command == "DELETE":
            if not self.s3.may_delete and "/locks/" not in key:
                return self.error(403, "AccessDenied")
            self.s3.objects.pop(key, None)
            return self.send(204, b"")
        if self.command in ("GET", "HEAD"):
            return self.get(key)
        return self.error(405, "MethodNotAllowed")

    def put(self, key: str, body: bytes) -> None:
        claimed = self.headers.get("x-amz-checksum-sha256")
        if claimed and claimed != b64encode(hashlib.sha256(body).digest()).decode():
            return self.error(400, "BadDigest")
        if not self.s3.swallow(key):
            self.s3.objects[key] = body
        self.send(200, b"", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def get(self, key: str) -> None:
        body = self.s3.objects.get(key)
        if body is None:
            return self.error(404, "NoSuchKey")
        headers = {"ETag": f'"{hashlib.md5(body).hexdigest()}"', "Last-Modified": "Wed, 25 Nov 2026 18:00:00 GMT"}
        headers |= self.s3.said.get(key, {}) | {"x-amz-request-id": "of-the-bucket"}
        if self.headers.get("If-None-Match") == headers["ETag"]:
            return self.send(304, b"", headers)
        asked = self.headers.get("Range")
        if asked and asked.startswith("bytes="):
            first, _, last = asked[6:].partition("-")
            first, last = int(first), min(int(last or len(body) - 1), len(body) - 1)
            if first >= len(body):
                return self.error(416, "InvalidRange")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            return self.send(206, body[first : last + 1], headers)
        self.send(200, body, headers)

    def list(self, query: dict[str, str]) -> None:
        prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
        keys = sorted(key for key in list(self.s3.objects) if key.startswith(prefix) and key > after)
        page, more = keys[:PAGE], len(keys) > PAGE
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-25T18:00:00.000Z</LastModified>"
            f"<ETag>x</ETag><Size>{len(self.s3.objects[key])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        text = (
            f'<?xml version="1.0"?><ListBucketResult><Name>{self.s3.bucket}</Name><Prefix>{escape(prefix)}</Prefix>'
            f"<KeyCount>{len(page)}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}</ListBucketResult>"
        )
        self.send(200, text.encode(), {"Content-Type": "application/xml"})

    def metadata(self, path: str) -> None:
        """The address of AWS machines, by which a role gives its credentials."""
        if self.command == "PUT" and path == "/latest/api/token":
            return self.send(200, b"token")
        if path == "/latest/meta-data/iam/security-credentials/":
            return self.send(200, b"tuskling-app")
        credentials = {
            "AccessKeyId": ROLE_KEY_ID,
            "SecretAccessKey": "role-secret",
            "Token": "role-token",
            "Expiration": "2036-01-01T00:00:00Z",
            "Code": "Success",
        }
        self.send(200, json.dumps(credentials).encode(), {"Content-Type": "application/json"})

    def error(self, status: int, code: str) -> None:
        self.send(status, f"<Error><Code>{code}</Code><Message>said the test</Message></Error>".encode())

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass
