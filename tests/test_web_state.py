"""The dashboard: what it tells of certificates, mail, storage and money."""

import re

import pytest
import requests
from conftest import ENGINES, keep_log, start_server
from test_web_day import api
from test_web_forms import key, noise

from harness.edge import NAME, Edge
from harness.server import free_port
from harness.waiting import eventually


def sign_in(browser, base: str, person) -> requests.Session:
    form = browser.get(f"{base}/auth/sign_in", timeout=10).text
    fields = {"csrf_token": key(form), "login": person.email, "password": person.password}
    answer = browser.post(f"{base}/auth/sign_in", data=fields, timeout=30, allow_redirects=False)
    assert answer.headers["Location"] == "/home"
    return browser


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("engine", ENGINES)
def test_the_dashboard_knows_the_certificates_of_the_edge(engine, tmp_path):
    server = start_server(engine, tmp_path / engine)
    edge = Edge(server)
    try:
        server.start()
        owner = server.person("owner", role="owner")
        browser = requests.Session()
        browser.trust_env, browser.verify = False, str(edge.certificate)
        edge.start()
        sign_in(browser, edge.base, owner)
        page = lambda: words(browser.get(f"{edge.base}/dashboard", timeout=10).text)  # noqa: E731
        eventually(lambda: f"{NAME} From a file" in page(), "the edge has told of its certificate", 30)
        assert "heard" in page() and "No edge" not in page()
        # Somebody who only claims to be an edge is not believed, at the edge and behind it.
        said = {"X-Tuskling-Certificates": '[{"name":"evil.example","has_certificate":true}]'}
        browser.get(f"{edge.base}/ready", headers=said, timeout=10)
        requests.get(f"{server.base}/ready", headers=said, timeout=10)
        assert "evil.example" not in page()
    finally:
        edge.clean_up()
        keep_log(server)
        server.clean_up()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_dashboard_tells_of_mail_that_waits_and_of_storage(engine, tmp_path):
    nobody = free_port()
    mail = {"TRANSPORT": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(nobody), "SMTP_SECURITY": "none"}
    settings = {f"TUSKLING_MAIL_{name}": value for name, value in mail.items()}
    server = start_server(engine, tmp_path / engine, settings | {"TUSKLING_BUDGET_GIGABYTE_MONTH": "2000000"})
    try:
        server.start()
        owner = server.person("owner", role="owner")
        browser = sign_in(requests.Session(), server.base, owner)
        page = lambda: words(browser.get(f"{server.base}/dashboard", timeout=10).text)  # noqa: E731
        assert "Mail goes by 127.0.0.1" in page() and "No mail waits." in page()
        assert "plain http" in page()
        stranger = requests.Session()
        form = stranger.get(f"{server.base}/auth/password/new", timeout=10).text
        fields = {"csrf_token": key(form), "email": owner.email}
        assert stranger.post(f"{server.base}/auth/password/new", data=fields, timeout=10).ok
        eventually(lambda: "One mail waits since" in page(), "the mail waits", 30)

        def said():
            return re.search(r'class="reason"[^>]*>([^<]+)<', browser.get(f"{server.base}/dashboard", timeout=10).text)

        reason = eventually(said, "why it waits", 30)
        assert owner.email not in reason[1], "why it waits is said, to whom it goes is not"

        # What a picture takes, by kind and by person, with what that costs.
        files = {"file": ("x.png", noise(700), "image/png")}
        api(owner, server, "POST", "/api/v2/media", files=files)
        eventually(lambda: f"@{owner.name}" in page(), "the picture is counted", 30)
        assert re.search(r"Pictures 1 file, \d\.\d MB, \d+\.\d\d \$ a month", page()), page()
        assert re.search(r"The files below take about \d+\.\d\d \$ of storage a month", page())
    finally:
        keep_log(server)
        server.clean_up()
