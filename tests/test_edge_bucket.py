"""A private bucket behind the edge: its files are shown under `files.`, by the keys of the edge or the role of its instance,
through the same cache as everything, and nothing else of the bucket can be had."""

import hashlib
import hmac
import itertools
import os
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from harness.edge import NAME, make_certificate
from harness.s3 import KEY_ID, ROLE_KEY_ID, SECRET, S3
from harness.server import binary, free_port, own_environment
from harness.waiting import eventually

PICTURE = b"\x89PNG" + bytes(range(256)) * 40
LARGE = os.urandom(3_000_000)


class Place:
    def __init__(self, folder, s3, prefix="/site", keys=True, environment=None):
        self.folder, self.s3 = folder, s3
        self.https, self.metrics = free_port(), free_port()
        self.base = f"https://{NAME}:{self.https}"
        make_certificate(folder / "chain.pem", folder / "key.pem")
        secret = f's3_access_key_id = "{KEY_ID}"\ns3_secret_access_key = "{SECRET}"\n' if keys else ""
        (folder / "edge.toml").write_text(
            f"""[edge]
sites = [{{ names = ["{NAME}"], origins = ["s3://{s3.bucket}{prefix}"], files = ["/"] }}]
http = ["127.0.0.1:{free_port()}"]
https = ["127.0.0.1:{self.https}"]
metrics = "127.0.0.1:{self.metrics}"
certificate = "{folder / 'chain.pem'}"
key = "{folder / 'key.pem'}"
data = "{folder / 'data'}"
s3_endpoint = "{s3.endpoint}"
s3_region = "eu-west-3"
requests_per_second = 0
wait_for_origin = 0
{secret}"""
        )
        with open(folder / "edge.log", "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "--config", str(folder / "edge.toml"), "edge"], stdout=log, stderr=log, env=own_environment() | (environment or {})
            )
        eventually(lambda: self.cache()["problem"] is None, "the cache is open", 30)

    def cache(self) -> dict:
        try:
            status = requests.get(f"http://127.0.0.1:{self.metrics}/status", timeout=5).json()
        except requests.ConnectionError:
            return {"problem": "not there yet"}
        return {"problem": None} | status["cache"]

    def ask(self, path: str, method: str = "GET", **options) -> requests.Response:
        return requests.request(
            method, self.base + path, verify=str(self.folder / "chain.pem"), timeout=30, allow_redirects=False, **options
        )

    def raw(self, text: str) -> bytes:
        context = ssl.create_default_context(cafile=str(self.folder / "chain.pem"))
        with socket.create_connection((NAME, self.https), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=NAME) as secure:
                secure.sendall(text.encode())
                got = b""
                while piece := secure.recv(65536):
                    got += piece
        return got

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def s3():
    s3 = S3("ours")
    s3.objects |= {
        "site/media/a.png": PICTURE, "site/media/large.bin": LARGE, "site/media/ä b+c.png": PICTURE,
        "other/secret": b"not to be seen", "root-secret": b"not to be seen",
    }
    s3.said["site/media/a.png"] = {"Content-Type": "image/png"}
    yield s3
    s3.stop()


@pytest.fixture
def place(s3, tmp_path):
    place = Place(tmp_path, s3)
    yield place
    place.stop()


def hits(answer) -> bool:
    return "hit" in answer.headers["Cache-Status"]


