"""A machine with little memory (R05): `serve` in a memory cgroup of 256 MiB, many large uploads at once."""

import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from harness.pictures import large_file, large_picture

LIMIT = 256 * 1024 * 1024
AT_ONCE = 20


def make_group() -> Path | str:
    """A memory cgroup for the server and what it starts, or why there is none."""
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        base, limit = root, "memory.max"
        if "memory" not in (root / "cgroup.controllers").read_text().split():
            return "the kernel's cgroups have no memory controller here"
        try:
            (root / "cgroup.subtree_control").write_text("+memory")
        except OSError as error:
            return f"the memory controller cannot be handed down: {error}"
    elif (root / "memory").is_dir():
        base, limit = root / "memory", "memory.limit_in_bytes"
    else:
        return "no cgroup file system is mounted"
    group = base / f"tuskling-test-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
        (group / limit).write_text(str(LIMIT))
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        return f"a memory cgroup cannot be made: {error}"
    swap = group / "memory.swap.max"
    if swap.exists():
        swap.write_text("0")
    return group


@pytest.fixture
def small_memory():
    group = make_group()
    if isinstance(group, str):
        print(f"r05: {group}")
        pytest.skip(group)
    yield group
    deadline = time.monotonic() + 10
    while (group / "cgroup.procs").read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    group.rmdir()


def enter(group: Path):
    """Run in the child between fork and exec: whatever it starts is in the group too."""
    return lambda: (group / "cgroup.procs").write_text(str(os.getpid()))


def test_r05_twenty_large_uploads_in_256_mib_end_nobody(fresh_server, small_memory):
    server = fresh_server
    server.before_start = enter(small_memory)
    server.start()
    person = server.person()
    headers = {"Authorization": f"Bearer {person.token}"}
    pictures = large_file(), large_picture()
    assert str(server.process.pid) in (small_memory / "cgroup.procs").read_text().split()

    def upload(number: int) -> requests.Response:
        file = {"file": (f"{number}.png", pictures[number % 2], "image/png")}
        return requests.post(f"{server.base}/api/v2/media", files=file, headers=headers, timeout=120)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(upload, range(AT_ONCE)))
    codes = sorted(answer.status_code for answer in answers)
    assert server.process.poll() is None, f"the server was ended\n{server.log()}"
    refused = [answer for answer in answers if answer.status_code not in (200, 202)]
    assert all(400 <= answer.status_code < 500 or answer.status_code == 503 for answer in refused), codes
    assert all(answer.json()["error"] for answer in refused)
    assert len(refused) < AT_ONCE, "some are taken"
    assert server.peak_memory() <= 200, f"serve held {server.peak_memory()} MiB"
    # Those that were to be asked for again end, one way or the other, and the server is well.
    for answer in answers:
        if answer.status_code == 202:
            ends(server, headers, answer.json()["id"])
    after = upload(AT_ONCE)
    assert after.status_code in (200, 202), after.text
    print(f"answers: {codes}")
    server.stop()


def ends(server, headers, media: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        answer = requests.get(f"{server.base}/api/v1/media/{media}", headers=headers, timeout=20)
        if answer.status_code != 206:
            assert answer.status_code in (200, 404, 422), answer.text
            return
        assert time.monotonic() < deadline, "an upload is never processed"
        time.sleep(0.2)
