"""`tuskling edge` gets its certificates by itself, from a real ACME authority on loopback."""

import json
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import requests
from cryptography import x509

from harness import waiting
from harness.edge import make_certificate
from harness.server import binary, free_port, own_environment

NAMES = ("a.test", "files.a.test")


class Authority:
    """Debian's pebble with its name server, which leads every name to loopback."""

    def __init__(self, folder: Path):
        for program in ("pebble", "pebble-challtestsrv"):
            if not shutil.which(program):
                pytest.skip(f"needs {program} (tests/scripts/install brings it)")
        self.folder, self.processes = folder, []
        self.api, self.management, self.http, self.https, names = (free_port() for _ in range(5))
        make_certificate(folder / "api.pem", folder / "api.key")
        settings = {
            "listenAddress": f"127.0.0.1:{self.api}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": "api.pem",
            "privateKey": "api.key",
            "httpPort": self.http,
            "tlsPort": self.https,
            "certificateValidityPeriod": 7776000,
        }
        (folder / "pebble.json").write_text(json.dumps({"pebble": settings}))
        quiet = ["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]
        self.start("pebble-challtestsrv", *quiet, "-dns01", f"127.0.0.1:{names}", "-management", f"127.0.0.1:{free_port()}")
        self.start("pebble", "-config", "pebble.json", "-strict", "-dnsserver", f"127.0.0.1:{names}")
        waiting.eventually(lambda: "Listening on" in self.log(), "pebble listens", 20)

    def start(self, *command: str) -> None:
        with open(self.folder / "pebble.log", "ab") as log:
            more = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "0"}
            environment = own_environment() | more
            self.processes.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=environment))

    def log(self) -> str:
        return (self.folder / "pebble.log").read_text(errors="replace")

    def orders(self) -> int:
        return self.log().count("POST /order-plz")

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


class Edge:
    def __init__(self, authority: Authority, folder: Path):
        self.authority, self.folder, self.metrics = authority, folder, free_port()
        (folder / "edge.toml").write_text(
            f"""[edge]
sites = [{{ names = {json.dumps(NAMES)}, origins = ["http://127.0.0.1:{free_port()}"] }}]
http = ["127.0.0.1:{authority.http}"]
https = ["127.0.0.1:{authority.https}"]
metrics = "127.0.0.1:{self.metrics}"
acme_directory = "https://localhost:{authority.api}/dir"
acme_contact = "owner@a.test"
data = "{folder / 'kept'}"
"""
        )
        self.start()

    def run(self, *arguments: str) -> list[str]:
        return [binary(), "--config", str(self.folder / "edge.toml"), "edge", *arguments]

    def start(self) -> None:
        environment = own_environment() | {"SSL_CERT_FILE": str(self.authority.folder / "api.pem")}
        with open(self.folder / "edge.log", "ab") as log:
            self.process = subprocess.Popen(self.run(), stdout=log, stderr=log, env=environment)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(10) == 0, (self.folder / "edge.log").read_text()

    def certificate(self, name: str) -> x509.Certificate | None:
        """What a client that asks for this name is shown; None when it is refused."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with socket.create_connection(("127.0.0.1", self.authority.https), timeout=5) as plain:
                with context.wrap_socket(plain, server_hostname=name) as secure:
                    return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))
        except (OSError, ssl.SSLError):
            return None

    def status(self) -> dict:
        done = subprocess.run(self.run("status", "--json"), capture_output=True, text=True, timeout=20, env=own_environment())
        assert done.returncode == 0, done.stderr
        return {name["name"]: name for name in json.loads(done.stdout)["names"]}


@pytest.fixture
def edge(tmp_path):
    for name in ("authority", "edge"):
        (tmp_path / name).mkdir()
    authority = Authority(tmp_path / "authority")
    try:
        edge = Edge(authority, tmp_path / "edge")
        try:
            yield edge
        finally:
            edge.process.kill()
            edge.process.wait()
    finally:
        authority.stop()


def test_e11_the_edge_gets_its_certificates_and_keeps_them_over_restarts(edge):
    got = [waiting.eventually(lambda name=name: edge.certificate(name), f"a certificate of {name}", 30) for name in NAMES]
    for name, certificate in zip(NAMES, got):
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [name]
        assert "Pebble" in certificate.issuer.rfc4514_string()
    assert edge.certificate("b.test") is None
    status = waiting.eventually(lambda: (now := edge.status()) and now["a.test"]["fetched"]["ends_at"] and now, "the status tells")
    assert status["a.test"]["has_certificate"] and "Pebble" in status["a.test"]["fetched"]["issuer"]
    assert status["a.test"]["fetched"]["warning"] is None and status["a.test"]["fetched"]["failures"] == 0
    assert edge.authority.orders() == len(NAMES)
    for _ in range(3):
        edge.stop()
        edge.start()
        again = [waiting.eventually(lambda name=name: edge.certificate(name), f"the kept one of {name}") for name in NAMES]
        assert [one.serial_number for one in again] == [one.serial_number for one in got]
    assert edge.authority.orders() == len(NAMES)


def test_e12_port_80_redirects_and_an_unknown_challenge_is_no_way_in(edge):
    waiting.eventually(lambda: edge.certificate("a.test"), "a certificate", 30)
    plain = f"http://127.0.0.1:{edge.authority.http}"
    headers = {"Host": "a.test"}
    answer = requests.get(f"{plain}/@alice?page=2", headers=headers, allow_redirects=False, timeout=5)
    assert answer.status_code in (301, 308) and answer.headers["Location"].endswith("/@alice?page=2")
    answer = requests.get(f"{plain}/.well-known/acme-challenge/nothing", headers=headers, allow_redirects=False, timeout=5)
    assert answer.status_code in (301, 308, 404), answer.status_code
