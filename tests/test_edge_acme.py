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

from harness import terraform, waiting
from harness.edge import make_certificate
from harness.s3 import KEY_ID, ROLE_KEY_ID, SECRET, S3
from harness.server import binary, free_port, own_environment
from harness.zone import Zone

NAMES = ("a.test", "files.a.test")


class Authority:
    """Debian's pebble with its name server, which leads every name to loopback."""

    def __init__(self, folder: Path):
        for program in ("pebble", "pebble-challtestsrv"):
            if not shutil.which(program):
                pytest.skip(f"needs {program} (tests/scripts/install brings it)")
        self.folder, self.processes = folder, []
        self.api, self.management, self.http, self.https, names, records = (free_port() for _ in range(6))
        self.records = f"http://127.0.0.1:{records}"
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
        self.start("pebble-challtestsrv", *quiet, "-dns01", f"127.0.0.1:{names}", "-management", f"127.0.0.1:{records}")
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

    def accounts(self) -> int:
        return self.log().count("POST /sign-me-up")

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


class Edge:
    def __init__(self, authority: Authority, folder: Path, more: str = "", environment: dict[str, str] | None = None):
        self.authority, self.folder, self.metrics = authority, folder, free_port()
        self.environment = environment or {}
        (folder / "edge.toml").write_text(
            f"""[edge]
sites = [{{ names = {json.dumps(NAMES)}, origins = ["http://127.0.0.1:{free_port()}"] }}]
http = ["127.0.0.1:{authority.http}"]
https = ["127.0.0.1:{authority.https}"]
metrics = "127.0.0.1:{self.metrics}"
acme_directory = "https://localhost:{authority.api}/dir"
acme_contact = "owner@a.test"
data = "{folder / 'kept'}"
{more}
"""
        )
        self.start()

    def run(self, *arguments: str) -> list[str]:
        return [binary(), "--config", str(self.folder / "edge.toml"), "edge", *arguments]

    def start(self) -> None:
        environment = own_environment() | {"SSL_CERT_FILE": str(self.authority.folder / "api.pem")} | self.environment
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

    def answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.metrics)) == 0

    def lose(self) -> None:
        """The machine is gone, and another one with the same settings takes its place."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder / "kept")

    def certificates(self) -> list[int]:
        got = [waiting.eventually(lambda name=name: self.certificate(name), f"a certificate of {name}", 60) for name in NAMES]
        return [one.serial_number for one in got]

    def whole_status(self) -> dict:
        done = subprocess.run(self.run("status", "--json"), capture_output=True, text=True, timeout=20, env=own_environment())
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def status(self) -> dict:
        return {name["name"]: name for name in self.whole_status()["names"]}


@pytest.fixture
def authority(tmp_path):
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    try:
        yield authority
    finally:
        authority.stop()


@pytest.fixture
def started(authority, tmp_path):
    """Starts an edge with these settings more."""
    edges = []

    def start(more: str = "", environment: dict[str, str] | None = None) -> Edge:
        folder = tmp_path / f"edge{len(edges)}"
        folder.mkdir()
        edges.append(Edge(authority, folder, more, environment))
        return edges[-1]

    yield start
    for edge in edges:
        edge.process.kill()
        edge.process.wait()


@pytest.fixture
def edge(started):
    return started()


@pytest.fixture
def s3():
    s3 = S3("ours")
    yield s3
    s3.stop()


def vault(tmp_path: Path, s3: S3) -> str:
    (tmp_path / "secret").write_text("5ec7e7" * 11 + "\n")
    return f"""vault = "s3://ours/edge"
