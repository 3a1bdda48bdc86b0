"""The cache of the edge before a real server: a crowd costs the server nothing, pages stay up while it
is away, and what was deleted is gone."""

import http.client
import http.server
import json
import math
import os
import ssl
import subprocess
import threading
import time
import types
from collections import Counter

import pytest
import requests

from conftest import ENGINES, keep_log, start_server
from harness.edge import NAME, Edge
from harness.pictures import png
from harness.server import binary, own_environment
from harness.waiting import eventually

DOCUMENT = "application/activity+json"
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
SECONDS = 30
REQUESTS = 2_000
CROWD_SECONDS = 10
READERS = 20


class Place:
    """A server behind an edge, with somebody there who has posted."""

    def __init__(self, engine, folders):
        self.server = start_server(engine, folders.mktemp(f"cache-{engine}"))
        self.edge = Edge(self.server)

    def ask(self, path: str, method: str = "GET", **options) -> requests.Response:
        return requests.request(
            method, self.edge.base + path, verify=str(self.edge.certificate), timeout=30, allow_redirects=False, **options
        )

    def cache(self) -> dict:
        return self.edge.status()["cache"]

    def is_open(self) -> bool:
        return "fwd=miss" in self.ask("/nowhere").headers.get("Cache-Status", "")

    def populate(self) -> None:
        self.person = self.server.person("famous")
        token = {"Authorization": f"Bearer {self.person.token}"}
        changed = self.ask(
            "/api/v1/accounts/update_credentials", "PATCH", headers=token, files={"avatar": ("a.png", png(), "image/png")}
        )
        assert changed.status_code == 200, changed.text
        self.avatar = changed.json()["avatar"].removeprefix(self.edge.base)
        posted = self.ask("/api/v1/statuses", "POST", headers=token, json={"status": "read by many"}).json()
        self.post = posted["uri"].removeprefix(self.edge.base)
        self.page = f"/@{self.person.name}/{posted['id']}"
        self.post_id = posted["id"]
        self.token = token

    def variants(self) -> list[tuple[str, str]]:
        finger = f"/.well-known/webfinger?resource=acct:{self.person.name}@{self.server_domain()}"
        return [(self.page, PAGE), (self.page, DOCUMENT), (self.avatar, "image/*"), (finger, "*/*")]

    def server_domain(self) -> str:
        return f"{NAME}:{self.edge.https}"


@pytest.fixture(scope="module", params=ENGINES)
def place(request, tmp_path_factory):
    made = Place(request.param, tmp_path_factory)
    try:
        made.server.start()
        made.edge.start()
        eventually(made.is_open, "the cache is open", SECONDS)
        made.populate()
        yield made
        assert made.edge.peak_memory() <= 64, f"r05: the edge held {made.edge.peak_memory()} MiB"
        made.edge.stop()
        made.server.stop()
    finally:
        made.edge.clean_up()
        keep_log(made.server)
        made.server.clean_up()


