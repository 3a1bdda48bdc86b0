"""The script that makes a host what its role says, run on a folder that plays the host's disk: what it calls of the system is
written down, what it asks of AWS is answered by the test."""

import json
import os
import subprocess

import pytest
from harness import terraform as tf
from harness.server import REPOSITORY, binary

LINK = "https://social.example.com/setup?token=abc"
# Programs of the system that a host has; here they only say that they were called.
RECORDED = ("systemctl", "useradd", "mount", "mkfs.ext4", "sysctl", "chown", "dpkg")
STUB_CURL = """#!/usr/bin/env python3
# Plays curl for the script: metadata, parameters, the list of a bucket.
import json, pathlib, sys
folder = pathlib.Path("@folder@")
address = next(one for one in sys.argv[1:] if one.startswith(("http://", "https://")))
if "169.254.169.254" in address:
    sys.stdout.write(json.dumps({"AccessKeyId": "id", "SecretAccessKey": "secret", "Token": "token"}, indent=1) if address.endswith("/app") else "app")
    sys.exit(0)
keys = sys.stdin.read()
assert 'user = "id:secret"' in keys, keys
body = sys.argv[sys.argv.index("-d") + 1] if "-d" in sys.argv else ""
if "AmazonSSM.GetParameter" in " ".join(sys.argv):
    name = json.loads(body)["Name"]
    with (folder / "asked").open("a") as asked:
        asked.write(name + "\\n")
    print(json.dumps({"Parameter": {"Name": name, "Value": "value-of-" + name.rsplit("/")[-1]}}))
elif "AmazonSSM.PutParameter" in " ".join(sys.argv):
    (folder / "put").write_text(pathlib.Path(body.removeprefix("@")).read_text())
elif "list-type=2" in address and (folder / "away").exists():
    sys.exit(22)
elif address.endswith("/agent/current") and (folder / "agent").exists():
    import base64, hashlib
    print("3.3.1", base64.b64encode(hashlib.sha256((folder / "agent").read_bytes()).digest()).decode(), "agent/amazon-ssm-agent.deb")
elif address.endswith("/agent/amazon-ssm-agent.deb"):
    sys.stdout.write((folder / "agent").read_text())
elif "list-type=2" in address:
    print("<ListBucketResult><Key>backup/1</Key></ListBucketResult>" if (folder / "has-backups").exists() else "<ListBucketResult/>")
else:
    sys.exit(22)
"""


