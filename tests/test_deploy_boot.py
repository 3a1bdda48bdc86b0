"""From an empty account to a post over https, with hosts that boot: Debian with the boot data that `tuskling deploy apply` made, units
under a live systemd, names, certificate and storage from AWS and Let's Encrypt as the test plays them.

Minutes: part of `make test-long` (TUSKLING_TEST_BOOT=1). Needs root.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import threading
import urllib.parse

import pytest
import requests
from bs4 import BeautifulSoup

from harness import machine, terraform
from harness.cloud import APP, DOMAIN, EDGE, PUBLIC, Cloud, answers
from harness.machine import Disk, Machine
from harness.pictures import png
from harness.server import Person, binary
from harness.sign_in import PersonAtBrowser
from harness.waiting import eventually

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not os.environ.get("TUSKLING_TEST_BOOT"), reason="takes minutes: make test-long, or TUSKLING_TEST_BOOT=1"),
    pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="terraform is not installed"),
]
BASE = f"https://{DOMAIN}"
PASSWORD = "correct horse battery staple"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


class Owner:
    """Somebody with a terminal on the internet, an AWS account, and nothing else."""

    def __init__(self, cloud: Cloud, folder):
        self.cloud, self.folder = cloud, folder
        # As small as a release: what helps to find mistakes would go to the hosts as well.
        self.release = folder / "tuskling"
        subprocess.run(["strip", "-o", self.release, binary()], check=True, timeout=120)
        said = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True, timeout=20)
        self.version = said.stdout.split()[1]
        self.token, self.post = "", {}

    def start(self, *arguments: str) -> subprocess.Popen:
        environment = terraform.environment(SSL_CERT_FILE=str(self.cloud.everybody))
        return subprocess.Popen(
            ["ip", "netns", "exec", self.cloud.internet.name, binary(), "deploy", *arguments], cwd=self.folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def makes_an_instance(self, shape: str, boot, log) -> str:
        """`init` and `apply`, while `boot` does what AWS does with instances; what `apply` said."""
        answers = ("--domain", DOMAIN, "--region", terraform.REGION, "--shape", shape, "--architecture", "x86_64",
                   "--contact", "owner@example.com", "--dns", "new")
        self.run("init", *answers)
        applying = self.start("apply", "--yes", "--release", str(self.release), "--release-version", self.version)
        said = []
        reader = threading.Thread(target=lambda: said.extend(applying.stdout))
        reader.start()
        try:
            eventually(lambda: boot() or applying.poll() is not None, "apply ends", 1200)
        except AssertionError:
            raise AssertionError(f"{''.join(said)[-3000:]}\n{log()}") from None
        finally:
            applying.kill()
            reader.join(20)
        text = "".join(said)
        assert applying.wait() == 0, f"{text[-3000:]}\n{log()}"
        return text

    def run(self, *arguments: str, seconds: int = 1200) -> str:
        started = self.start(*arguments)
        said, _ = started.communicate(timeout=seconds)
        assert started.returncode == 0, f"deploy {arguments}: {said[-4000:]}"
        return said


class Hosts:
    """What EC2 does with instances: boots each as soon as it is made, with its own boot data, role and volume."""

    def __init__(self, cloud: Cloud, image):
        self.cloud, self.image, self.machines, self.disk = cloud, image, {}, None
        self.boot_data: dict[str, str] = {}

    def boot_what_is_made(self) -> None:
        for name, instance in instances(self.cloud).items():
            if name not in self.machines:
                self.boot(name, instance)

    def boot(self, name: str, instance: str) -> None:
        self.boot_data[name] = boot_data(self.cloud, instance)
        self.cloud.introduce(APP if name == "app" else EDGE, f"tuskling-production-{name}", self.boot_data[name])
        self.start(name)

    def start(self, name: str) -> None:
        user_data = self.boot_data[name]
        if name == "app" and self.disk is None:
            self.disk = Disk(self.cloud.folder, volume_of(user_data))
        namespace, disk = (self.cloud.app, self.disk) if name == "app" else (self.cloud.edge, None)
        self.machines[name] = Machine(self.cloud, self.image, namespace, name, user_data, disk)

    def answer(self, browser) -> None:
        """Waits until the instance is ready, as somebody on the internet sees it."""
        try:
            eventually(lambda: ready(browser), "the instance answers", 600)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.log()}") from None

    def lose(self) -> None:
        """Both machines and the volume are gone, at once."""
        self.remove()
        self.machines, self.disk = {}, None

    def boot_again(self) -> None:
        for name in self.boot_data:
            self.start(name)

    def log(self) -> str:
        return "\n".join(one.log() for one in self.machines.values())

    def remove(self) -> None:
        for one in self.machines.values():
            one.remove()
        if self.disk:
            self.disk.remove()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    image = machine.image()
    cloud = Cloud(tmp_path_factory.mktemp("cloud"), image / "mirror")
    cloud.image = image
    yield cloud
    cloud.stop()


@pytest.fixture(scope="module")
def hosts(cloud):
    hosts = Hosts(cloud, cloud.image)
    yield hosts
    hosts.remove()


@pytest.fixture(scope="module")
def owner(cloud, tmp_path_factory):
    return Owner(cloud, tmp_path_factory.mktemp("owner"))


@pytest.fixture
def internet(cloud, monkeypatch):
    """This thread stands on the internet, where the instance's name leads to its address."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more: resolve(PUBLIC if host == DOMAIN else host, *more))
    with cloud.inside():
        yield