class Crowd:
    """Readers that ask for the same few things, evenly over some seconds, each on its own connection."""

    def __init__(self, place: Place, variants: list[tuple[str, str]]):
        self.place = place
        self.variants = variants
        self.statuses: Counter = Counter()
        self.kinds: Counter = Counter()
        self.took: list[float] = []
        self.lock = threading.Lock()

    def run(self) -> None:
        self.begun = time.monotonic()
        readers = [threading.Thread(target=self._read, args=(number,)) for number in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()

    def _read(self, number: int) -> None:
        context = ssl.create_default_context(cafile=str(self.place.edge.certificate))
        connection = http.client.HTTPSConnection(NAME, self.place.edge.https, context=context, timeout=30)
        for turn in range(number, REQUESTS, READERS):
            time.sleep(max(0.0, self.begun + turn * CROWD_SECONDS / REQUESTS - time.monotonic()))
            path, accept = self.variants[turn // READERS % len(self.variants)]
            asked = time.monotonic()
            connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            with self.lock:
                self.took.append(time.monotonic() - asked)
                self.statuses[answer.status] += 1
                self.kinds[(path, accept, answer.headers["Content-Type"].split(";")[0])] += 1
        connection.close()


def test_r10_a_boost_by_a_big_account_costs_the_server_next_to_nothing(place):
    variants = place.variants()
    before = place.edge.status()["origins"][0]["requests"]
    crowd = Crowd(place, variants)
    crowd.run()
    assert crowd.statuses == {200: REQUESTS}, crowd.statuses
    kinds = {(path, accept): kind for path, accept, kind in crowd.kinds}
    assert len(crowd.kinds) == len(variants), f"one form each: {crowd.kinds}"
    assert list(kinds[variant] for variant in variants) == [
        "text/html", DOCUMENT, "image/png", "application/jrd+json",
    ]  # fmt: skip
    took = sorted(crowd.took)
    p95 = took[math.ceil(len(took) * 0.95) - 1]
    assert p95 <= 0.5, f"p95 is {p95 * 1000:.0f} ms"
    # The edge also asks now and then whether the server is ready.
    elapsed = time.monotonic() - crowd.begun
    hits = place.edge.status()["origins"][0]["requests"] - before - math.ceil(elapsed / 5) - 1
    assert hits <= 5 * len(variants), f"{hits} requests for {len(variants)} things"


def test_what_is_deleted_is_gone_from_the_edge(place):
    upload = place.ask("/api/v2/media", "POST", headers=place.token, files={"file": ("b.png", png(color=(9, 9, 9)), "image/png")})
    media = upload.json()
    path = media["url"].removeprefix(place.edge.base)
    eventually(lambda: "hit" in place.ask(path).headers["Cache-Status"], "the file is cached", SECONDS)
    assert place.ask(path, headers={"Range": "bytes=0-7"}).content == b"\x89PNG\r\n\x1a\n"
    posted = place.ask("/api/v1/statuses", "POST", headers=place.token, json={"status": "soon gone", "media_ids": [media["id"]]})
    post = posted.json()
    page = f"/@{place.person.name}/{post['id']}"
    assert place.ask(page, headers={"Accept": PAGE}).status_code == 200
    gone = place.ask(f"/api/v1/statuses/{post['id']}?delete_media=true", "DELETE", headers=place.token)
    assert gone.status_code == 200
    eventually(lambda: place.ask(path).status_code == 404, "the file is gone", SECONDS)
    eventually(lambda: place.ask(page, headers={"Accept": PAGE}).status_code == 404, "its page is gone", SECONDS)
    assert place.cache()["purged"] >= 1


def test_a_person_can_purge_by_hand(place):
    def purge(*arguments: str) -> subprocess.CompletedProcess:
        command = [binary(), "--config", str(place.edge.config), "edge", "purge", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, env=own_environment())

    eventually(lambda: "hit" in place.ask(place.avatar).headers["Cache-Status"], "the file is cached", SECONDS)
    done = purge(place.edge.base + place.avatar)
    assert done.returncode == 0 and "1 cached answers are gone" in done.stdout, done
    assert "fwd=uri-miss" in place.ask(place.avatar).headers["Cache-Status"]
    wrong = purge("not an address")
    assert wrong.returncode == 1 and "https://HOST/PATH" in wrong.stderr
    assert purge("--all").returncode == 0
    assert purge().returncode == 2


def test_documents_of_somebody_are_not_those_of_everybody(place):
    everybody = place.ask(place.post, headers={"Accept": DOCUMENT})
    assert everybody.status_code == 200 and json.loads(everybody.text)["type"] == "Note"
    for credentials in ({"Cookie": "a=b"}, {"Signature": 'keyId="x"'}, place.token):
        answer = place.ask(place.post, headers={"Accept": DOCUMENT} | credentials)
        assert answer.headers["Cache-Status"] == "tuskling; fwd=bypass", credentials


def test_a_page_is_kept_in_each_language(place):
    def ask(wish: str):
        return place.ask("/about", headers={"Accept": PAGE, "Accept-Language": wish})

    wishes = {"de-AT,de;q=0.9,en;q=0.5": "de", "fr": "fr", "en-GB,en": "en"}
    for wish in wishes:
        eventually(lambda: "hit" in ask(wish).headers["Cache-Status"], f"the page for {wish} is cached", SECONDS)
    for _ in range(2):
        for wish, language in wishes.items():
            answer = ask(wish)
            assert f'<html lang="{language}"' in answer.text, f"{wish}: {answer.text[:200]}"
            assert answer.headers["Content-Language"] == language


def test_pages_stay_up_while_the_server_is_away(place):
    """Here for a moment; with deliveries and for longer in test_edge_spool.py."""
    variants = place.variants()
    for path, accept in variants:
        eventually(
            lambda: "hit" in place.ask(path, headers={"Accept": accept}).headers["Cache-Status"], f"{path} is cached", SECONDS
        )
    place.server.kill()
    try:
        for path, accept in variants:
            answer = place.ask(path, headers={"Accept": accept})
            assert answer.status_code == 200 and "hit" in answer.headers["Cache-Status"], path
        assert place.ask("/api/v1/instance").status_code == 503, "what is not cached says so"
    finally:
        place.server.start()
    eventually(lambda: place.ask("/api/v1/instance").status_code == 200, "the server is back", SECONDS)


class Files(http.server.BaseHTTPRequestHandler):
    """An origin of another make: a megabyte for each name, and no word on what is deleted."""

    protocol_version = "HTTP/1.1"
    bodies: dict[str, int] = {}

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.path.encode().ljust(1_000_000, b".")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path.startswith("/media/"):
            self.bodies[self.path] = self.bodies.get(self.path, 0) + 1
            self.send_header("Cache-Control", "public, max-age=3600")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def small_disk(tmp_path):
    """An edge whose data lie on a disk of 24 MiB, before an origin of another make."""
    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    edge = Edge(types.SimpleNamespace(folder=tmp_path, settings={}))
    text = edge.config.read_text()
    text = text.replace(f"link://127.0.0.1:{edge.link}", f"http://127.0.0.1:{origin.server_port}")
    edge.config.write_text(text)
    disk = edge.folder / "edge"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    try:
        edge.start()
        yield edge
        edge.stop()
    finally:
        edge.clean_up()
        origin.shutdown()
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_e10_the_disk_does_not_get_full(small_disk):
    def get(number: int) -> requests.Response:
        path = f"{small_disk.base}/media/{number}"
        answer = requests.get(path, verify=str(small_disk.certificate), timeout=30)
        assert answer.status_code == 200 and answer.content.startswith(f"/media/{number}.".encode())
        return answer

    def used() -> float:
        told = os.statvfs(small_disk.folder / "edge")
        return 1 - told.f_bavail / told.f_blocks

    eventually(lambda: "stored" in get(0).headers["Cache-Status"], "the cache is open", SECONDS)
    most = 0.0
    for number in range(1, 40):
        get(number)
        most = max(most, used())
    assert most <= 0.9, f"{most:.1%} of the disk were used"
    cache = small_disk.status()["cache"]
    assert cache["evicted"] >= 15 and cache["entries"] >= 10, cache
    eventually(lambda: "hit" in get(39).headers["Cache-Status"], "the last one is there", SECONDS)
    # Somebody else fills the disk: the cache makes room.
    with (small_disk.folder / "edge" / "other").open("wb") as other:
        for _ in range(4):
            other.write(bytes(1024 * 1024))
            other.flush()
            eventually(lambda: used() <= 0.9, "the cache has made room", SECONDS)
    assert small_disk.status()["cache"]["entries"] < cache["entries"]
    get(41)
