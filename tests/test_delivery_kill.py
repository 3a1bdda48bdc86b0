"""r06: kill -9 while statuses are delivered and received. Every peer gets every activity, and what
came in took effect exactly once.
"""

import os
import random
import threading
import time

import pytest
import requests
from conftest import ENGINES, keep_log, start_server
from harness.puppets import Puppets
from harness.waiting import eventually

FOLLOWERS = int(os.environ.get("TUSKLING_KILL_FOLLOWERS", "100"))
CYCLES = int(os.environ.get("TUSKLING_KILL_CYCLES", "50")) // 5
POSTS = 10


@pytest.fixture(params=ENGINES)
def house(request, tmp_path):
    server = start_server(request.param, tmp_path / request.param).start()
    yield server
    keep_log(server)
    server.clean_up()


@pytest.fixture
def puppets():
    puppets = Puppets()
    yield puppets
    puppets.close()


def test_r06_every_peer_has_each_activity_and_effects_happen_once(house, puppets):
    alice = house.person("alice")
    headers = {"Authorization": f"Bearer {alice.token}"}
    me = requests.get(f"{house.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=10).json()
    actor, shared = f"{house.base}/users/{alice.name}", f"{house.base}/inbox"
    inboxes = puppets.followers_of(actor, shared, FOLLOWERS)

    def followers():
        account = requests.get(f"{house.base}/api/v1/accounts/{me['id']}", timeout=10).json()
        return account["followers_count"] == FOLLOWERS

    eventually(followers, "all puppets follow", 60)

    posted: list[str] = []
    stop = threading.Event()
    dice = random.Random(7)

    def write():
        """Posts until all are acknowledged, whatever happens to the server meanwhile."""
        for number in range(POSTS):
            key = f"post-{number}"
            while not stop.is_set():
                try:
                    answer = requests.post(
                        f"{house.base}/api/v1/statuses",
                        headers=headers | {"Idempotency-Key": key},
                        json={"status": f"number {number}"},
                        timeout=5,
                    )
                except requests.RequestException:
                    time.sleep(0.02)
                    continue
                if answer.status_code == 200:
                    posted.append(answer.json()["uri"])
                    break

    likes: list[tuple[int, str]] = []

    def like():
        """Every puppet likes the first post; each repeats itself until it is told 202."""
        while not posted and not stop.is_set():
            time.sleep(0.02)
        for number in range(FOLLOWERS):
            activity = puppets.activity(number, "Like", posted[0])
            while not stop.is_set() and puppets.send(number, shared, activity) != 202:
                time.sleep(0.02)
            likes.append((number, activity["id"]))

    threads = [threading.Thread(target=work, daemon=True) for work in (write, like)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(CYCLES):
            time.sleep(dice.uniform(0.1, 0.6))
            house.kill()
            house.start()
        for thread in threads:
            thread.join(120)
        assert len(posted) == POSTS and len(likes) == FOLLOWERS
    finally:
        stop.set()

    def everywhere():
        creates = {(path, activity["object"]["id"]) for path, activity in puppets.bodies if activity["type"] == "Create"}
        return len(creates) == len(inboxes) * POSTS

    eventually(everywhere, "every puppet has every post", 120)
    assert not puppets.refused, puppets.refused[:3]

    def liked():
        status = requests.get(f"{house.base}/api/v1/statuses/{posted[0].rsplit('/', 1)[1]}", timeout=10).json()
        return status["favourites_count"]

    eventually(lambda: liked() == FOLLOWERS, "every like has taken effect", 60)
    people = {
        account["acct"]
        for account in requests.get(
            f"{house.base}/api/v1/statuses/{posted[0].rsplit('/', 1)[1]}/favourited_by?limit=80", timeout=10
        ).json()
    }
    assert len(people) == min(80, FOLLOWERS)
    notes = requests.get(f"{house.base}/api/v1/notifications?types[]=favourite&limit=80", headers=headers, timeout=10).json()
    assert len(notes) == min(80, FOLLOWERS)
    assert liked() == FOLLOWERS, "nothing was counted twice"
