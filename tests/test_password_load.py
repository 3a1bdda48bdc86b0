"""Many people sign in at once: argon2id costs 19 MiB each time, and only two are computed at once (A04)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from bs4 import BeautifulSoup

AT_ONCE = 200


def memory(server) -> int:
    """What `serve` holds now, in MiB."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def test_a04_two_hundred_sign_ins_at_once_cost_bounded_memory_and_others_are_served(fresh_server):
    server = fresh_server.start()
    person = server.person()
    page = requests.get(f"{server.base}/auth/sign_in", timeout=10)
    form = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    fields |= {"login": person.email, "password": "not the password"}
    before, peak, ended = memory(server), [0], threading.Event()

    def watch():
        while not ended.is_set():
            peak[0] = max(peak[0], memory(server))
            time.sleep(0.02)

    def sign_in(_):
        return requests.post(
            f"{server.base}/auth/sign_in", data=fields, cookies=page.cookies, allow_redirects=False, timeout=60
        ).status_code

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(sign_in, range(AT_ONCE))
        served = requests.get(
            f"{server.base}/api/v1/timelines/home", headers={"Authorization": f"Bearer {person.token}"}, timeout=10
        )
        codes = set(answers)
    ended.set()
    watcher.join()
    assert served.status_code == 200
    assert all(400 <= code < 500 for code in codes), f"a wrong password is refused, not {codes}"
    assert peak[0] - before <= 64, f"{before} MiB before, {peak[0]} MiB at most"
    server.stop()
