"""Logs are read by more people than posts are: they hold no secret and no text that is not public (V07)."""

import requests
from bs4 import BeautifulSoup

from harness import waiting

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
    mail = reset_mail(server, person)
    body = mail.split("\n\n", 1)[1]
    link = next(word for word in body.split() if "token=" in word)
    # Whoever opens the link shows its secret to the server once more.
    assert requests.get(link, timeout=10).status_code == 200
    server.stop()
    log = (server.folder / "stderr.log").read_text(errors="replace")
    assert "stopping" in log, "the test looks at the log"
    secret = link.split("token=", 1)[1]
    sentences = [line.strip() for line in body.splitlines() if len(line.strip()) > 20]
    assert len(sentences) > 2, body
    hidden = (*MARKS, person.token, person.password, *cookies, person.email, secret, *sentences)
    found = [mark for mark in hidden if mark in log]
    assert not found, found


def reset_mail(server, person) -> str:
    """Asks for a new password in a browser's way and reads the mail, which local mode writes to a file."""
    session = requests.Session()
    page = session.get(f"{server.base}/auth/password/new", timeout=10)
    form = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    session.post(f"{server.base}/auth/password/new", data=fields | {"email": person.email}, timeout=10)
    folder = server.data / "mail"
    waiting.eventually(lambda: folder.is_dir() and list(folder.glob("*.eml")), "the mail", 20)
    return next(folder.glob("*.eml")).read_text().replace("\r\n", "\n")
