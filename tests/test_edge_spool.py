"""The server behind an edge is away, and others go on: what they send is taken by the edge, survives its
death, and arrives in order when the server is back; what everybody may see stays up meanwhile.

TUSKLING_OUTAGE_SECONDS says how long the server is away under traffic."""

import email.utils
import json
import os
import socket
import time
import urllib.request

import pytest
import requests
from apsig.draft.sign import Signer
from mastodon import Mastodon

from conftest import ENGINES, keep_log, start_server
from harness.edge import Edge
from harness.pictures import png
from harness.puppets import TYPE, Puppets, post
from harness.waiting import eventually

SECONDS = 30
OUTAGE = float(os.environ.get("TUSKLING_OUTAGE_SECONDS", "20"))
POSTS = 20
TWO_DAYS = 2 * 24 * 3600


class Neighbours:
    """One server behind an edge, and one that stands alone."""

    def __init__(self, engine, folders):
        self.behind = start_server(engine, folders.mktemp(f"spool-{engine}-behind"))
        self.edge = Edge(self.behind)
        trust = {"SSL_CERT_FILE": str(self.edge.certificate)}
        self.other = start_server(engine, folders.mktemp(f"spool-{engine}-other"), trust)

    def spool(self) -> dict:
        return self.edge.status()["spool"]

    def waits(self, count: int) -> None:
        eventually(lambda: self.spool()["entries"] >= count, f"{count} deliveries wait", SECONDS)

    def is_empty(self) -> None:
        eventually(lambda: self.spool()["entries"] == 0, "everything was handed over", SECONDS)

    def restart_edge_by_kill_9(self) -> None:
        self.edge.process.kill()
        self.edge.process.wait()
        self.edge.process = self.edge.launch()
        eventually(self._edge_answers, "the edge is there again", SECONDS)

    def _edge_answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.edge.https), timeout=5).close()
            return True
        except ConnectionError:
            return False


@pytest.fixture(scope="module", params=ENGINES)
def neighbours(request, tmp_path_factory):
    made = Neighbours(request.param, tmp_path_factory)
    try:
        made.behind.start()
        made.edge.start()
        made.other.start()
        yield made
        made.edge.stop()
        made.other.stop()
        made.behind.stop()
    finally:
        made.edge.clean_up()
        for server in (made.behind, made.other):
            keep_log(server)
            server.clean_up()


def test_what_others_send_while_the_server_is_away_arrives_in_order(neighbours, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(neighbours.edge.certificate))
    reader, author = neighbours.behind.person("reader"), neighbours.other.person("author")
    home = Mastodon(access_token=reader.token, api_base_url=neighbours.edge.base)
    there = Mastodon(access_token=author.token, api_base_url=neighbours.other.base)
    found = home.account_search(f"@{author.name}@{neighbours.other.domain}", resolve=True)[0]
    home.account_follow(found)
    eventually(lambda: home.account_relationships(found)[0].following, "the follow is accepted", SECONDS)
    before = neighbours.spool()

    neighbours.behind.kill()
    posts = []
    for number in range(4):
        posts.append(there.status_post(f"number {number}"))
        # One after the other: a sender may send at once what it has at once.
        neighbours.waits(number + 1)
    neighbours.restart_edge_by_kill_9()
    assert neighbours.spool()["entries"] == 4, "what was answered with 202 is there after kill -9"
    # Only in this order does this end well.
    there.status_update(posts[1], "number 1, edited")
    neighbours.waits(5)
    there.status_delete(posts[2])
    neighbours.waits(6)
    spool = neighbours.spool()
    assert spool["bytes"] > 0 and spool["senders"] == 1 and spool["oldest_seconds"] >= 0
    metrics = requests.get(f"http://127.0.0.1:{neighbours.edge.metrics}/metrics", timeout=5).text
    assert "tuskling_edge_spool_entries 6\n" in metrics
    assert there.account(there.me().id).statuses_count == 3

    neighbours.behind.start()
    neighbours.is_empty()
    spool = neighbours.spool()
    assert (spool["replayed"], spool["refused"], spool["outdated"]) == (6, 0, 0), spool
    expected = ["number 3", "number 1, edited", "number 0"]

    def shown() -> list[str]:
        return [status.content.removeprefix("<p>").removesuffix("</p>") for status in home.timeline_home()]

    waits_for(shown, expected)
    # The other server never had to try again, and now speaks to this one directly.
    kept = spool["kept"]
    there.status_post("straight through")
    waits_for(shown, ["straight through", *expected])
    assert neighbours.spool()["kept"] == kept
    assert before["kept"] == 0


def seen_by_all(neighbours, person, post) -> list[tuple[str, str]]:
    """What everybody may see of somebody: path and form."""
    base, document = neighbours.edge.base, "application/activity+json"
    domain = base.removeprefix("https://")
    account = post.account
    return [
        (f"/@{person.name}", "text/html"),
        (f"/@{person.name}/{post.id}", "text/html"),
        (f"/users/{person.name}", document),
        (post.uri.removeprefix(base), document),
        (account.avatar.removeprefix(base), "image/*"),
        (f"/.well-known/webfinger?resource=acct:{person.name}@{domain}", "*/*"),
        ("/.well-known/nodeinfo", "*/*"),
        ("/nodeinfo/2.0", "*/*"),
        ("/about", "text/html"),
    ]


