"""What a host is set up with: boot data, units and scripts, judged by the programs that will read them there."""

import hashlib
import json
import os
import shutil
import subprocess

import pytest
import yaml
from harness import terraform as tf
from harness.server import binary

ROLES = ("edge", "app", "single")
# L02: the exposure, times ten, that each unit may have at most.
THRESHOLDS = {"tuskling.service": 15, "tuskling-edge.service": 20, "tuskling-nat.service": 20}


def needs(program: str):
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


@pytest.fixture(scope="module", params=ROLES)
def host(request, tmp_path_factory):
    """The files of a host of this role, below a folder."""
    root = tmp_path_factory.mktemp(request.param)
    subprocess.run([binary(), "deploy", "host", "--role", request.param, "--root", str(root)], check=True, timeout=30)
    return root


@needs("systemd-analyze")
def test_l02_units_are_sound_and_little_exposed(host, tmp_path):
    # The programs of the units are on the host, not here.
    (host / "usr/local/bin").mkdir(exist_ok=True)
    (host / "usr/local/bin/tuskling").write_text("#!/bin/sh\n")
    (host / "usr/local/bin/tuskling").chmod(0o755)
    for kill in ("bin/kill", "bin/false"):
        (host / kill).parent.mkdir(exist_ok=True)
        (host / kill).write_text("#!/bin/sh\n")
        (host / kill).chmod(0o755)
    units = [path for path in (host / "etc/systemd/system").iterdir() if path.suffix in (".service", ".timer")]
    assert units
    for unit in units:
        text = unit.read_text()
        for program in ("/usr/local/", "/bin/kill"):
            text = text.replace(f"={program}", f"={host}{program}")
        copy = tmp_path / unit.name
        copy.write_text(text)
        done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, timeout=60)
        about_ours = [line for line in done.stderr.splitlines() if "tuskling" in line and "man " not in line]
        assert not about_ours, about_ours
        if unit.name in THRESHOLDS:
            command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={THRESHOLDS[unit.name]}", unit]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stdout[-600:]


def test_l03_only_address_translation_administers_the_network(host):
    for unit in (host / "etc/systemd/system").glob("*.service"):
        rights = [line for line in unit.read_text().splitlines() if line.startswith("CapabilityBoundingSet=")]
        expected = {
            "tuskling.service": ["CapabilityBoundingSet="],
            "tuskling-edge.service": ["CapabilityBoundingSet=CAP_NET_BIND_SERVICE"],
            "tuskling-nat.service": ["CapabilityBoundingSet=CAP_NET_ADMIN"],
            "tuskling-update.service": [],
        }
        assert rights == expected[unit.name], unit.name


