"""AWS, Let's Encrypt and the internet in network namespaces of the test's own: what a deployment talks to, under the real names.

    the internet 16.0.0.0/24 ── the VPC's router ── public subnet 10.77.0.0/20 (edge)
                                               └─── private subnet 10.77.16.0/20 (server)

The router does what AWS does: the address that the world knows leads to the edge's, nobody else's leaves; the private subnet's way
out is the edge; S3 is reached without it. Addresses are public ones, since the server asks no others; no way leads out of here.
"""

import ctypes
import datetime
import ipaddress
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness import namespaces
from harness.namespaces import Namespace, address, cable
from harness.server import REPOSITORY
from harness.terraform import REGION, Emulator
from harness.waiting import eventually

DOMAIN = "social.example.com"
AWS, S3, ACME, MIRROR, NAMES = (f"16.0.0.{last}" for last in (10, 11, 12, 13, 14))
GATEWAY, ROUTER = "16.0.0.1", "16.0.0.2"
PUBLIC = "16.0.1.10"  # the one that the world knows
EDGE, APP, RESOLVER, METADATA = "10.77.0.10", "10.77.16.10", "10.77.0.2", "169.254.169.254"
ROUTES = f"""
table ip vpc {{
  chain arrives {{
    type nat hook prerouting priority dstnat
    iifname "inet0" ip daddr {PUBLIC} dnat to {EDGE}
  }}
  chain leaves {{
    type nat hook postrouting priority srcnat
    oifname "inet0" ip saddr {EDGE} snat to {PUBLIC}
    oifname "inet0" ip saddr 10.77.0.0/16 ip daddr {S3} snat to {ROUTER}
  }}
  chain passes {{
    type filter hook forward priority filter
    oifname "inet0" ct status dnat accept
    oifname "inet0" ip saddr {EDGE} accept
    oifname "inet0" ip daddr {S3} accept
    oifname "inet0" drop
  }}
}}
"""
AGENT = "3.3.3270.0"