def test_a_file_of_a_private_bucket_is_shown_and_asked_for_once(place, s3):
    first = place.ask("/media/a.png")
    assert first.status_code == 200 and first.content == PICTURE and first.headers["Content-Type"] == "image/png"
    eventually(lambda: hits(place.ask("/media/a.png")), "it is kept")
    asked = len(s3.requests)
    for _ in range(5):
        answer = place.ask("/media/a.png?v=1", headers={"Cookie": "a=b", "Authorization": "Bearer x"})
        assert answer.content == PICTURE and hits(answer)
    assert place.ask("/media/a.png", headers={"Range": "bytes=1-3"}).content == b"PNG"
    assert place.ask("/media/a.png", "HEAD").headers["Content-Length"] == str(len(PICTURE))
    assert place.ask("/media/a.png", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert len(s3.requests) == asked
    assert first.headers["X-Content-Type-Options"] == "nosniff" and "default-src 'none'" in first.headers["Content-Security-Policy"]
    assert not any(name.lower().startswith("x-amz") or value == "of-the-bucket" for name, value in first.headers.items())
    assert all("cookie" not in headers and "Bearer" not in headers["authorization"] for _, _, headers in s3.asked)


def test_a_key_with_odd_letters_is_signed_as_s3_reads_it(place, s3):
    assert place.ask("/media/ä b+c.png").content == PICTURE
    method, path, headers = s3.asked[-1]
    assert (method, path) == ("GET", "/ours/site/media/%C3%A4%20b%2Bc.png")
    assert headers["authorization"].rsplit("Signature=", 1)[1] == signature(method, path, headers)


def signature(method: str, path: str, headers: dict[str, str]) -> str:
    """Signature Version 4, computed here from what arrived."""
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    url = urlsplit(path)
    request = "\n".join((method, url.path, url.query, lines, ";".join(names), headers["x-amz-content-sha256"]))
    time = headers["x-amz-date"]
    scope = f"{time[:8]}/eu-west-3/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def test_e10_nothing_but_the_objects_below_the_prefix_can_be_had(place, s3):
    for path in ("/../other/secret", "/%2e%2e/other/secret", "/media/..%2f..%2fother/secret", "//other/secret", "/media/", "/",
                 "/?list-type=2&prefix=other", "/media/a.png%00", "/other/secret", "/root-secret", "/./media/a.png"):
        got = place.raw(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n")
        assert got.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), (path, got[:80])
        assert b"not to be seen" not in got and b"ListBucket" not in got
    for method in ("PUT", "POST", "DELETE", "PATCH", "OPTIONS"):
        refused = place.ask("/media/a.png", method, data=b"x")
        assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD", method
    got = place.raw(
        f"GET /api/v1/streaming HTTP/1.1\r\nHost: {NAME}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET /ours/other/secret HTTP/1.1\r\n"
        f"Host: {NAME}\r\nConnection: close\r\n\r\n"
    )
    assert b"101" not in got.split(b"\r\n", 1)[0] and b"not to be seen" not in got
    assert {method for method, _, _ in s3.requests} <= {"GET", "HEAD"}
    assert all(path.startswith("/ours/site/") and "?" not in path for _, path, _ in s3.asked)
    assert set(s3.objects) >= {"site/media/a.png", "other/secret"}


def test_e09_many_share_one_request_and_a_large_file_comes_in_parts(place, s3):
    s3.delay = 0.2
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: place.ask("/media/large.bin").content, range(40)))
    assert all(answer == LARGE for answer in answers)
    assert len(s3.requests) <= 2
    s3.delay = 0
    eventually(lambda: hits(place.ask("/media/large.bin")), "it is kept")
    part = place.ask("/media/large.bin", headers={"Range": "bytes=2999990-"})
    assert part.status_code == 206 and part.content == LARGE[-10:]
    assert len(s3.requests) <= 2


def test_e09_what_is_kept_is_shown_while_the_bucket_is_away_and_gone_when_it_says_so(place, s3):
    s3.said["site/media/a.png"] = {"Content-Type": "image/png", "Cache-Control": "public, max-age=1"}
    place.ask("/media/a.png")
    eventually(lambda: hits(place.ask("/media/a.png")), "it is kept")
    s3.fail = lambda method, key, number: 503
    eventually(lambda: place.cache()["stale"] > 0 or not place.ask("/media/a.png").content, "it is too old", 20)
    assert place.ask("/media/a.png").content == PICTURE
    assert place.ask("/media/large.bin").status_code == 502, "what is not here cannot be shown"
    s3.fail = lambda method, key, number: None
    # Asked about with its tag, it costs nothing.
    eventually(lambda: any("if-none-match" in headers for _, _, headers in s3.asked), "it is asked about")
    del s3.objects["site/media/a.png"]
    eventually(lambda: place.ask("/media/a.png").status_code == 404, "it is gone", 20)
    s3.objects["site/media/a.png"] = PICTURE
    eventually(lambda: place.ask("/media/a.png").status_code == 200, "it is back", 30)


def test_the_role_of_the_instance_is_enough_and_without_it_nothing_is_made_up(s3, tmp_path):
    for name, endpoint in (("role", s3.endpoint), ("none", f"http://127.0.0.1:{free_port()}")):
        folder = tmp_path / name
        folder.mkdir()
        place = Place(folder, s3, keys=False, environment={"AWS_METADATA_ENDPOINT": endpoint})
        try:
            answer = place.ask("/media/a.png")
            if name == "role":
                assert answer.content == PICTURE
                assert {who for _, _, who in s3.requests} == {ROLE_KEY_ID}
                assert s3.asked[-1][2]["x-amz-security-token"] == "role-token"
            else:
                assert answer.status_code == 502
        finally:
            place.stop()


def test_wrong_keys_are_no_reason_to_say_that_a_file_is_not_there(s3, tmp_path):
    s3.objects |= {"media/a.png": PICTURE}
    place = Place(tmp_path, s3, prefix="")
    try:
        assert place.ask("/media/a.png").content == PICTURE
        settings = tmp_path / "edge.toml"
        settings.write_text(settings.read_text().replace(KEY_ID, "AKIAWRONG"))
        place.process.send_signal(1)
        # Each time another one: that a file is missing is remembered for a while.
        names = (f"/media/{number}.bin" for number in itertools.count())
        eventually(lambda: place.ask(next(names)).status_code == 502, "the new keys are used", 20)
    finally:
        place.stop()


def test_a_bucket_stands_alone(tmp_path):
    (tmp_path / "edge.toml").write_text('[edge]\ndomain = "a.test"\norigins = ["s3://a", "http://127.0.0.1:1"]\n')
    done = subprocess.run(
        [binary(), "--config", str(tmp_path / "edge.toml"), "config", "check"], capture_output=True, text=True, timeout=20, env=own_environment()
    )
    assert done.returncode != 0 and "stands alone" in done.stderr
