"""The identity capsule as an operator uses it: everything is lost but one small file, and the server that is
made of it is the one that others knew. Stock `age` opens the file as well."""

import gzip
import json
import os
import pty
import select
import shutil
import subprocess
import time

import pytest
import requests
from conftest import keep_log, start_server
from harness.server import Server
from test_backup import PASSWORD, elsewhere, lose, restic, use
from test_federation import Neighbour


@pytest.fixture
def key(tmp_path):
    """The file of a key pair that the owner keeps elsewhere, and its public half."""
    path = tmp_path / "owner.key"
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True, timeout=20)
    public = next(line for line in path.read_text().splitlines() if line.startswith("# public key: "))
    return path, public.removeprefix("# public key: ")


@pytest.fixture
def peer(tmp_path):
    server = start_server("sqlite", tmp_path / "peer").start()
    yield server
    try:
        server.stop()
    finally:
        keep_log(server)
        server.clean_up()


def public_key(server: Server, name: str) -> str:
    wanted = {"Accept": "application/activity+json"}
    actor = requests.get(f"{server.base}/users/{name}", headers=wanted, timeout=10).json()
    return actor["publicKey"]["publicKeyPem"]


def lines(sealed: bytes) -> list:
    return [json.loads(line) for line in gzip.decompress(sealed).splitlines()]


def test_a_capsule_alone_brings_back_a_server_that_others_know(fresh_server, peer, key, tmp_path):
    server, place = fresh_server, tmp_path / "repository"
    use(server, place)
    server.settings["TUSKLING_BACKUP_CAPSULE_RECIPIENTS"] = key[1]
    server.start()
    author, reader = Neighbour(server, "author"), Neighbour(peer, "reader")
    followed = reader.follow(author)
    author.follow(reader)
    author.api.status_post("before the loss")
    reader.gets("before the loss")
    known = public_key(server, author.name)
    server.run("backup", "run")
    (sealed,) = (place / "capsules").iterdir()
    capsule = tmp_path / "capsule.age"
    shutil.copy(sealed, capsule)
    assert "no errors were found" in restic(place, "check").stdout, "restic does not mind it"
    lose(server)
    shutil.rmtree(place)

    opened = subprocess.run(
        ["age", "--decrypt", "--identity", str(key[0]), str(capsule)], check=True, capture_output=True, timeout=20
    )
    inside = lines(opened.stdout)
    assert inside[0]["host"] == server.domain
    assert not any(isinstance(line, list) and "before the loss" in json.dumps(line) for line in inside)

    new = elsewhere(server, tmp_path)
    refused = new.run("restore", "--capsule", str(capsule), check=False)
    assert refused.returncode == 1 and "--identity" in refused.stderr, refused.stderr
    assert not new.data.exists(), "a failed start leaves nothing behind"
    said = new.run("restore", "--capsule", str(capsule), "--identity", str(key[0])).stdout
    assert "keys sign" in said, said
    try:
        new.start()
        assert author.api.me().username == author.name, "the old token is good"
        assert public_key(new, author.name) == known
        author.api.status_post("after the loss")
        reader.gets("after the loss")
        assert reader.api.account_relationships(followed)[0].following
        reader.api.status_post("welcome back")
        author.gets("welcome back")
        new.stop()
        again = new.run("restore", "--capsule", str(capsule), "--identity", str(key[0]), check=False)
        assert again.returncode == 1 and "not empty" in again.stderr
    finally:
        keep_log(new)
        new.clean_up()


def test_a_capsule_that_the_password_opens_is_opened_by_age_as_well(tmp_path):
    server = Server("sqlite", tmp_path)
    use(server, tmp_path / "repository")
    person = server.person("somebody")
    output = tmp_path / "by-hand.age"
    server.run("backup", "capsule", "--output", str(output))
    assert output.stat().st_mode & 0o777 == 0o600
    plain = tmp_path / "plain"
    by_terminal(["age", "--decrypt", "--output", str(plain), str(output)], PASSWORD)
    inside = lines(plain.read_bytes())
    assert any(isinstance(line, list) and person.name in line for line in inside)
    assert any(isinstance(line, dict) and line.get("file") == "backup-password" for line in inside)
    # The newest beside the backups, on a machine that has only the password.
    new = elsewhere(server, tmp_path)
    new.settings["TUSKLING_BACKUP_PASSWORD"] = "another phrase"
    refused = new.run("restore", "--capsule", "latest", check=False)
    assert refused.returncode == 1 and "not opened by this password" in refused.stderr, refused.stderr
    new.settings["TUSKLING_BACKUP_PASSWORD"] = PASSWORD
    new.run("restore", "--capsule", "latest")
    assert person.name in new.run("account", "list").stdout
    assert (new.data / "restored-config" / "backup-password").read_text() == PASSWORD
    output.write_bytes(output.read_bytes()[:-20])
    done = new.run("restore", "--force", "--capsule", str(output), check=False)
    assert done.returncode == 1 and "damaged" in done.stderr, done.stderr


def by_terminal(command: list[str], password: str) -> None:
    """Runs a program that asks for a password at its terminal and nowhere else."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    deadline, said, is_told = time.monotonic() + 60, b"", False
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            read = os.read(terminal, 4096)
        except OSError:
            break
        if not read:
            break
        said += read
        if not is_told and b"passphrase" in said.lower():
            os.write(terminal, password.encode() + b"\n")
            is_told = True
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said