@pytest.fixture
def browser(cloud, internet):
    session = requests.Session()
    # Variables of whoever runs this (REQUESTS_CA_BUNDLE) would come before `verify`.
    session.verify, session.trust_env = str(cloud.roots), False
    return session


def test_two_commands_make_an_instance(hosts, owner, internet):
    text = owner.makes_an_instance("private", hosts.boot_what_is_made, hosts.log)
    assert f"{BASE} answers." in text and set(hosts.machines) == {"edge", "app"}
    for host in hosts.machines.values():
        eventually(lambda host=host: host.says("systemctl", "is-system-running") in ("running", "degraded"), "the host has booted", 120)
        assert not host.failed_units(), host.log()
        assert host.says("dpkg-query", "-W", "-f", "${Status}", "amazon-ssm-agent") == "install ok installed", host.log()
    status = json.loads(owner.run("status", "--json"))
    assert status["answers"] and status["release"]["version"] == owner.version


def test_the_owner_posts_by_a_client(cloud, hosts, owner, browser):
    """By the one-time link that the server left in Parameter Store, then as an app does."""
    link = eventually(lambda: parameter(cloud, "set-up-link"), "the owner's link", 60)
    assert link.startswith(f"{BASE}/")
    page = browser.get(link, timeout=30)
    form = BeautifulSoup(page.text, "html.parser").find("main").find("form")
    fields = {one["name"]: one.get("value", "") for one in form.find_all("input") if one.get("name")}
    for name in fields:
        fields[name] = {"username": "owner", "email": "owner@example.com"}.get(name, PASSWORD if "password" in name else fields[name])
    made = browser.post(urllib.parse.urljoin(link, form.get("action") or link), data=fields, headers={"Origin": BASE}, timeout=30)
    assert made.status_code == 200, made.text
    owner.token = signed_in(browser)
    hers = {"Authorization": f"Bearer {owner.token}"}
    picture = browser.post(f"{BASE}/api/v2/media", files={"file": ("hill.png", png(), "image/png")}, headers=hers, timeout=60)
    assert picture.status_code in (200, 202), picture.text
    body = {"status": "The first post", "media_ids[]": picture.json()["id"]}
    post = eventually(lambda: taken(browser.post(f"{BASE}/api/v1/statuses", data=body, headers=hers, timeout=60)), "the post", 60)
    owner.post = post
    # Everybody sees it, and its picture, which lies in the bucket.
    page = browser.get(post["url"], headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200 and "The first post" in page.text
    image = browser.get(post["media_attachments"][0]["url"], timeout=30)
    assert image.status_code == 200 and image.headers["Content-Type"].startswith("image/")
    bucket = next(one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"] if "-media-" in one["Name"])
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] >= 1


def test_the_server_is_behind_the_edge_and_nowhere_else(cloud, hosts, internet):
    edge, app = hosts.machines["edge"], hosts.machines["app"]
    # Out: by the edge's address, translated. In: not at all.
    app.run("curl", "-sSf", "-m", "10", "-o", "/dev/null", "http://packages.example.com/Packages?by=app")
    log = (cloud.folder / "http.server.log").read_text()
    asked = [line for line in log.splitlines() if "by=app" in line]
    assert asked and all(line.startswith(PUBLIC) for line in asked), asked
    assert not answers(APP, 3443) and not answers(APP, 3000)
    assert edge.run("tuskling", "edge", "nat", "status").returncode == 0
    # The edge may ask for its role's keys; the server's unit may, too, as it keeps backups; nobody else listens.
    listening = {line.split()[3] for line in app.says("ss", "-Htln").splitlines()}
    assert {one for one in listening if not one.startswith(("127.", "[::1]"))} == {f"{APP}:3443"}, listening
    listening = {line.split()[3].rsplit(":", 1)[1] for line in edge.says("ss", "-Htln").splitlines() if "127.0.0" not in line}
    assert listening == {"80", "443"}, listening


def test_l02_live_units_hold_what_they_promise(hosts):
    """The same limits as offline, judged by the systemd that runs the units."""
    for name, unit, most in (("app", "tuskling", 15), ("edge", "tuskling-edge", 20), ("edge", "tuskling-nat", 20)):
        host = hosts.machines[name]
        assert host.is_active(f"{unit}.service"), host.log()
        host.run("systemd-analyze", "security", f"--threshold={most}", f"{unit}.service")
    process = hosts.machines["app"].says("systemctl", "show", "-P", "MainPID", "tuskling.service")
    status = hosts.machines["app"].says("cat", f"/proc/{process}/status")
    assert "NoNewPrivs:\t1" in status and "CapEff:\t0000000000000000" in status and "Seccomp:\t2" in status
    assert "tuskling-update.timer" in hosts.machines["app"].says("systemctl", "list-timers", "--no-pager")


def test_hosts_come_back_after_a_reboot(hosts, owner, browser):
    for host in hosts.machines.values():
        host.reboot()
    hosts.answer(browser)
    assert browser.get(f"{BASE}/api/v1/statuses/{owner.post['id']}", timeout=30).json()["content"] == owner.post["content"]
    for host in hosts.machines.values():
        assert not host.failed_units(), host.log()
    assert hosts.machines["edge"].run("tuskling", "edge", "nat", "status").returncode == 0


def test_a_sick_release_is_taken_back_and_a_healthy_one_stays(hosts, owner, browser, tmp_path):
    sick = tmp_path / "sick"
    # It sets a host up, but none of its services comes to life.
    (tmp_path / "sick.c").write_text("int main(int n, char **word) { return !(n > 1 && word[1][0] == 'd'); }\n")
    subprocess.run(["cc", "-o", sick, tmp_path / "sick.c"], check=True, timeout=60)
    before = {name: host.current() for name, host in hosts.machines.items()}
    owner.run("update", "--no-wait", "--release", str(sick), "--release-version", "9.9.9")
    for host in hosts.machines.values():
        said = host.update()
        assert "back to" in said and host.run("sh", "-c", "cat /opt/tuskling/refused").stdout.strip(), said
    assert {name: host.current() for name, host in hosts.machines.items()} == before
    hosts.answer(browser)
    better = tmp_path / "better"
    better.write_bytes(owner.release.read_bytes() + b"another build")
    owner.run("update", "--no-wait", "--release", str(better), "--release-version", f"{owner.version}+better")
    for host in hosts.machines.values():
        assert "is healthy" in host.update(), host.log()
        assert host.current().startswith(f"{owner.version}+better-")
    hosts.answer(browser)
    assert browser.get(f"{BASE}/api/v1/statuses/{owner.post['id']}", timeout=30).status_code == 200


def test_lost_hosts_and_a_lost_volume_come_back_by_themselves(cloud, hosts, owner, browser):
    """New machines with the same boot data, an empty volume, rights enforced by the roles that the module made."""
    app = hosts.machines["app"]
    backups = next(one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"] if "-backups-" in one["Name"])
    newest = lambda: [one["Key"] for one in cloud.client("s3").list_objects_v2(Bucket=backups).get("Contents", []) if "/snapshots/" in one["Key"]]
    # Those that are there may be older than what was posted.
    before = set(newest())
    hers = {"Authorization": f"Bearer {owner.token}"}
    last = taken(browser.post(f"{BASE}/api/v1/statuses", data={"status": "The last post"}, headers=hers, timeout=60))
    app.run("systemctl", "restart", "tuskling.service")
    eventually(lambda: set(newest()) - before, "a backup is made", 180)
    orders = cloud.orders()
    hosts.lose()
    with cloud.rights_enforced():
        hosts.boot_again()
        hosts.answer(browser)
        for post in (owner.post, last):
            found = browser.get(f"{BASE}/api/v1/statuses/{post['id']}", timeout=30)
            assert found.status_code == 200 and found.json()["content"] == post["content"]
        assert signed_in(browser), "the owner still has an account"
    assert "restoring" in hosts.machines["app"].says("cat", "/var/log/cloud-init-output.log")
    assert cloud.orders() == orders, "the certificate came back from the vault"


def instances(cloud: Cloud) -> dict[str, str]:
    """The instances that run, by what they are for."""
    found = {}
    for reservation in cloud.client("ec2").describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            role = next((tag["Value"] for tag in instance.get("Tags", []) if tag["Key"] == "role"), None)
            if role and instance["State"]["Name"] == "running":
                found[role] = instance["InstanceId"]
    return found


def boot_data(cloud: Cloud, instance: str) -> str:
    told = cloud.client("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")
    return base64.b64decode(told["UserData"]["Value"]).decode()


def volume_of(user_data: str) -> str:
    return next(line.split("=")[1] for line in user_data.splitlines() if "DATA_VOLUME=" in line)


def parameter(cloud: Cloud, name: str) -> str | None:
    ssm = cloud.client("ssm")
    try:
        return ssm.get_parameter(Name=f"/tuskling/production/{name}", WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None


def signed_in(browser: requests.Session) -> str:
    """A token of the owner, by the way of every app."""
    body = {"client_name": "Walking app", "redirect_uris": OUT_OF_BAND, "scopes": "read write"}
    app = browser.post(f"{BASE}/api/v1/apps", data=body, timeout=30).json()
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": "read write"}
    person = PersonAtBrowser(Person("owner", "owner@example.com", PASSWORD))
    person.session.verify, person.session.trust_env = browser.verify, False
    code = person.authorize(f"{BASE}/oauth/authorize?{urllib.parse.urlencode(query)}")
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": OUT_OF_BAND, **{name: app[name] for name in ("client_id", "client_secret")}}
    return browser.post(f"{BASE}/oauth/token", data=given, timeout=30).json()["access_token"]


def taken(answer: requests.Response) -> dict | None:
    """The post; None while its picture is still looked at."""
    assert answer.status_code in (200, 422), answer.text
    return answer.json() if answer.status_code == 200 else None


def ready(browser: requests.Session) -> requests.Response | None:
    try:
        answer = browser.get(f"{BASE}/ready", timeout=10)
    except requests.RequestException:
        return None
    return answer if answer.status_code == 200 else None
