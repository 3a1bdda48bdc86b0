"""Starts `tuskling edge` before a `tuskling serve`, with a certificate of the test's own."""

import datetime
import ipaddress
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.server import Server, binary, free_port, own_environment

NAME = "localhost"
START_SECONDS = 20
STOP_SECONDS = 10


class Edge:
    """One `tuskling edge` before one server, to which it speaks by the link."""

    def __init__(self, server: Server):
        self.server = server
        self.folder = server.folder / "edge"
        self.folder.mkdir()
        self.https, self.http, self.metrics, self.link = (free_port() for _ in range(4))
        self.base = f"https://{NAME}:{self.https}"
        self.certificate = self.folder / "chain.pem"
        make_certificate(self.certificate, self.folder / "key.pem")
        secret = self.folder / "secret"
        made = subprocess.run([binary(), "edge", "secret"], capture_output=True, text=True, check=True, timeout=20)
        secret.write_text(made.stdout)
        server.settings |= {
            "TUSKLING_SERVER_URL": self.base,
            "TUSKLING_SERVER_LINK_LISTEN": f"127.0.0.1:{self.link}",
            "TUSKLING_SERVER_LINK_SECRET_FILE": str(secret),
        }
        self.config = self.folder / "edge.toml"
        self.config.write_text(
            f"""[edge]
domain = "{NAME}"
origins = ["link://127.0.0.1:{self.link}"]
link_secret_file = "{secret}"
http = ["127.0.0.1:{self.http}"]
https = ["127.0.0.1:{self.https}"]
metrics = "127.0.0.1:{self.metrics}"
certificate = "{self.certificate}"
key = "{self.folder / 'key.pem'}"
access_log = "full"
requests_per_second = 0
"""
        )
        self.process: subprocess.Popen | None = None

    def launch(self, sockets: list[socket.socket] | None = None) -> subprocess.Popen:
        """A process of its own, with sockets passed as systemd does it (from descriptor 3 on)."""
        command = [binary(), "--config", str(self.config), "edge"]
        if sockets:
            # LISTEN_PID is the process that becomes the edge.
            command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command]

        def pass_sockets():
            for offset, one in enumerate(sockets or []):
                # High first, so that none overwrites another that is still to be moved.
                os.dup2(one.fileno(), 103 + offset)
            for offset in range(len(sockets or [])):
                os.dup2(103 + offset, 3 + offset)

        with open(self.folder / "edge.log", "ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=own_environment() | ({"LISTEN_FDS": str(len(sockets))} if sockets else {}),
                cwd=self.folder,
                preexec_fn=pass_sockets,
                close_fds=not sockets,
            )

    def start(self, sockets: list[socket.socket] | None = None) -> "Edge":
        self.process = self.launch(sockets)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                if requests.get(f"{self.base}/ready", verify=str(self.certificate), timeout=5).status_code == 200:
                    return self
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError(f"the edge was not ready within {START_SECONDS} s\n{self.log()}")

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """SIGTERM drains: a clean exit within ten seconds is part of the contract."""
        self.process.terminate()
        assert self.process.wait(STOP_SECONDS) == 0, self.log()

    def clean_up(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def status(self) -> dict:
        done = subprocess.run(
            [binary(), "--config", str(self.config), "edge", "status", "--json"],
            capture_output=True,
            text=True,
            timeout=20,
            env=own_environment(),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def peak_memory(self) -> int:
        """The most memory the edge ever held, in MiB."""
        return self._memory("VmHWM")

    def memory(self) -> int:
        """The memory that the edge holds, in MiB."""
        return self._memory("VmRSS")

    def _memory(self, what: str) -> int:
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith(what))
        return int(line.split()[1]) // 1024

    def log(self) -> str:
        path = self.folder / "edge.log"
        return path.read_text(errors="replace") if path.exists() else ""


def make_certificate(chain: Path, key: Path) -> None:
    """A certificate for localhost that vouches for itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(private, hashes.SHA256())
    )
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    os.chmod(key, 0o600)
