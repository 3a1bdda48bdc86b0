"""A foreign server made of Fedify's library (tests/foreign/fedify), in a process of its own."""

import json
import os
import platform
import subprocess
import time
import urllib.request
from pathlib import Path

from harness.server import REPOSITORY, free_port, own_environment

FOLDER = Path(os.environ.get("TUSKLING_TEST_FEDIFY") or REPOSITORY / "target" / "fedify")


class Fedify:
    """The peer; `actor` is the id of its only account, `@fed@localhost:PORT`."""

    def __init__(self, first_knock: str, tls: tuple[Path, Path] | None = None, authority: Path | None = None):
        self.port = free_port()
        scheme = "https" if tls else "http"
        self.base = f"{scheme}://localhost:{self.port}"
        self.actor = f"{self.base}/users/fed"
        self.handle = f"fed@localhost:{self.port}"
        self.authority = authority
        environment = own_environment() | {"PEER_PORT": str(self.port), "PEER_FIRST_KNOCK": first_knock}
        if tls:
            environment |= {"PEER_CERT": str(tls[0]), "PEER_KEY": str(tls[1])}
        machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
        node = FOLDER / "node_modules" / f"node-linux-{machine}" / "bin" / "node"
        self.log = open(FOLDER / f"peer-{self.port}.log", "wb")
        self.process = subprocess.Popen(
            [node, FOLDER / "peer.mjs"], stdout=self.log, stderr=self.log, env=environment, cwd=FOLDER
        )
        self._await_ready()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log_text()
            try:
                self.received()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the Fedify peer did not start\n{self.log_text()}")

    def received(self) -> list[dict]:
        """Activities that its inboxes accepted."""
        return self._ask("received")

    def signed(self) -> list[dict]:
        """What came with a Linked-Data signature: its `type`, and whether the signature was `good`."""
        return self._ask("signed")

    def tell(self, command: str, **arguments) -> dict:
        """Makes it do something; the answer is what it says of it."""
        return self._ask(command, arguments)

    def _ask(self, command: str, arguments: dict | None = None):
        body = json.dumps(arguments).encode() if arguments is not None else None
        request = urllib.request.Request(f"{self.base}/control/{command}", data=body)
        context = None
        if self.authority:
            import ssl

            context = ssl.create_default_context(cafile=str(self.authority))
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{command}: {error.code} {error.read()[:2000]!r}\n{self.log_text()}") from None

    def log_text(self) -> str:
        return Path(self.log.name).read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