class Disk:
    def __init__(self, folder, role):
        self.folder, self.role = folder, role
        for name in ("bin", "etc", "data", "dev"):
            (folder / name).mkdir()
        (folder / "dev/nvme-Amazon_Elastic_Block_Store_vol0abc").touch()
        (folder / "fstab").touch()
        values = {
            "ROLE": role, "REGION": "eu-west-3", "DOMAIN": "social.example.com", "CONTACT": "owner@example.com",
            "RELEASES": "ours", "BACKUPS": "backups", "MEDIA": "media", "PARAMETERS": "/tuskling/production",
            "EDGE_ADDRESS": "10.77.0.10", "APP_ADDRESS": "10.77.16.10", "LINK_PORT": "3443", "MAIL": "ses",
            "PRIVATE_CIDR": "10.77.16.0/20", "DATA_VOLUME": "" if role == "edge" else "vol-0abc",
        }
        (folder / "etc/host.env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        self.write("release", self.here((tf.MODULE / "templates/release").read_text()))
        self.write("setup", self.here((REPOSITORY / "infra/host/setup").read_text()))
        for name in RECORDED:
            self.write(f"bin/{name}", f'#!/bin/sh\necho "{name} $*" >>{folder}/calls\n')
        self.write("bin/curl", STUB_CURL.replace("@folder@", str(folder)))
        self.write("bin/journalctl", f"#!/bin/sh\necho 'Make your owner account: {LINK}'\n")
        self.write("bin/install", '#!/bin/sh\nfor last; do :; done\nmkdir -p "$last"\n')
        self.write("bin/mountpoint", "#!/bin/sh\nexit 1\n")
        self.write("bin/blkid", f"#!/bin/sh\ncat {folder}/type 2>/dev/null\n")
        self.write("bin/tuskling", f'#!/bin/sh\necho "tuskling $*" >>{folder}/calls\ntest ! -e {folder}/broken\n')

    def here(self, text):
        for there, here in (
            ("/usr/local/lib/tuskling/release", "release"), ("/var/lib/tuskling\n", "data\n"),
            ("/dev/disk/by-id", "dev"), ("/etc/fstab", "fstab"), ("/run/agent.deb", "agent.deb"),
        ):
            text = text.replace(there, f"{self.folder}/{here}")
        text = text.replace("etc=/etc/tuskling\n", f"etc={self.folder}/etc\n")
        return text.replace("sleep 10\n", "sleep 0\n").replace("{1..60}", "{1..2}")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def run(self):
        environment = os.environ | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", self.folder / "setup"], capture_output=True, text=True, timeout=120, env=environment
        )

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def settings(self, name):
        lines = (self.folder / f"etc/{name}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(params=("edge", "app", "single"))
def disk(request, tmp_path):
    return Disk(tmp_path, request.param)


def test_a_new_host_becomes_what_its_role_says(disk):
    done = disk.run()
    assert done.returncode == 0, done.stdout + done.stderr
    calls = disk.calls()
    has_server, has_edge = disk.role != "edge", disk.role != "app"
    assert ("systemctl restart tuskling.service" in calls) == has_server
    assert ("systemctl restart tuskling-edge.service" in calls) == has_edge
    assert ("systemctl restart tuskling-nat.service" in calls) == (disk.role == "edge")
    assert any("tuskling-update.timer" in call for call in calls)
    assert any(call.startswith("mkfs.ext4") for call in calls) == has_server
    asked = (disk.folder / "asked").read_text() if (disk.folder / "asked").exists() else ""
    assert ("recovery-key" in asked) == has_server, "the edge never asks for the key of the backups"
    assert ("link-secret" in asked) == (disk.role != "single")
    for name in ("link-secret", "recovery-key"):
        file = disk.folder / "etc" / name
        if file.exists() and file.stat().st_size:
            assert file.stat().st_mode & 0o777 == 0o600
    if has_server:
        assert json.loads((disk.folder / "put").read_text())["Value"] == LINK, "the owner finds the one-time link"
        assert not (disk.folder / "etc/set-up-link").exists()
        assert calls.index(next(one for one in calls if one.startswith("mount"))) < calls.index("systemctl restart tuskling.service")


def test_what_it_writes_are_settings_that_the_program_takes(disk):
    assert disk.run().returncode == 0
    for name, has in (("serve", disk.role != "edge"), ("edge", disk.role != "app")):
        if not has:
            continue
        settings = disk.settings(name) | (disk.settings("backup") if name == "serve" else {})
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TUSKLING_")}
        done = subprocess.run(
            [binary(), "config", "check"], capture_output=True, text=True, timeout=30, cwd=disk.folder, env=clean | settings
        )
        assert done.returncode == 0, done.stderr
        assert "social.example.com" in done.stdout


def test_the_server_backs_up_and_the_unit_hands_it_what_that_takes(tmp_path):
    disk = Disk(tmp_path, "app")
    assert disk.run().returncode == 0
    assert disk.settings("backup") == {
        "TUSKLING_BACKUP_REPOSITORY": "s3://backups/backup", "TUSKLING_BACKUP_S3_REGION": "eu-west-3"
    }
    unit = (REPOSITORY / "infra/systemd/tuskling.service").read_text().splitlines()
    assert "EnvironmentFile=/etc/tuskling/backup.env" in unit
    assert "LoadCredential=recovery-key:/etc/tuskling/recovery-key" in unit
    assert disk.settings("serve")["TUSKLING_BACKUP_PASSWORD_FILE"] == "/run/credentials/tuskling.service/recovery-key"


def test_e11_the_edge_keeps_its_certificates_where_they_outlive_the_host(tmp_path):
    for role in ("edge", "single"):
        (tmp_path / role).mkdir()
        disk = Disk(tmp_path / role, role)
        assert disk.run().returncode == 0
        settings, calls = disk.settings("edge"), disk.calls()
        asks = "systemctl set-property tuskling-edge.service IPAddressAllow=169.254.169.254"
        restart = calls.index("systemctl restart tuskling-edge.service")
        secret = (disk.folder / "etc/link-secret").read_text()
        if role == "edge":
            assert settings["TUSKLING_EDGE_VAULT"] == "s3://ours/edge" and settings["TUSKLING_EDGE_S3_REGION"] == "eu-west-3"
            assert calls.index(asks) < restart
            continue
        # On the data volume, and by a secret from which nobody gets to the key of the backups.
        assert settings["TUSKLING_EDGE_VAULT"] == str(disk.folder / "data/edge") and (disk.folder / "data/edge").is_dir()
        assert asks not in calls, "a role that reads backups is for the server only"
        assert calls.index(next(one for one in calls if one.startswith("mount"))) < restart
        assert len(secret.strip()) == 64 and "value-of" not in secret
        assert disk.run().returncode == 0 and (disk.folder / "etc/link-secret").read_text() == secret
        (disk.folder / "etc/link-secret").unlink()
        assert disk.run().returncode == 0 and (disk.folder / "etc/link-secret").read_text() == secret, "on the next host as well"
    unit = (REPOSITORY / "infra/systemd/tuskling-edge.service").read_text()
    assert "ReadWritePaths=-/var/lib/tuskling/edge\n" in unit and "var-lib-tuskling.mount" in unit


def test_it_may_run_again_and_formats_nothing_that_is_not_blank(tmp_path):
    disk = Disk(tmp_path, "app")
    assert disk.run().returncode == 0
    (tmp_path / "calls").unlink()
    (tmp_path / "type").write_text("ext4\n")
    assert disk.run().returncode == 0
    assert not any(call.startswith("mkfs") for call in disk.calls())
    assert (tmp_path / "fstab").read_text().count("LABEL=tuskling") == 1


def test_an_empty_volume_with_backups_is_restored_before_anything_starts(tmp_path):
    disk = Disk(tmp_path, "app")
    (tmp_path / "has-backups").touch()
    assert disk.run().returncode == 0
    calls = disk.calls()
    restore = next(one for one in calls if one.startswith("tuskling restore"))
    assert calls.index(restore) < calls.index("systemctl restart tuskling.service")
    assert "--snapshot latest --data" in restore
    (tmp_path / "calls").unlink()
    assert disk.run().returncode == 0
    assert not any("restore" in call for call in disk.calls()), "only once"


def test_a_restore_that_fails_starts_no_second_server(tmp_path):
    disk = Disk(tmp_path, "app")
    (tmp_path / "has-backups").touch()
    (tmp_path / "broken").touch()
    done = disk.run()
    assert done.returncode != 0
    assert "systemctl restart tuskling.service" not in disk.calls()


def test_a_restore_that_was_cut_off_goes_on(tmp_path):
    disk = Disk(tmp_path, "app")
    (tmp_path / "has-backups").touch()
    (tmp_path / "data/data/.backup").mkdir(parents=True)
    (tmp_path / "data/data/tuskling.db").touch()
    (tmp_path / "data/data/.backup/restore.json").touch()
    assert disk.run().returncode == 0
    assert any(call.startswith("tuskling restore") for call in disk.calls())


def test_when_nobody_says_whether_there_are_backups_nothing_starts(tmp_path):
    """An S3 that is away for a moment at the first boot must not make a second server in the place of the one that was."""
    disk = Disk(tmp_path, "app")
    (tmp_path / "away").touch()
    done = disk.run()
    assert done.returncode != 0 and "list_backups failed" in done.stdout
    assert "systemctl restart tuskling.service" not in disk.calls() and not (tmp_path / "data/.settled").exists()


def test_a_kernel_that_refuses_a_setting_is_no_reason_to_give_up(disk):
    disk.write("bin/sysctl", "#!/bin/sh\nexit 1\n")
    done = disk.run()
    assert done.returncode == 0 and "a setting of the kernel was not taken" in done.stdout


def test_an_agent_that_cannot_be_installed_is_said(tmp_path):
    disk = Disk(tmp_path, "edge")
    (tmp_path / "agent").write_text("a package")
    assert disk.run().returncode == 0
    assert any(call.startswith("dpkg --install") for call in disk.calls())
    disk.write("bin/dpkg", "#!/bin/sh\nexit 1\n")
    done = disk.run()
    assert done.returncode == 0 and "no shell by Session Manager yet" in done.stdout
    assert not (tmp_path / "agent.deb").exists()


def test_without_its_volume_nothing_starts(tmp_path):
    disk = Disk(tmp_path, "app")
    (tmp_path / "dev/nvme-Amazon_Elastic_Block_Store_vol0abc").unlink()
    done = disk.run()
    assert done.returncode != 0 and "is not attached" in done.stdout
    assert "systemctl restart tuskling.service" not in disk.calls()