def test_the_name_stays_alive_while_the_server_is_away(neighbours, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(neighbours.edge.certificate))
    reader, author = neighbours.behind.person("host"), neighbours.other.person("writer")
    home = Mastodon(access_token=reader.token, api_base_url=neighbours.edge.base)
    there = Mastodon(access_token=author.token, api_base_url=neighbours.other.base)
    home.account_update_credentials(avatar=png(), avatar_mime_type="image/png")
    found = home.account_search(f"@{author.name}@{neighbours.other.domain}", resolve=True)[0]
    home.account_follow(found)
    eventually(lambda: home.account_relationships(found)[0].following, "the follow is accepted", SECONDS)
    seen = seen_by_all(neighbours, reader, home.status_post("seen by all"))
    shown_at_first = {}

    def ask(path: str, accept: str) -> requests.Response:
        return requests.get(neighbours.edge.base + path, headers={"Accept": accept}, timeout=10)

    def is_cached(path: str, accept: str) -> bool:
        answer = ask(path, accept)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return "hit" in answer.headers.get("Cache-Status", "")

    for path, accept in seen:
        eventually(lambda: is_cached(path, accept), f"{path} is cached", SECONDS)
    kept = neighbours.spool()["kept"]

    neighbours.behind.kill()
    begun = time.monotonic()
    slowest = 0.0
    for number in range(POSTS):
        there.status_post(f"post {number}")
        # One after the other: a sender may send at once what it has at once.
        neighbours.waits(number + 1)
        while True:
            for path, accept in seen:
                asked = time.monotonic()
                answer = ask(path, accept)
                slowest = max(slowest, time.monotonic() - asked)
                assert answer.status_code == 200, f"{path} is {answer.status_code} after {asked - begun:.0f} s"
                assert answer.content == shown_at_first.setdefault((path, accept), answer.content), path
            if time.monotonic() - begun >= OUTAGE * (number + 1) / POSTS:
                break
            time.sleep(0.2)
    assert slowest <= 5, f"somebody waited for {slowest:.1f} s"
    assert neighbours.spool()["kept"] == kept + POSTS
    cache = neighbours.edge.status()["cache"]
    assert cache["stale"] > 0 and cache["hits"] > cache["stale"], cache

    neighbours.behind.start()
    neighbours.is_empty()
    expected = [f"post {number}" for number in reversed(range(POSTS))]

    def shown() -> list[str]:
        posts = home.timeline_home(limit=40)
        texts = [status.content.removeprefix("<p>").removesuffix("</p>") for status in posts]
        return [text for text in texts if text.startswith("post ")]

    waits_for(shown, expected)


def waits_for(shown, expected: list[str]) -> None:
    """The posts are there, in order and once each."""
    deadline = time.monotonic() + SECONDS
    while shown() != expected:
        assert time.monotonic() < deadline, f"{shown()} instead of {expected}"
        time.sleep(0.05)


def old_delivery(puppets: Puppets, inbox: str, address: str) -> urllib.request.Request:
    """Signed two days ago, by somebody who says that it was received then."""
    made = time.time() - TWO_DAYS
    activity = puppets.activity(1, "Like", inbox.removesuffix("/inbox"))
    body = json.dumps(activity).encode()
    headers = {"Content-Type": TYPE, "Date": email.utils.formatdate(made, usegmt=True)}
    signer = Signer(headers, puppets.key, "POST", inbox, f"{puppets.actor(1)}#main-key", body)
    claimed = {"X-Tuskling-Received-At": str(int(made * 1000))}
    return urllib.request.Request(address, data=body, headers=signer.sign() | claimed, method="POST")


def test_f07_nobody_makes_an_old_signature_count_by_naming_a_time_of_receipt(neighbours, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(neighbours.edge.certificate))
    puppets = Puppets()
    try:
        person = neighbours.behind.person("alice", token=False)
        path = f"/users/{person.name}/inbox"
        inbox = neighbours.edge.base + path
        fresh = puppets.activity(1, "Follow", inbox.removesuffix("/inbox"))
        assert post(puppets.signed(1, inbox, fresh)) == 202, "by the server itself"
        assert post(old_delivery(puppets, inbox, inbox)) == 401, "through the edge"
        directly = f"http://127.0.0.1:{neighbours.behind.port}{path}"
        request = old_delivery(puppets, inbox, directly)
        request.add_header("Host", inbox.split("/")[2])
        assert post(request) == 401, "to the server"
        refused = neighbours.spool()["refused"]
        neighbours.behind.kill()
        assert post(old_delivery(puppets, inbox, inbox)) == 202, "kept: nobody has looked at it yet"
        neighbours.behind.start()
        eventually(lambda: neighbours.spool()["refused"] == refused + 1, "the server refuses it", SECONDS)
        neighbours.is_empty()
    finally:
        puppets.close()