vault_secret_file = "{tmp_path / 'secret'}"
s3_endpoint = "{s3.endpoint}"
"""


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


def test_e11_a_lost_machine_gets_its_certificates_back_and_orders_nothing(started, authority, s3, tmp_path):
    keys = f's3_access_key_id = "{KEY_ID}"\ns3_secret_access_key = "{SECRET}"\n'
    edge = started(vault(tmp_path, s3) + keys)
    before = edge.certificates()
    waiting.eventually(lambda: len(s3.objects) == len(NAMES) + 1, "the vault has certificates and account", 30)
    assert all(b"PRIVATE KEY" not in sealed and b"CERTIFICATE" not in sealed for sealed in s3.objects.values())
    assert authority.orders() == len(NAMES)
    for _ in range(2):
        edge.lose()
        edge.start()
        assert edge.certificates() == before
    assert authority.orders() == len(NAMES) and authority.accounts() == 1
    status = edge.whole_status()["vault"]
    assert status["location"] == "s3://ours/edge" and status["waiting"] == 0 and "problem" not in status


def test_e11_a_vault_of_an_older_secret_opens_and_what_it_lacks_is_brought_by_the_role(started, authority, s3, tmp_path):
    role = {"AWS_METADATA_ENDPOINT": s3.endpoint, "AWS_ALLOW_HTTP": "true"}
    edge = started("", role)
    before = edge.certificates()
    assert not s3.objects
    # The vault is switched on later: what is on the disk goes there.
    settings = edge.folder / "edge.toml"
    settings.write_text(settings.read_text() + vault(tmp_path, s3))
    edge.stop()
    edge.start()
    waiting.eventually(lambda: len(s3.objects) == len(NAMES) + 1, "the vault has all", 30)
    assert {who for method, _, who in s3.requests if method == "PUT"} == {ROLE_KEY_ID}
    (tmp_path / "secret").write_text("a newer secret, which now comes first\n" + (tmp_path / "secret").read_text())
    edge.lose()
    edge.start()
    assert edge.certificates() == before
    assert authority.orders() == len(NAMES)


def test_r11_a_vault_that_is_away_stops_nothing(started, authority, s3, tmp_path):
    s3.fail = lambda method, key, number: 503
    keys = f's3_access_key_id = "{KEY_ID}"\ns3_secret_access_key = "{SECRET}"\n'
    edge = started(vault(tmp_path, s3) + keys)
    before = edge.certificates()
    status = waiting.eventually(lambda: (now := edge.whole_status()["vault"]) and now["waiting"] and now, "the status tells")
    assert status["waiting"] == len(NAMES) + 1 and status["problem"]
    # It serves from its disk at once, and brings what is missing when the vault is back.
    s3.fail = lambda method, key, number: None
    edge.stop()
    edge.start()
    assert edge.certificates() == before
    waiting.eventually(lambda: len(s3.objects) == len(NAMES) + 1, "the vault has all", 30)
    assert authority.orders() == len(NAMES)


@pytest.fixture
def zone(authority, tmp_path):
    emulator = terraform.Emulator(tmp_path)
    zone = Zone(emulator, authority.records, "a.test")
    yield zone
    zone.stop()
    emulator.stop()


def test_a_zone_of_route_53_proves_names_by_the_keys_of_the_settings_and_by_the_role(started, authority, s3, zone):
    settings = f'route53_zone = "{zone.id}"\nroute53_endpoint = "{zone.endpoint}"\n'
    keys = f'route53_access_key_id = "{KEY_ID}"\nroute53_secret_access_key = "{SECRET}"\n'
    for more, environment, signer in (
        (settings + keys, {}, KEY_ID),
        (settings, {"AWS_METADATA_ENDPOINT": s3.endpoint}, ROLE_KEY_ID),
    ):
        zone.changes.clear()
        zone.signers.clear()
        edge = started(more, environment)
        edge.certificates()
        status = edge.status()
        assert all(status[name]["fetched"]["failures"] == 0 for name in NAMES), status
        assert zone.signers == {signer}
        proved = sorted(f"_acme-challenge.{name}" for name in NAMES)
        assert sorted(name for action, name in zone.changes if action == "UPSERT") == proved
        assert sorted(name for action, name in zone.changes if action == "DELETE") == proved
        assert not zone.records(), "nothing is left behind"
        edge.stop()


def test_a_zone_that_refuses_is_named(started, authority, zone):
    edge = started(f'''route53_zone = "ZNOTOURS"
route53_endpoint = "{zone.endpoint}"
route53_access_key_id = "{KEY_ID}"
route53_secret_access_key = "{SECRET}"
''')
    waiting.eventually(edge.answers, "the edge is there", 30)
    failed = lambda: (now := edge.status()) and now["a.test"]["fetched"]["last_error"] and now
    status = waiting.eventually(failed, "a failure", 30)
    error = status["a.test"]["fetched"]["last_error"]
    assert "dns-01" in error and "Route 53 answered 404" in error, error
