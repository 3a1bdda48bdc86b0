"""Network namespaces joined by cables, made by a test and removed by it. Needs root."""

import os
import shutil
import subprocess
import uuid

import pytest


def require() -> None:
    """Skips the test with the reason where namespaces cannot be made."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make network namespaces")
    missing = [program for program in ("ip", "nft") if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (tests/scripts/install brings them)")
    name = f"probe-{uuid.uuid4().hex[:8]}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"no network namespaces here: {made.stderr.strip()}")
    subprocess.run(["ip", "netns", "delete", name], check=True)


class Namespace:
    """One namespace with loopback up and, at first, no way out."""

    def __init__(self, role: str):
        self.name = f"tusk-{role}-{uuid.uuid4().hex[:6]}"
        run("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command: str, check: bool = True, timeout: int = 60) -> subprocess.CompletedProcess:
        return run("ip", "netns", "exec", self.name, *command, check=check, timeout=timeout)

    def start(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], stdout=subprocess.PIPE, text=True)

    def sysctl(self, key: str, value: str | None = None) -> str:
        path = f"/proc/sys/{key.replace('.', '/')}"
        if value is not None:
            self.run("sh", "-c", f"echo {value} > {path}")
        return self.run("cat", path).stdout.strip()

    def remove(self) -> None:
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


def cable(one: Namespace, one_end: str, other: Namespace, other_end: str) -> None:
    """A cable between two namespaces; its ends have these names."""
    run("ip", "link", "add", one_end, "netns", one.name, "type", "veth", "peer", "name", other_end, "netns", other.name)
    for namespace, end in ((one, one_end), (other, other_end)):
        namespace.run("ip", "link", "set", end, "up")


def address(namespace: Namespace, interface: str, *addresses: str) -> None:
    for each in addresses:
        more = ["nodad"] if ":" in each else []
        namespace.run("ip", "address", "add", each, "dev", interface, *more)


def run(*command: str, check: bool = True, timeout: int = 60) -> subprocess.CompletedProcess:
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if check:
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done
