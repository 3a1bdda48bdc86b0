"""Logs are read by more people than posts are: they hold no secret and no text that is not public (V07)."""

import requests
from bs4 import BeautifulSoup

MARKS = ("marker-direct", "marker-private", "marker-mail", "marker-password")


def test_v07_logs_hold_no_secrets_even_at_the_finest_level(fresh_server):
    server = fresh_server
    server.settings["TUSKLING_LOG_LEVEL"] = "trace"
    server.start()
    person = server.person()
    headers = {"Authorization": f"Bearer {person.token}"}
    for visibility in ("direct", "private"):
        body = {"status": f"marker-{visibility}", "visibility": visibility}
        answer = requests.post(f"{server.base}/api/v1/statuses", data=body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
    requests.get(f"{server.base}/api/v1/timelines/home?access_token={person.token}", timeout=10)
    page = requests.get(f"{server.base}/auth/sign_in", timeout=10)
    form = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    fields |= {"login": "marker-mail@example.test", "password": "marker-password"}
    requests.post(f"{server.base}/auth/sign_in", data=fields, cookies=page.cookies, timeout=10)
    cookies = [cookie.value for cookie in page.cookies]
    server.stop()
    log = (server.folder / "stderr.log").read_text(errors="replace")
    assert "stopping" in log, "the test looks at the log"
    found = [mark for mark in (*MARKS, person.token, person.password, *cookies) if mark in log]
    assert not found, found
