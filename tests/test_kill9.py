"""Acknowledged means durable: SIGKILL under write load, start again, everything answered is there.

Half of the cycles run on each engine; TUSKLING_KILL_CYCLES says how many there are in all.
"""

import os
import random
import sqlite3
import threading
import time
import uuid

import pytest
import requests

CYCLES = int(os.environ.get("TUSKLING_KILL_CYCLES", "50"))
WRITERS = 4


class Writer:
    """Posts as fast as it is answered, and keeps what the server acknowledged."""

    def __init__(self, server, person, number: int):
        self.base = server.base
        self.headers = {"Authorization": f"Bearer {person.token}"}
        self.number = number
        self.acknowledged: dict[str, str] = {}
        self.favourited: set[str] = set()
        # The post that was under way when the server died, to be sent again under the same key.
        self.pending: tuple[str, str] | None = None
        self.refusals: list[str] = []

    def post(self, session, text: str, key: str) -> str | None:
        answer = session.post(
            f"{self.base}/api/v1/statuses",
            data={"status": text, "visibility": "unlisted"},
            headers=self.headers | {"Idempotency-Key": key},
            timeout=10,
        )
        if answer.status_code != 200:
            self.refusals.append(f"{answer.status_code} {answer.text[:200]}")
            return None
        return answer.json()["id"]

    def run(self, dying: threading.Event) -> None:
        """Writes until the connection breaks."""
        session = requests.Session()
        try:
            while not dying.is_set():
                if self.pending is None:
                    key = uuid.uuid4().hex
                    self.pending = (f"writer {self.number} {key}", key)
                text, key = self.pending
                made = self.post(session, text, key)
                if made is None:
                    return
                self.acknowledged[made] = text
                self.pending = None
                if len(self.acknowledged) % 3 == 0:
                    url = f"{self.base}/api/v1/statuses/{made}/favourite"
                    if session.post(url, headers=self.headers, timeout=10).status_code == 200:
                        self.favourited.add(made)
        except requests.RequestException:
            pass  # the server is gone, as intended


def load_and_kill(server, writers, luck: random.Random) -> None:
    dying = threading.Event()
    threads = [threading.Thread(target=writer.run, args=(dying,)) for writer in writers]
    for thread in threads:
        thread.start()
    time.sleep(luck.uniform(0.15, 0.4))
    server.kill()
    dying.set()
    for thread in threads:
        thread.join(15)
        assert not thread.is_alive()


def stored_statuses(server, person) -> dict[str, dict]:
    """All posts of the person, read page by page."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {person.token}"
    me = session.get(f"{server.base}/api/v1/accounts/verify_credentials", timeout=10).json()
    found, address = {}, f"{server.base}/api/v1/accounts/{me['id']}/statuses?limit=40"
    while address:
        page = session.get(address, timeout=10)
        found |= {status["id"]: status for status in page.json()}
        address = page.links.get("next", {}).get("url")
    assert me["statuses_count"] == len(found), "the count and the posts were written together"
    return found


def check(server, writers, people) -> None:
    for writer, person in zip(writers, people):
        stored = stored_statuses(server, person)
        missing = set(writer.acknowledged) - set(stored)
        assert not missing, f"{len(missing)} of {len(writer.acknowledged)} acknowledged posts are gone: {sorted(missing)[:5]}"
        lost = [identity for identity in writer.favourited if not stored[identity]["favourited"]]
        assert not lost, f"acknowledged favourites are gone: {lost[:5]}"
        texts = [status["content"] for status in stored.values()]
        assert len(set(texts)) == len(texts), "a retried post was stored twice"


@pytest.mark.long
def test_r01_nothing_acknowledged_is_lost_by_sigkill(fresh_server):
    server = fresh_server
    luck = random.Random(20261123)
    people = [server.person("writer") for _ in range(WRITERS)]
    writers = [Writer(server, person, number) for number, person in enumerate(people)]
    cycles = max(1, CYCLES // 2)
    for cycle in range(cycles):
        server.start()
        if cycle % 5 == 0:
            check(server, writers, people)
        load_and_kill(server, writers, luck)
    server.start()
    for writer in writers:  # what was under way when the server died, once more under the same key
        if writer.pending:
            text, key = writer.pending
            made = writer.post(requests.Session(), text, key)
            assert made, writer.refusals
            writer.acknowledged[made] = text
    check(server, writers, people)
    server.stop()
    refusals = [refusal for writer in writers for refusal in writer.refusals]
    assert not refusals, refusals[:5]
    total = sum(len(writer.acknowledged) for writer in writers)
    assert total > cycles * WRITERS, f"hardly any load: {total} posts in {cycles} cycles"
    print(f"{server.engine}: {cycles} SIGKILLs, {total} acknowledged posts, none lost")
    if server.engine == "sqlite":
        with sqlite3.connect(server.data / "tuskling.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
