"""`tuskling edge nat` between three network namespaces: the internet, the edge and a private host
that has no other way out. Needs root; everything is made and removed by the test."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from harness import namespaces
from harness.namespaces import Namespace, address, cable
from harness.server import REPOSITORY, binary

EDGE_V4, EDGE_V6 = "203.0.113.2", "2001:db8:1::2"
INTERNET_V4, INTERNET_V6 = "203.0.113.1", "2001:db8:1::1"
APP_V4, APP_V6 = "10.77.1.2", "fd77:1::2"
SOURCES = "10.77.1.0/24,fd77:1::/64"
PORT = 8080

# Answers every connection with the address that it sees.
SERVER = f"""
import socket
with socket.create_server(("::", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True) as server:
    print("ready", flush=True)
    while True:
        connection, peer = server.accept()
        connection.sendall(peer[0].removeprefix("::ffff:").encode())
        connection.close()
"""
CLIENT = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1) as connection:
        print(connection.recv(100).decode())
except OSError as error:
    sys.exit(f"no answer: {error}")
"""


class Network:
    """internet (203.0.113.1) — edge (203.0.113.2 | 10.77.1.1) — app (10.77.1.2)."""

    def __init__(self):
        self.internet, self.edge, self.app = (Namespace(role) for role in ("internet", "edge", "app"))
        self.servers = []
        cable(self.internet, "net0", self.edge, "wan0")
        cable(self.edge, "lan0", self.app, "app0")
        address(self.internet, "net0", f"{INTERNET_V4}/24", f"{INTERNET_V6}/64")
        address(self.edge, "wan0", f"{EDGE_V4}/24", f"{EDGE_V6}/64")
        address(self.edge, "lan0", "10.77.1.1/24", "fd77:1::1/64")
        address(self.app, "app0", f"{APP_V4}/24", f"{APP_V6}/64")
        for namespace, v4, v6 in ((self.app, "10.77.1.1", "fd77:1::1"), (self.edge, INTERNET_V4, INTERNET_V6)):
            namespace.run("ip", "route", "add", "default", "via", v4)
            namespace.run("ip", "-6", "route", "add", "default", "via", v6)
        self.edge.sysctl("net.ipv4.ip_forward", "0")
        self.edge.sysctl("net.ipv6.conf.all.forwarding", "0")
        for namespace in (self.internet, self.app):
            server = namespace.start(sys.executable, "-c", SERVER)
            self.servers.append(server)
            assert server.stdout.readline() == "ready\n"

    def nat(self, *arguments: str, check: bool = True):
        return self.edge.run(binary(), "edge", "nat", *arguments, check=check)

    def up(self, *more: str):
        return self.nat("up", "--source", SOURCES, *(more or ("--interface", "wan0")))

    def status(self) -> dict:
        done = self.nat("status", "--json", "--source", SOURCES, "--interface", "wan0", check=False)
        return json.loads(done.stdout) | {"exit": done.returncode, "said": done.stderr}

    def seen_from(self, namespace: Namespace, where: str) -> str | None:
        """The address under which the server there sees this namespace; None without an answer."""
        done = namespace.run(sys.executable, "-c", CLIENT, where, str(PORT), check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def remove(self) -> None:
        for server in self.servers:
            server.kill()
            server.wait()
        for namespace in (self.internet, self.edge, self.app):
            namespace.remove()


@pytest.fixture
def network():
    namespaces.require()
    network = Network()
    yield network
    network.remove()


def test_the_private_host_reaches_the_internet_under_the_address_of_the_edge(network):
    for where in (INTERNET_V4, INTERNET_V6):
        assert network.seen_from(network.app, where) is None, "there must be no other way out"
    assert "NAT is up" in network.up().stdout
    assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4
    assert network.seen_from(network.app, INTERNET_V6) == EDGE_V6
    status = network.status()
    assert status["exit"] == 0 and status["matches"], status
    for family in ("ipv4", "ipv6"):
        counters = status["counters"][family]
        assert counters["translated"]["packets"] == 1, counters
        assert counters["out"]["packets"] > 1 and counters["back"]["bytes"] > 0, counters
    assert status["forwarding"] == {"ipv4": True, "ipv6": True}
    shown = network.nat("status").stdout
    assert "10.77.1.0/24, fd77:1::/64 leave by wan0" in shown and "IPv4: 1 connections" in shown


def test_the_edge_keeps_what_was_not_asked_for_out(network):
    network.internet.run("ip", "route", "add", "10.77.1.0/24", "via", EDGE_V4)
    network.internet.run("ip", "-6", "route", "add", "fd77:1::/64", "via", EDGE_V6)
    network.up()
    for where in (APP_V4, APP_V6):
        assert network.seen_from(network.internet, where) is None
    counters = network.status()["counters"]
    assert counters["ipv4"]["unasked"]["packets"] > 0 and counters["ipv6"]["unasked"]["packets"] > 0
    # It was the rules that kept them out: without them the kernel passes everything on.
    network.nat("down")
    assert network.seen_from(network.internet, APP_V4) == INTERNET_V4
    assert network.seen_from(network.internet, APP_V6) == INTERNET_V6


def test_up_again_changes_nothing_and_another_plan_keeps_the_counters(network):
    network.up()
    assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4
    rules = network.edge.run("nft", "-a", "list", "table", "inet", "tuskling_nat").stdout
    assert "as before" in network.up().stdout
    assert network.edge.run("nft", "-a", "list", "table", "inet", "tuskling_nat").stdout == rules
    out = network.status()["counters"]["ipv4"]["out"]
    assert out["packets"] > 0
    network.nat("up", "--source", "10.77.0.0/16", "--interface", "wan0")
    status = network.status()
    assert status["sources"] == ["10.77.0.0/16"] and status["exit"] == 1, "it is not what is compared with"
    assert status["counters"]["ipv4"]["out"]["packets"] >= out["packets"]
    assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4
    assert network.seen_from(network.app, INTERNET_V6) is None


def test_tables_of_others_are_left_alone_and_down_removes_ours(network):
    network.edge.run("nft", "add table inet theirs { chain input { type filter hook input priority 0; policy accept; } ; }")
    network.edge.run("nft", "add table ip tuskling_nat { chain x { } ; }")
    theirs = lambda: [network.edge.run("nft", "-a", "list", "table", *name).stdout for name in (("inet", "theirs"), ("ip", "tuskling_nat"))]
    before = theirs()
    network.up()
    assert theirs() == before
    assert "NAT is down" in network.nat("down").stdout
    assert theirs() == before
    tables = network.edge.run("nft", "list", "tables").stdout.splitlines()
    assert sorted(tables) == ["table inet theirs", "table ip tuskling_nat"]
    assert "was not up" in network.nat("down").stdout
    status = network.status()
    assert status["exit"] == 1 and not status["up"] and "edge nat up" in status["said"]


def test_rules_that_somebody_broke_are_noticed_and_repaired(network):
    network.up()
    network.edge.run("nft", "flush", "chain", "inet", "tuskling_nat", "leaving")
    status = network.status()
    assert status["exit"] == 1 and status["up"] and "IPv4 translated" in status["said"], status
    network.edge.sysctl("net.ipv4.ip_forward", "0")
    assert "forwarding of IPv4 is off" in network.status()["said"]
    network.up()
    assert network.status()["exit"] == 0
    assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4


def test_the_interface_is_that_of_the_default_route_unless_named(network):
    assert "leave by wan0" in network.nat("up", "--source", SOURCES).stdout
    missing = network.nat("up", "--source", SOURCES, "--interface", "eth9", check=False)
    assert missing.returncode == 1 and "there is no interface eth9; there are:" in missing.stderr
    network.edge.run("ip", "route", "delete", "default")
    network.edge.run("ip", "-6", "route", "delete", "default")
    unknown = network.nat("up", "--source", SOURCES, check=False)
    assert unknown.returncode == 1 and "name it with --interface" in unknown.stderr


def test_one_interface_for_both_sides_is_enough(network):
    """As on a cloud network: what comes in by an interface leaves by the same one."""
    one = network.edge
    one.run("ip", "link", "delete", "lan0")
    switch = Namespace("switch")
    try:
        for end in ("net0", "wan0"):
            (network.internet if end == "net0" else one).run("ip", "link", "delete", end, check=False)
        switch.run("ip", "link", "add", "bridge0", "type", "bridge")
        switch.run("ip", "link", "set", "bridge0", "up")
        for namespace, end in ((network.internet, "net0"), (one, "wan0"), (network.app, "app0")):
            cable(namespace, end, switch, f"port-{end}")
            switch.run("ip", "link", "set", f"port-{end}", "master", "bridge0")
        address(network.internet, "net0", f"{INTERNET_V4}/24", f"{INTERNET_V6}/64")
        address(one, "wan0", f"{EDGE_V4}/24", f"{EDGE_V6}/64", "10.77.1.1/24", "fd77:1::1/64")
        address(network.app, "app0", f"{APP_V4}/24", f"{APP_V6}/64")
        network.app.run("ip", "route", "add", "default", "via", "10.77.1.1")
        network.app.run("ip", "-6", "route", "add", "default", "via", "fd77:1::1")
        for which in ("all", "wan0"):
            one.sysctl(f"net.ipv4.conf.{which}.send_redirects", "1")
        network.up()
        for _ in range(3):
            assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4
            assert network.seen_from(network.app, INTERNET_V6) == EDGE_V6
        # The kernel sends nobody to the router itself whose packets it translates.
        for where in (INTERNET_V4, INTERNET_V6):
            assert "redirect" not in network.app.run("ip", "route", "get", where).stdout
    finally:
        switch.remove()


def test_wrong_use_and_missing_rights_are_said_plainly(network):
    host_bits = network.nat("up", "--source", "10.77.1.9/24", check=False)
    assert host_bits.returncode == 2 and "write 10.77.1.0/24" in host_bits.stderr
    nothing = network.nat("up", check=False)
    assert nothing.returncode == 1 and "--source" in nothing.stderr
    command = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", binary(), "edge", "nat", "up"]
    refused = network.edge.run(*command, "--source", SOURCES, check=False)
    assert refused.returncode == 1 and "CAP_NET_ADMIN" in refused.stderr
    hidden = 'mount --bind /dev/null "$(command -v nft)" && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", hidden, "sh", binary(), "edge", "nat", "up", "--source", SOURCES]
    missing = network.edge.run(*command, check=False)
    assert missing.returncode == 1 and "install the package nftables" in missing.stderr, missing.stderr
    assert network.edge.run("nft", "list", "tables").stdout == ""


def test_l03_the_unit_needs_one_capability_and_little_else(network):
    """The program works with CAP_NET_ADMIN as its only capability, under a user that is not root."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    command += ["--bounding-set=-all,+net_admin", "--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin"]
    program = Path("/tmp") / f"tuskling-{network.edge.name}"
    try:
        shutil.copy(binary(), program)
        program.chmod(0o755)
        network.edge.run(*command, str(program), "edge", "nat", "up", "--source", SOURCES, "--interface", "wan0")
    finally:
        program.unlink(missing_ok=True)
    assert network.status()["exit"] == 0


def test_l02_the_unit_is_hardened():
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    unit = REPOSITORY / "infra" / "systemd" / "tuskling-nat.service"
    judged = namespaces.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit), check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr
    text = unit.read_text()
    assert "AmbientCapabilities=CAP_NET_ADMIN\n" in text and "CapabilityBoundingSet=CAP_NET_ADMIN\n" in text


def test_up_needs_no_flags_when_the_configuration_names_the_networks(network, tmp_path):
    config = tmp_path / "tuskling.toml"
    config.write_text('[edge]\nnat_sources = ["10.77.1.0/24", "fd77:1::/64"]\nnat_interface = "wan0"\n')
    nat = lambda *arguments, check=True: network.edge.run(
        binary(), "--config", str(config), "edge", "nat", *arguments, check=check
    )
    assert "10.77.1.0/24, fd77:1::/64 leave by wan0" in nat("up").stdout
    assert network.seen_from(network.app, INTERNET_V4) == EDGE_V4
    assert nat("status", "--json").returncode == 0, "it is compared with what is configured"
    config.write_text('[edge]\nnat_sources = ["10.77.0.0/16"]\nnat_interface = "wan0"\n')
    changed = nat("status", check=False)
    assert changed.returncode == 1 and "NAT is not as asked" in changed.stderr, changed
    config.write_text("")
    assert nat("up", check=False).returncode == 1, "nothing is named anywhere"