@needs("shellcheck")
def test_scripts_are_sound(host):
    scripts = [path for path in (host / "usr/local/lib/tuskling").iterdir()]
    done = subprocess.run(["shellcheck", "--severity=warning", *scripts], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The boot data of a host, as the module renders them."""
    if not (shutil.which("terraform") or shutil.which("tofu")):
        pytest.skip("terraform is not installed")
    templates = tf.MODULE / "templates"
    values = {"ROLE": "app", "REGION": "eu-west-3", "DATA_VOLUME": "vol-0123456789abcdef0", "DOMAIN": "social.example.com"}
    console = (
        f'jsonencode(templatefile("{templates}/host.yaml.tftpl", '
        f'{{ host = {json.dumps(values)}, fetch = file("{templates}/release") }}))'
    )
    done = subprocess.run(
        [shutil.which("terraform") or "tofu", f"-chdir={tmp_path_factory.mktemp('console')}", "console"],
        input=console, capture_output=True, text=True, timeout=60, env=tf.environment(),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(json.loads(done.stdout))


def test_d04_boot_data_are_small_and_hold_what_the_host_needs(rendered):
    assert len(rendered.encode()) < 12_000, "AWS takes 16 kB"
    assert "DATA_VOLUME=vol-0123456789abcdef0" in rendered
    for word in ("aws_secret", "PRIVATE KEY", "password"):
        assert word not in rendered


@needs("cloud-init")
def test_cloud_init_reads_the_boot_data(rendered, tmp_path):
    file = tmp_path / "user-data"
    file.write_text(rendered)
    done = subprocess.run(["cloud-init", "schema", "--config-file", file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Valid" in done.stdout, done.stdout + done.stderr


def test_the_boot_script_arrives_as_it_was_written(rendered):
    document = yaml.safe_load(rendered)
    assert set(document) == {"write_files", "runcmd"}, "cloud-init passes over keys that it does not know"
    script = next(one for one in document["write_files"] if one["path"].endswith("/release"))
    assert script["content"].rstrip() == (tf.MODULE / "templates/release").read_text().rstrip()


# -- the update agent, with a bucket and services of the test's own -------------------------------

STUB_CURL = """#!/usr/bin/env python3
# Plays curl for the agent: metadata, objects of a folder.
import pathlib, sys
address = next(one for one in sys.argv[1:] if one.startswith(("http://", "https://")))
if "169.254.169.254" in address:
    sys.stdout.write("{}" if address.endswith("/app") else "app")
    sys.exit(0)
sys.stdin.read()
path = pathlib.Path("@bucket@") / address.split(".amazonaws.com/")[1]
if not path.is_file():
    sys.exit(22)
sys.stdout.buffer.write(path.read_bytes())
"""


class Host:
    """The agent's script on a folder that plays the host's disk."""

    def __init__(self, folder):
        self.folder = folder
        self.bucket = folder / "bucket"
        for name in ("bucket/releases", "bin", "etc", "home", "library"):
            (folder / name).mkdir(parents=True)
        (folder / "etc/host.env").write_text("ROLE=app\nREGION=eu-west-3\nRELEASES=ours\n")
        self.script = folder / "library/release"
        text = (tf.MODULE / "templates/release").read_text()
        for line, part in (("etc=/etc/tuskling", "etc"), ("home=/opt/tuskling", "home"), ("library=/usr/local/lib/tuskling", "library")):
            assert f"\n{line}\n" in text
            text = text.replace(f"\n{line}\n", f"\n{line.split('=')[0]}={folder}/{part}\n")
        text = text.replace("/run/tuskling-release.lock", f"{folder}/lock").replace("/usr/local/bin/tuskling", f"{folder}/bin/tuskling")
        text = text.replace("sleep 2\n", "sleep 0\n")
        self.write("library/release", text)
        self.write("bin/curl", STUB_CURL.replace("@bucket@", str(self.bucket)))
        self.write("library/setup", "#!/bin/sh\nexit 0\n")
        # A release is healthy when its own text says so.
        self.write("library/healthy", f"#!/bin/sh\ngrep -q healthy {folder}/home/current/tuskling\n")
        self.write("library/keep-database", f"#!/bin/sh\necho \"$@.\" >>{folder}/copies\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def publish(self, version, text, sha256=None):
        body = f"#!/bin/sh\n# {text}\nexit 0\n".encode()
        key = f"releases/{version}/arm64/tuskling"
        (self.bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (self.bucket / key).write_bytes(body)
        sha256 = sha256 or hashlib.sha256(body).hexdigest()
        (self.bucket / "releases/current").write_text(f"{version} {sha256} {key}\n")

    def run(self, verb):
        environment = os.environ | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", self.script, verb], capture_output=True, text=True, timeout=120, env=environment
        )

    def current(self):
        return (self.folder / "home/current").resolve().name


@pytest.fixture
def agent(tmp_path):
    host = Host(tmp_path)
    host.publish("1.0.0", "healthy")
    first = subprocess.run(
        ["bash", "-c", f"source {host.script}; fetch_current && switch_to $folder"],
        capture_output=True, text=True, timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
    )
    assert first.returncode == 0, first.stderr
    assert host.current().startswith("1.0.0-")
    return host


def test_a_healthy_release_is_taken_once(agent):
    assert agent.run("update").returncode == 0
    agent.publish("1.1.0", "healthy and new")
    done = agent.run("update")
    assert done.returncode == 0, done.stdout + done.stderr
    assert agent.current().startswith("1.1.0-")
    assert (agent.folder / "copies").read_text() == ".\n", "the database was copied before"
    again = agent.run("update")
    assert again.returncode == 0 and not again.stdout


def test_a_sick_release_goes_back_by_itself_and_is_not_tried_again(agent):
    before = agent.current()
    agent.publish("1.2.0", "sick")
    done = agent.run("update")
    assert done.returncode == 1 and "back to" in done.stdout
    assert agent.current() == before
    again = agent.run("update")
    assert again.returncode == 0 and "left alone" in again.stdout
    agent.publish("1.2.1", "healthy at last")
    assert agent.run("update").returncode == 0
    assert agent.current().startswith("1.2.1-")


def test_d07_a_release_with_another_hash_is_not_run(agent):
    before = agent.current()
    agent.publish("1.3.0", "healthy", sha256="0" * 64)
    done = agent.run("update")
    assert done.returncode != 0 and "another hash" in done.stdout
    agent.publish("../../evil", "healthy")
    done = agent.run("update")
    assert done.returncode != 0 and "names no release" in done.stdout
    assert agent.current() == before
    assert [one.name for one in (agent.folder / "home").iterdir() if one.is_dir() and not one.is_symlink()] == [before]
