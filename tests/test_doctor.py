"""`tuskling doctor`: what is well is said to be well, and each thing that is broken is named with what to do."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from harness.server import Server, free_port
from test_backup import use


def doctor(server: Server, code: int) -> dict[str, list[dict]]:
    """What it finds, by what it is about."""
    done = server.run("doctor", "--json", check=False)
    assert done.returncode == code, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["ok"] == (code == 0)
    found: dict[str, list[dict]] = {}
    for finding in said["findings"]:
        assert finding["what"] and (finding["level"] == "ok") == (finding["remedy"] is None), finding
        found.setdefault(finding["about"], []).append(finding)
    return found


def wrong(found: dict[str, list[dict]]) -> list[str]:
    return [finding["what"] for about in found.values() for finding in about if finding["level"] == "wrong"]


def test_a_server_that_is_well(fresh_server):
    server = fresh_server
    server.start()
    server.person("somebody")
    found = doctor(server, 0)
    assert set(found) >= {"configuration", "data folder", "database", "keys", "jobs", "deliveries", "disk", "clock"}
    assert "sign" in found["keys"][0]["what"]
    assert found["backups"][0]["level"] == "hint"
    said = server.run("doctor").stdout
    assert "ok     database:" in said and "hint   backups:" in said, said
    server.stop()
    assert wrong(doctor(server, 0)) == []


def test_backups_that_are_good_old_or_gone(tmp_path):
    server, place = Server("sqlite", tmp_path), tmp_path / "repository"
    use(server, place)
    server.person("somebody", token=False)
    (found,) = wrong(doctor(server, 1))[:1]
    assert "No snapshot was made yet" in found
    server.run("backup", "run")
    found = doctor(server, 0)["backups"]
    assert ["No restore was proved" in one["what"] for one in found] == [True]
    server.run("backup", "verify")
    (found,) = doctor(server, 0)["backups"]
    assert found["level"] == "ok" and "a restore was proved on 20" in found["what"]
    state = server.data / ".backup" / "state.json"
    known = json.loads(state.read_text())
    known["snapshot"]["at"] -= 5 * 3600 * 1000
    state.write_text(json.dumps(known))
    assert "5 hours old" in wrong(doctor(server, 1))[0]
    server.settings["TUSKLING_BACKUP_REPOSITORY"] = str(tmp_path / "nowhere")
    assert any("no repository" in what for what in wrong(doctor(server, 1)))
    del server.settings["TUSKLING_BACKUP_PASSWORD"]
    assert any("backup.password" in what for what in wrong(doctor(server, 1)))


def test_each_thing_that_is_broken_is_named(tmp_path):
    server = Server("sqlite", tmp_path)
    assert "cannot be looked at" in wrong(doctor(server, 1))[0]
    server.data.mkdir()
    assert "there is none" in wrong(doctor(server, 1))[0]
    server.person("somebody", token=False)
    assert doctor(server, 0)["data folder"]
    server.data.chmod(0o755)
    assert "others on this machine" in doctor(server, 0)["data folder"][0]["what"]
    server.data.chmod(0o700)
    server.settings |= {
        "TUSKLING_MAIL_TRANSPORT": "smtp",
        "TUSKLING_MAIL_SMTP_HOST": "127.0.0.1",
        "TUSKLING_MAIL_SMTP_PORT": str(free_port()),
        "TUSKLING_MAIL_SMTP_SECURITY": "none",
    }
    (what,) = wrong(doctor(server, 1))
    assert "mail server" in what
    server.settings |= {"TUSKLING_MAIL_TRANSPORT": "files"}
    server.settings["TUSKLING_EDGE_DOMAIN"] = "edge.test"
    server.settings["TUSKLING_EDGE_METRICS"] = f"127.0.0.1:{free_port()}"
    (what,) = wrong(doctor(server, 1))
    assert "does not answer on" in what
    del server.settings["TUSKLING_EDGE_METRICS"], server.settings["TUSKLING_EDGE_DOMAIN"]
    server.settings["TUSKLING_LIMITS_NO_SUCH_KEY"] = "1"
    (what,) = wrong(doctor(server, 1))
    assert "no_such_key" in what.lower()
    del server.settings["TUSKLING_LIMITS_NO_SUCH_KEY"]
    (server.data / ".backup").mkdir(exist_ok=True)
    mark = server.data / ".backup" / "restore.json"
    mark.write_text(json.dumps({"snapshot": "abcdef", "has_files": False}))
    assert "is not finished" in wrong(doctor(server, 1))[0]
    mark.unlink()
    assert wrong(doctor(server, 0)) == []


@pytest.mark.parametrize("harm", ["pages", "everything"])
def test_a_damaged_database_is_called_so(tmp_path, harm):
    server = Server("sqlite", tmp_path)
    server.start()
    server.person("somebody", token=False)
    server.stop()
    database: Path = server.data / "tuskling.db"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    for log in server.data.glob("tuskling.db-*"):
        log.unlink()
    before = database.read_bytes()
    if harm == "everything":
        database.write_bytes(os.urandom(len(before)))
    else:
        # All but the first page, which says what kind of file it is.
        database.write_bytes(before[:4096] + os.urandom(len(before) - 4096))
    found = doctor(server, 1)
    assert found["database"][0]["level"] == "wrong", found
    assert "restore" in found["database"][0]["remedy"]
