"""What happens when the disk is full (R04) or refuses to sync (R03): nothing acknowledged is lost,
the rest goes on, and people are told. SQLite only: PostgreSQL has its own disk."""

import shutil
import signal
import subprocess

import pytest
import requests
from harness import waiting
from harness.server import Server

LARGE = "x" * 480


def post(server: Server, token: str, text: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{server.base}/api/v1/statuses", data={"status": text}, headers=headers, timeout=20)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 MiB with 6 MiB of ballast in it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    (folder / "ballast").write_bytes(b"\0" * 6 * 1024 * 1024)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_r04_a_full_disk_stops_writing_and_nothing_else(small_disk):
    server = Server("sqlite", small_disk)
    server.start()
    try:
        person = server.person()
        kept = []
        while len(kept) < 20_000:
            answer = post(server, person.token, f"{len(kept)} {LARGE}")
            if answer.status_code != 200:
                break
            kept.append(answer.json()["id"])
        assert answer.status_code in (503, 507), answer.text
        assert answer.json()["error"]
        headers = {"Authorization": f"Bearer {person.token}"}
        home = requests.get(f"{server.base}/api/v1/timelines/public?limit=5", headers=headers, timeout=10)
        assert home.status_code == 200 and len(home.json()) == 5, "reading goes on"
        assert requests.get(f"{server.base}/health", timeout=10).status_code == 200
        (small_disk / "ballast").unlink()
        waiting.eventually(lambda: post(server, person.token, "room again").status_code == 200, "writes work without a restart")
        for known in (kept[0], kept[-1]):
            assert requests.get(f"{server.base}/api/v1/statuses/{known}", timeout=10).status_code == 200
    finally:
        server.kill()


def test_r03_a_failed_sync_is_never_acknowledged(tmp_path):
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    server = Server("sqlite", tmp_path)
    server.start()
    person = server.person()
    before = post(server, person.token, "before").json()["id"]
    pid = server.process.pid
    tracer = subprocess.Popen(
        ["strace", "-qq", "-f", "-p", str(pid), "-e", "trace=fsync,fdatasync",
         "-e", "inject=fsync,fdatasync:error=EIO", "-o", str(tmp_path / "trace")],
        stderr=subprocess.PIPE,
    )
    try:
        (refused,) = waiting.eventually(lambda: refused_post(server, person.token), "strace is attached and a post is refused")
        assert refused.status_code == 503 and refused.json()["error"], refused.text
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        # The disk is well again, but this process cannot know what is on it.
        assert post(server, person.token, "after").status_code == 503
        assert requests.get(f"{server.base}/ready", timeout=10).status_code == 503
        assert requests.get(f"{server.base}/api/v1/statuses/{before}", timeout=10).status_code == 200
        server.kill()
        server.start()
        assert post(server, person.token, "after a restart").status_code == 200
        assert requests.get(f"{server.base}/api/v1/statuses/{before}", timeout=10).status_code == 200
    finally:
        if tracer.poll() is None:
            tracer.kill()
        server.clean_up()


def refused_post(server: Server, token: str) -> list[requests.Response]:
    """The answer in a list, because a refusal itself counts as false."""
    answer = post(server, token, "while the disk fails")
    return [answer] if answer.status_code != 200 else []
