"""The command-line contract: verbs, exit codes, where results and logs go, clean ends."""

import json
import os
import signal
import subprocess
import time

import requests

from harness import waiting
from harness.server import binary, own_environment


def run_alone(*arguments: str) -> subprocess.CompletedProcess:
    """A verb that needs no data, without the variables of this test run."""
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=20, env=own_environment()
    )


def test_wrong_usage_exits_with_two():
    done = run_alone("serve", "--no-such-flag")
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr


def test_health_and_ready_answer(server):
    for path in ("/health", "/ready"):
        answer = requests.get(server.base + path, timeout=5)
        assert answer.status_code == 200, path


def test_a_token_from_the_command_line_works_at_once(server):
    person = server.person("teller")
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = requests.get(f"{server.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["username"] == person.name


def test_a_token_has_only_the_scopes_asked_for(server):
    person = server.person("reader", token=False)
    token = server.run("token", "create", person.name, "--scopes", "read").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{server.base}/api/v1/statuses", headers=headers, data={"status": "no"}, timeout=5)
    assert answer.status_code == 403
    assert answer.json()["error"] == "This action is outside the authorized scopes"


def test_accounts_are_listed_and_shown(server):
    person = server.person("listed", token=False)
    assert person.name in server.run("account", "list").stdout
    listed = json.loads(server.run("account", "list", "--json").stdout)
    assert person.name in [account["username"] for account in listed]
    shown = server.run("account", "show", person.name).stdout
    assert person.name in shown and person.password not in shown


def test_an_account_name_cannot_be_taken_twice(server):
    person = server.person("only", token=False)
    done = server.run(
        "account", "create", person.name.upper(), "--email", "b@example.test", "--password", "x" * 20, check=False
    )
    assert done.returncode == 1
    assert "taken" in done.stderr and done.stdout == ""


def test_the_example_configuration_passes_its_own_check(tmp_path):
    example = run_alone("config", "example")
    assert example.returncode == 0 and "[" in example.stdout
    file = tmp_path / "tuskling.toml"
    file.write_text(example.stdout)
    checked = run_alone("config", "check", "--config", str(file))
    assert checked.returncode == 0, checked.stderr
    file.write_text(example.stdout + "\nno_such_key = 1\n")
    wrong = run_alone("config", "check", "--config", str(file))
    assert wrong.returncode == 1 and "no_such_key" in wrong.stderr


def test_accounts_can_be_made_before_the_first_serve(fresh_server):
    person = fresh_server.person("early")
    fresh_server.start()
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = requests.get(f"{fresh_server.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=5)
    assert answer.json()["acct"] == person.name
    fresh_server.stop()


def test_r13_sigterm_ends_the_server_with_an_open_stream(fresh_server):
    person = fresh_server.person("listener")
    fresh_server.start()
    stream = requests.get(
        f"{fresh_server.base}/api/v1/streaming/user",
        headers={"Authorization": f"Bearer {person.token}"},
        stream=True,
        timeout=(5, 30),
    )
    assert stream.status_code == 200
    begin = time.monotonic()
    fresh_server.stop()
    assert time.monotonic() - begin <= 10
    stream.close()


def test_a10_secrets_are_for_the_owner_alone(fresh_server):
    fresh_server.start()
    fresh_server.stop()
    if fresh_server.engine == "sqlite":
        assert os.stat(fresh_server.data).st_mode & 0o077 == 0, "the data folder is closed to others"
    for folder, _, names in os.walk(fresh_server.data):
        for name in names:
            secret = "secret" in name or "key" in name
            path = os.path.join(folder, name)
            assert not secret or os.stat(path).st_mode & 0o077 == 0, path


def test_a_second_term_signal_does_no_harm(fresh_server):
    fresh_server.start()
    fresh_server.process.send_signal(signal.SIGTERM)
    try:
        fresh_server.process.send_signal(signal.SIGTERM)
    except ProcessLookupError:
        pass
    assert fresh_server.process.wait(10) == 0


def test_sighup_takes_over_the_log_level_and_says_what_waits_for_a_restart(fresh_server):
    settings, log = fresh_server.folder / "tuskling.toml", fresh_server.folder / "stderr.log"

    def reload(text: str, expected: str):
        settings.write_text(text)
        fresh_server.process.send_signal(signal.SIGHUP)
        waiting.eventually(lambda: expected in log.read_text(), f"the log says: {expected}")

    settings.write_text('[log]\nlevel = "warn"\n')
    fresh_server.start()
    assert "is ready" not in log.read_text(), "warn leaves that out"
    reload('[log]\nlevel = "info"\n', "the configuration was read again")
    assert "restart" not in log.read_text()
    reload('[log]\nlevel = "info"\n[instance]\ntitle = "Other"\n', "restart to use them")
    reload('[log]\nlevel = 7\n', "the configuration was not reloaded")
    assert requests.get(f"{fresh_server.base}/health", timeout=5).status_code == 200
    fresh_server.stop()
