"""A program for arm64 hosts, built by infra/build/arm64, run on this machine by qemu's emulation of the processor.

A build takes many minutes, so that the file is named: TUSKLING_TEST_ARM64=$(infra/build/arm64) tests/scripts/end-to-end tests/test_arm64.py
"""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

from harness.server import free_port, own_environment
from harness.waiting import eventually

PROGRAM = os.environ.get("TUSKLING_TEST_ARM64")
LIBRARIES = "/usr/aarch64-linux-gnu"

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="TUSKLING_TEST_ARM64 names no program (infra/build/arm64 makes one)"),
    pytest.mark.skipif(not shutil.which("qemu-aarch64-static"), reason="needs qemu-user-static"),
]


def command(*arguments: str) -> list[str]:
    return ["qemu-aarch64-static", "-L", LIBRARIES, PROGRAM, *arguments]


def test_it_is_a_program_for_arm64():
    with open(PROGRAM, "rb") as file:
        head = file.read(20)
    assert head[:4] == b"\x7fELF" and head[18] == 0xB7
    said = subprocess.run(command("--version"), capture_output=True, text=True, timeout=120, env=own_environment())
    assert said.returncode == 0 and said.stdout.startswith("tuskling "), said.stderr


def test_it_serves(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(
            command("serve", "--data", str(tmp_path / "data"), "--listen", f"127.0.0.1:{port}"), stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env=own_environment(),
        )
    try:
        eventually(lambda: ready(url), f"it is ready\n{(tmp_path / 'log').read_text()}", 300)
        with urllib.request.urlopen(f"{url}/api/v2/instance", timeout=60) as answer:
            assert json.load(answer)["version"]
    finally:
        server.terminate()
        assert server.wait(60) == 0, (tmp_path / "log").read_text()


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
