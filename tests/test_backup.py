"""Backups as an operator sees them: back up under load, lose everything, restore elsewhere, and a client
signs in with its old token. In a folder and in an S3 of the test's own, on both databases."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pytest
import requests
from harness import pictures, waiting
from harness.s3 import KEY_ID, ROLE_KEY_ID, S3
from harness.server import (
    Server,
    binary,
    drop_database,
    free_port,
    make_database,
    own_environment,
    postgres_url,
)

PASSWORD = "a long phrase for tests"


@pytest.fixture
def s3():
    bucket = S3()
    yield bucket
    bucket.stop()


def use(server: Server, place: Path | S3) -> None:
    """Names the place of the backups to every verb of this server."""
    settings = place.settings() if isinstance(place, S3) else {"TUSKLING_BACKUP_REPOSITORY": str(place)}
    server.settings |= settings | {"TUSKLING_BACKUP_PASSWORD": PASSWORD}


def restic(place: Path | S3, *arguments: str) -> subprocess.CompletedProcess:
    if isinstance(place, S3):
        location = f"s3:{place.endpoint}/{place.bucket}/site/one"
    else:
        location = str(place)
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    keys["RESTIC_PASSWORD"] = PASSWORD
    done = subprocess.run(
        ["restic", "--no-cache", "--repo", location, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | keys,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def headers(person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


def post(server: Server, person, text: str, **more) -> dict:
    answer = requests.post(
        f"{server.base}/api/v1/statuses", headers=headers(person), data={"status": text} | more, timeout=20
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(server: Server, person) -> tuple[str, bytes]:
    """The address of a picture that was posted, and its bytes."""
    files = {"file": ("a.png", pictures.png(300, 200), "image/png")}
    made = requests.post(f"{server.base}/api/v2/media", headers=headers(person), files=files, timeout=30).json()
    shown = post(server, person, "with a picture", **{"media_ids[]": made["id"]})

    def look():
        media = requests.get(f"{server.base}/api/v1/statuses/{shown['id']}", headers=headers(person), timeout=10).json()
        return media["media_attachments"][0].get("url")

    url = waiting.eventually(look, "the picture is processed")
    return url, requests.get(url, timeout=10).content


class Load:
    """Posts as fast as it is answered, until it is told to stop."""

    def __init__(self, server: Server, person):
        self.server, self.person = server, person
        self.stopping = threading.Event()
        self.made: list[str] = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        waiting.eventually(lambda: len(self.made) > 20, "posts are made", 30)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(30)

    def run(self) -> None:
        with requests.Session() as session:
            while not self.stopping.is_set():
                answer = session.post(
                    f"{self.server.base}/api/v1/statuses",
                    headers=headers(self.person),
                    data={"status": f"load {uuid.uuid4().hex}"},
                    timeout=20,
                )
                if answer.status_code == 200:
                    self.made.append(answer.json()["id"])


def elsewhere(server: Server, tmp_path: Path) -> Server:
    """A new machine with the settings of the old one and nothing else."""
    new = Server.__new__(Server)
    new.__dict__.update(server.__dict__)
    new.folder = tmp_path / "elsewhere"
    new.folder.mkdir()
    new.data = new.folder / "data"
    new.database = make_database() if server.engine == "postgres" else None
    new.settings = dict(server.settings)
    new.process = None
    return new


def lose(server: Server) -> None:
    """The machine and its disk are gone."""
    server.kill()
    shutil.rmtree(server.data)
    if server.database:
        drop_database(server.database)
        server.database = None


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_r17_the_drill(fresh_server, tmp_path, kind, request):
    place = request.getfixturevalue("s3") if kind == "s3" else tmp_path / "repository"
    server = fresh_server
    use(server, place)
    server.start()
    person = server.person("keeper")
    first = post(server, person, "the first")
    url, picture = upload(server, person)
    with Load(server, person) as load:
        before = len(load.made)
        server.run("backup", "run")
        server.run("backup", "run")
        known = load.made[:before]
    assert "no errors were found" in restic(place, "check", "--read-data").stdout
    listed = json.loads(server.run("backup", "list", "--json").stdout)
    assert len(listed["snapshots"]) == 2
    lose(server)

    new = elsewhere(server, tmp_path)
    said = new.run("restore").stdout
    assert "all files by their hashes" in said, said
    try:
        new.start()
        me = requests.get(
            f"{new.base}/api/v1/accounts/verify_credentials", headers=headers(person), timeout=10
        ).json()
        assert me["username"] == person.name
        for status in [first["id"], *known]:
            answer = requests.get(f"{new.base}/api/v1/statuses/{status}", headers=headers(person), timeout=10)
            assert answer.status_code == 200, status
        assert requests.get(url, timeout=10).content == picture
        post(new, person, "life goes on")
        new.stop()
        # The next snapshot of the new machine goes on where the old one's ended.
        new.run("backup", "run")
        assert "Snapshot" in new.run("backup", "verify").stdout
        assert "no errors were found" in restic(place, "check", "--read-data").stdout
    finally:
        new.clean_up()


def test_r17_the_drill_with_much(tmp_path):
    """A database and media of so many megabytes are saved, changed a little, saved, lost and restored."""
    megabytes = int(os.environ.get("TUSKLING_DRILL_MEGABYTES", "24"))
    server, place = Server("sqlite", tmp_path), tmp_path / "repository"
    use(server, place)
    person = server.person("keeper")
    fill(server.data, megabytes)
    long = 900 if megabytes > 100 else 120
    server.run("backup", "run", timeout=long)
    first = size_of(place)
    assert first > megabytes * 2**20 * 0.6
    connection = sqlite3.connect(server.data / "tuskling.db")
    with connection:
        connection.execute("UPDATE settings SET value = hex(randomblob(512)) WHERE name LIKE 'drill 1__'")
    connection.close()
    server.run("backup", "run", timeout=long)
    assert size_of(place) - first < first * 0.2, "what did not change is not saved again"
    assert "came back whole" in server.run("backup", "verify", timeout=long).stdout
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in ballast(server.data)}
    shutil.rmtree(server.data)
    new = elsewhere(server, tmp_path)
    begun = time.monotonic()
    said = new.run("restore", timeout=long).stdout
    print(f"{megabytes} MB restored and checked in {time.monotonic() - begun:.0f} s")
    assert "all files by their hashes" in said, said
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in ballast(new.data)} == sums
    try:
        new.start()
        assert post(new, person, "life goes on")["content"]
        new.stop()
    finally:
        new.clean_up()


def fill(data: Path, megabytes: int) -> None:
    """Half of it rows of the database, half of it files, all of it random."""
    rows = megabytes * 2**20 // 2 // 1100
    connection = sqlite3.connect(data / "tuskling.db")
    with connection:
        values = ((f"drill {number}", os.urandom(512).hex()) for number in range(rows))
        connection.executemany("INSERT INTO settings (name, value) VALUES (?, ?)", values)
    connection.close()
    (data / "media" / "ballast").mkdir(parents=True)
    for number in range(megabytes):
        (data / "media" / "ballast" / f"{number}.bin").write_bytes(os.urandom(2**19))


def ballast(data: Path) -> list[Path]:
    return sorted((data / "media" / "ballast").iterdir())


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_r16_killed_in_the_middle_and_run_again(tmp_path):
    server = Server("sqlite", tmp_path)
    place = tmp_path / "repository"
    use(server, place)
    server.start()
    person = server.person("writer")
    post(server, person, "x")
    server.stop()
    ballast = server.data / "media" / "ballast"
    ballast.mkdir()
    for number in range(40):
        (ballast / f"{number}.bin").write_bytes(os.urandom(1024 * 1024))
    server.run("account", "list")
    for pause in (0.3, 0.6, 0.9, 1.3, 1.8):
        run = subprocess.Popen(
            [binary(), "backup", "run", "--data", str(server.data)],
            env=own_environment() | server.settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(pause)
        run.kill()
        run.wait()
        if (place / "config").exists() and list((place / "snapshots").iterdir()):
            # Whoever was killed leaves a lock; only we know that a process of this machine is gone.
            restic(place, "check", "--no-lock")
    server.run("backup", "run")
    assert "no errors were found" in restic(place, "check", "--read-data").stdout
    assert not (server.data / ".backup" / "scratch").exists()
    assert "came back whole" in server.run("backup", "verify").stdout


def test_r17_a_wrong_password_and_a_full_folder_are_refused(tmp_path):
    server = Server("sqlite", tmp_path)
    place = tmp_path / "repository"
    use(server, place)
    server.person("somebody", token=False)
    server.run("backup", "run")
    done = server.run("restore", check=False)
    assert done.returncode == 1 and "is not empty" in done.stderr
    new = elsewhere(server, tmp_path)
    new.settings["TUSKLING_BACKUP_PASSWORD"] = "another phrase"
    done = new.run("restore", check=False)
    assert done.returncode == 1 and "password does not open" in done.stderr
    assert not new.data.exists(), "a failed start leaves nothing behind"
    new.settings["TUSKLING_BACKUP_REPOSITORY"] = str(tmp_path / "nowhere")
    done = new.run("restore", check=False)
    assert done.returncode == 1 and "no backup repository" in done.stderr
    new.settings |= server.settings
    done = new.run("restore", "--at", "2001-01-01T00:00:00Z", check=False)
    assert done.returncode == 1 and "no snapshot" in done.stderr
    new.run("restore")
    done = new.run("backup", "run", "--no-such-flag", check=False)
    assert done.returncode == 2


def test_r17_serve_refuses_an_unfinished_restore(tmp_path):
    server = Server("sqlite", tmp_path)
    place = tmp_path / "repository"
    use(server, place)
    server.person("somebody", token=False)
    (server.data / "media" / "big").mkdir(parents=True)
    for number in range(30):
        (server.data / "media" / "big" / f"{number}.bin").write_bytes(os.urandom(1024 * 1024))
    server.run("backup", "run")
    new = elsewhere(server, tmp_path)
    arguments = [binary(), "restore", "--data", str(new.data)]
    cut = 0
    mark, big = new.data / ".backup" / "restore.json", new.data / "media" / "big"
    for files in (1, 5, 12):
        run = subprocess.Popen(
            arguments, env=own_environment() | new.settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while run.poll() is None and not (big.exists() and len(list(big.iterdir())) >= files):
            time.sleep(0.005)
        run.kill()
        run.wait()
        if mark.exists():
            cut += 1
            done = new.run("account", "list", check=False)
            assert done.returncode == 1 and "not finished" in done.stderr
    new.run("restore")
    assert "somebody" in new.run("account", "list").stdout
    assert len(list((new.data / "media" / "big").iterdir())) == 30
    assert cut, "at least one restore was cut off in the middle"


def test_r18_serve_saves_what_changed_and_proves_it(tmp_path):
    server = Server("sqlite", tmp_path, {"TUSKLING_METRICS_LISTEN": f"127.0.0.1:{free_port()}"})
    place = tmp_path / "repository"
    use(server, place)
    server.settings["TUSKLING_BACKUP_INTERVAL_MINUTES"] = "1"
    server.start()
    try:
        person = server.person("writer")
        post(server, person, "saved by itself")

        def figures() -> str:
            return requests.get(f"http://{server.settings['TUSKLING_METRICS_LISTEN']}/metrics", timeout=5).text

        text = waiting.eventually(
            lambda: (text := figures()) and "tuskling_backup_proof_age_seconds" in text and text,
            "serve makes a snapshot and proves it",
            90,
        )
        assert "tuskling_backup_age_seconds" in text and "tuskling_backup_failed 0" in text
        assert len(list((place / "snapshots").iterdir())) >= 1
        server.stop()
    finally:
        server.clean_up()


# -- S3 that is slow, failing, lying, stingy -------------------------------------------------------


@pytest.fixture
def small(tmp_path, s3):
    """A server with an account and a little ballast, which keeps its backups in S3."""
    server = Server("sqlite", tmp_path)
    use(server, s3)
    server.person("somebody", token=False)
    ballast = server.data / "media" / "ballast"
    ballast.mkdir(parents=True)
    for number in range(12):
        (ballast / f"{number}.bin").write_bytes(os.urandom(1024 * 1024))
    return server


def test_r16_s3_that_fails_now_and_then_is_asked_again(small, s3):
    s3.fail = lambda method, key, number: (500 if number % 3 else 503) if number % 4 == 0 else None
    small.run("backup", "run")
    s3.fail = lambda *_: None
    assert "no errors were found" in restic(s3, "check", "--read-data").stdout


def test_r16_s3_that_lies_gets_no_snapshot(small, s3):
    lost = []

    def swallow(key: str) -> bool:
        if "/data/" in key and len(lost) < 1:
            lost.append(key)
            return True
        return False

    s3.swallow = swallow
    done = small.run("backup", "run", check=False)
    assert done.returncode == 1 and "acknowledged" in done.stderr, done.stderr
    assert lost[0].rsplit("/", 1)[1] in done.stderr
    assert s3.names("snapshots") == []
    small.run("backup", "run")
    assert len(s3.names("snapshots")) == 1
    assert "no errors were found" in restic(s3, "check", "--read-data").stdout


def test_r16_s3_that_is_slow_is_waited_for(small, s3):
    s3.delay = 0.5
    small.run("backup", "run")
    s3.delay = 0.0
    assert "came back whole" in small.run("backup", "verify").stdout


def test_r16_s3_with_wrong_credentials_is_named(small, s3):
    small.settings["TUSKLING_BACKUP_S3_ACCESS_KEY_ID"] = "AKIAWRONG"
    done = small.run("backup", "run", check=False)
    assert done.returncode == 1 and "access denied" in done.stderr, done.stderr
    assert "secret-of-the-test" not in done.stderr
    assert s3.objects == {}


def test_r16_the_role_of_the_machine_is_enough(small, s3):
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        del small.settings[f"TUSKLING_BACKUP_S3_{name}"]
    small.settings["AWS_METADATA_ENDPOINT"] = s3.endpoint
    small.run("backup", "run")
    assert {who for _, _, who in s3.requests} == {ROLE_KEY_ID}


def test_r16_only_the_operator_deletes(small, s3):
    s3.may_delete = False
    for number in range(3):
        (small.data / "media" / "ballast" / "0.bin").write_bytes(os.urandom(1024 * 1024))
        small.person(f"more{number}", token=False)
        small.run("backup", "run")
    assert len(s3.names("snapshots")) == 3
    # Its own lock is all that each run removes.
    assert ["/locks/" in key for method, key, _ in s3.requests if method == "DELETE"] == [True] * 3
    assert s3.names("locks") == []
    keep = {f"TUSKLING_BACKUP_KEEP_{name}": "0" for name in ("HOURS", "HOURLY", "DAILY", "WEEKLY", "MONTHLY")}
    small.settings |= keep
    done = small.run("backup", "prune", check=False)
    assert done.returncode == 1 and "access denied" in done.stderr, done.stderr
    assert len(s3.names("snapshots")) == 3
    s3.may_delete = True
    said = json.loads(small.run("backup", "prune", "--json").stdout)
    assert len(said["removed"]) == 2 and len(s3.names("snapshots")) == 1
    assert "no errors were found" in restic(s3, "check", "--read-data").stdout


def test_r17_missing_program_is_named(tmp_path):
    """PostgreSQL without its programs."""
    if not postgres_url():
        pytest.skip("needs PostgreSQL")
    server = Server("postgres", tmp_path)
    use(server, tmp_path / "repository")
    try:
        server.person("somebody", token=False)
        server.settings["PATH"] = str(tmp_path)
        done = server.run("backup", "run", check=False)
        assert done.returncode == 1 and "pg_dump is not installed" in done.stderr, done.stderr
    finally:
        server.clean_up()


def test_a_database_moves_to_the_other_engine_and_back(tmp_path):
    if not postgres_url():
        pytest.skip("needs PostgreSQL")
    old = Server("sqlite", tmp_path / "old")
    middle = Server("postgres", tmp_path / "middle")
    try:
        old.start()
        person = old.person("mover")
        first = post(old, person, "moved with everything, including zebracrossing")
        old.stop()
        # The new server has the files of the old one and another database.
        middle.port, middle.base, middle.domain = old.port, old.base, old.domain
        shutil.copytree(old.data, middle.data, ignore=shutil.ignore_patterns("tuskling.db*"))
        sqlite = f"sqlite:{old.data / 'tuskling.db'}"
        assert "rows copied and compared" in copy(sqlite, middle.database).stdout
        again = copy(sqlite, middle.database, check=False)
        assert again.returncode == 1 and "holds tables already" in again.stderr
        middle.start()
        answer = requests.get(f"{middle.base}/api/v1/statuses/{first['id']}", headers=headers(person), timeout=10)
        assert answer.json()["content"] == first["content"]
        found = requests.get(
            f"{middle.base}/api/v2/search", params={"q": "zebracrossing"}, headers=headers(person), timeout=10
        ).json()
        assert [status["id"] for status in found["statuses"]] == [first["id"]]
        second = post(middle, person, "written on the other engine")
        middle.stop()
        back = Server("sqlite", tmp_path / "back")
        back.port, back.base, back.domain = old.port, old.base, old.domain
        back.data.mkdir(parents=True)
        copy(middle.database, f"sqlite:{back.data / 'tuskling.db'}")
        back.start()
        try:
            url = f"{back.base}/api/v1/statuses/{second['id']}"
            assert requests.get(url, headers=headers(person), timeout=10).status_code == 200
            back.stop()
        finally:
            back.clean_up()
    finally:
        old.clean_up()
        middle.clean_up()


def copy(source: str, target: str, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [binary(), "db", "copy", "--from", source, "--to", target],
        capture_output=True,
        text=True,
        timeout=120,
        env=own_environment(),
    )
    assert not check or done.returncode == 0, done.stderr
    return done