class Cloud:
    def __init__(self, folder: Path, mirror: Path):
        namespaces.require()
        for program in ("dnsmasq", "pebble"):
            if not any((Path(place) / program).exists() for place in ("/usr/bin", "/usr/sbin")):
                pytest.skip(f"needs {program} (tests/scripts/install brings it)")
        self.folder, self.processes, self.emulator = folder, [], None
        self.internet, self.router, self.edge, self.app = (Namespace(role) for role in ("inet", "vpc", "edge", "app"))
        self._resolver = Path("/etc/netns") / self.internet.name
        try:
            self._wire()
            self._authority()
            self._start_all(mirror)
            self._publish_agent()
        except BaseException:
            self.stop()
            raise

    # -- wires ----------------------------------------------------------------------------------

    def _wire(self) -> None:
        cable(self.internet, "vpc0", self.router, "inet0")
        cable(self.router, "public0", self.edge, "ens5")
        cable(self.router, "private0", self.app, "ens5")
        address(self.internet, "vpc0", *(f"{one}/24" for one in (GATEWAY, AWS, S3, ACME, MIRROR, NAMES)))
        self.internet.run("ip", "route", "add", f"{PUBLIC}/32", "via", ROUTER)
        address(self.router, "inet0", f"{ROUTER}/24")
        address(self.router, "public0", "10.77.0.1/20", f"{RESOLVER}/32")
        address(self.router, "private0", "10.77.16.1/20")
        address(self.router, "lo", f"{METADATA}/32")
        self.router.run("ip", "route", "add", "default", "via", GATEWAY)
        # The route table of the private subnet: everything but the VPC and S3 goes to the edge's interface.
        self.router.run("ip", "rule", "add", "from", "10.77.16.0/20", "lookup", "100")
        for destination, *way in (
            ("10.77.0.0/20", "dev", "public0"), ("10.77.16.0/20", "dev", "private0"),
            (f"{S3}/32", "via", GATEWAY), ("default", "via", EDGE),
        ):
            self.router.run("ip", "route", "add", destination, *way, "table", "100")
        self.router.sysctl("net.ipv4.ip_forward", "1")
        for interface in ("all", "public0", "private0"):
            self.router.sysctl(f"net.ipv4.conf.{interface}.rp_filter", "0")
            self.router.sysctl(f"net.ipv4.conf.{interface}.send_redirects", "0")
        rules = self.folder / "vpc.nft"
        rules.write_text(ROUTES)
        self.router.run("nft", "-f", str(rules))
        for host, own, gateway in ((self.edge, EDGE, "10.77.0.1"), (self.app, APP, "10.77.16.1")):
            address(host, "ens5", f"{own}/20")
            host.run("ip", "route", "add", "default", "via", gateway)

    # -- services -------------------------------------------------------------------------------

    def _authority(self) -> None:
        """Who vouches for AWS and for the doors of Let's Encrypt here."""
        self.trusted = self.folder / "authority.pem"
        key, certificate = issue("The cloud of the test", None, [])
        self.trusted.write_bytes(pem(certificate))
        names = [
            f"*.{REGION}.amazonaws.com", f"*.s3.{REGION}.amazonaws.com", "*.amazonaws.com", "*.us-east-1.amazonaws.com",
            "acme-v02.api.letsencrypt.org", "localhost",
        ]
        leaf_key, leaf = issue("AWS", (key, certificate), names)
        (self.folder / "doors.pem").write_bytes(pem(leaf))
        (self.folder / "doors.key").write_bytes(pem(leaf_key))

    def _start_all(self, mirror: Path) -> None:
        self.metadata = self.folder / "metadata"
        self.metadata.mkdir()
        with self.inside():
            self.emulator = Emulator(self.folder)
        self._pebble()
        doors = [
            {"address": one, "port": 443, "to": f"127.0.0.1:{self.emulator.port}", "tls": False, "rename": {}}
            for one in (AWS, S3)
        ]
        doors.append({"address": ACME, "port": 443, "to": "127.0.0.1:14000", "tls": True, "rename": {"/directory": "/dir"}})
        settings = {"certificate": str(self.folder / "doors.pem"), "key": str(self.folder / "doors.key"), "doors": doors}
        (self.folder / "doors.json").write_text(json.dumps(settings))
        world = REPOSITORY / "tests/deploy/world"
        self.start(self.internet, sys.executable, str(world / "doors.py"), str(self.folder / "doors.json"))
        self.start(self.internet, sys.executable, "-m", "http.server", "--bind", MIRROR, "--directory", str(mirror), "80")
        self.start(self.router, sys.executable, str(world / "metadata.py"), str(self.metadata), METADATA)
        names = [
            f"--address=/{name}/{where}"
            for name, where in (
                ("amazonaws.com", AWS), (f"s3.{REGION}.amazonaws.com", S3), ("acme-v02.api.letsencrypt.org", ACME),
                ("packages.example.com", MIRROR), (DOMAIN, PUBLIC),
            )
        ]
        for namespace, where in ((self.internet, NAMES), (self.router, RESOLVER)):
            self.start(
                namespace, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
                "--pid-file=", "--user=root", f"--listen-address={where}", *names,
            )
        # What `ip netns exec` lays over /etc/resolv.conf.
        self._resolver.mkdir(parents=True)
        (self._resolver / "resolv.conf").write_text(f"nameserver {NAMES}\n")
        with self.inside():
            eventually(lambda: answers(AWS, 443) and answers(ACME, 443) and answers(MIRROR, 80), "the doors are open", 30)
        self.roots = self.folder / "roots.pem"
        with self.inside():
            root = requests.get("https://127.0.0.1:15000/roots/0", verify=str(self.trusted), timeout=10)
        self.roots.write_bytes(root.content)
        self.everybody = self.folder / "everybody.pem"
        self.everybody.write_bytes(self.trusted.read_bytes() + self.roots.read_bytes())

    def _pebble(self) -> None:
        settings = {
            "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000", "certificate": "doors.pem",
            "privateKey": "doors.key", "httpPort": 80, "tlsPort": 443, "certificateValidityPeriod": 7776000,
        }
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": settings}))
        quick = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "0"}
        self.start(self.internet, "pebble", "-config", "pebble.json", "-strict", "-dnsserver", f"{NAMES}:53", **quick)
        with self.inside():
            eventually(lambda: answers("127.0.0.1", 15000), "pebble listens", 20)

    def start(self, namespace: Namespace, *command: str, **more: str) -> None:
        name = Path(next(word for word in command if word not in (sys.executable, "-m"))).name
        log = open(self.folder / f"{name}.log", "ab")
        with log:
            started = subprocess.Popen(
                ["ip", "netns", "exec", namespace.name, *command], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=os.environ | more,
            )
        self.processes.append(started)

    # -- for tests ------------------------------------------------------------------------------

    @contextmanager
    def inside(self, namespace: Namespace | None = None):
        """What this thread opens stands in that namespace: by default on the internet."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as before, open(f"/run/netns/{(namespace or self.internet).name}") as there:
            assert libc.setns(there.fileno(), 0x40000000) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(before.fileno(), 0x40000000) == 0

    def client(self, service: str):
        return self.emulator.client(service)

    def _publish_agent(self) -> None:
        """Amazon's bucket with the agent of Session Manager: a package of that name which holds nothing."""
        package = self.folder / "agent"
        (package / "DEBIAN").mkdir(parents=True)
        (package / "DEBIAN/control").write_text(
            f"Package: amazon-ssm-agent\nVersion: {AGENT}-1\nArchitecture: all\nMaintainer: nobody\nDescription: nothing\n"
        )
        namespaces.run("dpkg-deb", "--build", "--root-owner-group", str(package), str(self.folder / "agent.deb"))
        with self.inside():
            s3 = self.client("s3")
            s3.create_bucket(Bucket=f"amazon-ssm-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION})
            for machine in ("amd64", "arm64"):
                key = f"{AGENT}/debian_{machine}/amazon-ssm-agent.deb"
                s3.put_object(Bucket=f"amazon-ssm-{REGION}", Key=key, Body=(self.folder / "agent.deb").read_bytes())

    def introduce(self, own: str, role: str, user_data: str, hardware_address: str = "02:00:00:00:00:01") -> None:
        """From now on the metadata service tells the host with this address who it is, and gives it the keys of the role."""
        with self.inside():
            arn = self.client("iam").get_role(RoleName=role)["Role"]["Arn"]
            keys = self.client("sts").assume_role(RoleArn=arn, RoleSessionName=role)["Credentials"]
        told = {
            "AccessKeyId": keys["AccessKeyId"], "SecretAccessKey": keys["SecretAccessKey"], "Token": keys["SessionToken"],
            "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-11-26T00:00:00Z", "Expiration": "2036-01-01T00:00:00Z",
        }
        name = f"ip-{own.replace('.', '-')}.{REGION}.compute.internal"
        card = {"device-number": "0", "local-ipv4s": own, "mac": hardware_address, "subnet-ipv4-cidr-block": "10.77.0.0/20"}
        tree = {
            "ami-id": "ami-0123456789abcdef0", "hostname": name, "instance-id": f"i-0123{own.replace('.', '')}", "local-hostname": name,
            "local-ipv4": own, "mac": hardware_address, "network": {"interfaces": {"macs": {hardware_address: card}}},
            "placement": {"availability-zone": f"{REGION}a", "region": REGION},
        }
        whole = {"user_data": user_data, "role": role, "keys": told, "tree": tree}
        (self.metadata / f"{own}.json").write_text(json.dumps(whole))

    def orders(self) -> int:
        """How often a certificate was ordered."""
        return (self.folder / "pebble.log").read_text(errors="replace").count("POST /order-plz")

    @contextmanager
    def rights_enforced(self):
        """The emulator looks at the policies of roles, and denies what they do not allow."""
        self._look_at_rights_after("0")
        try:
            yield
        finally:
            self._look_at_rights_after("inf")

    def _look_at_rights_after(self, requests_without: str) -> None:
        with self.inside():
            requests.post(
                f"{self.emulator.url}/moto-api/reset-auth", data=requests_without, headers={"Content-Type": "text/plain"}, timeout=10
            ).raise_for_status()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if self.emulator:
            self.emulator.stop()
        for namespace in (self.internet, self.router, self.edge, self.app):
            namespace.remove()
        (self._resolver / "resolv.conf").unlink(missing_ok=True)
        if self._resolver.exists():
            self._resolver.rmdir()


def answers(where: str, port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex((where, port)) == 0


def issue(name: str, authority, names: list[str]):
    """A key and its certificate: of an authority, or by one for these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    alternative = [x509.DNSName(one) for one in names] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority[1].subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    return key, made.sign(authority[0] if authority else key, hashes.SHA256())


def pem(thing) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
