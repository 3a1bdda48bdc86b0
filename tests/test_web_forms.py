"""Forms with files as a browser without scripts sends them, and a form that is sent many times at once."""

import os
import re
import zlib
from concurrent.futures import ThreadPoolExecutor

import requests
from test_web_day import api

from harness.pictures import _png


def signed_in(server, person) -> requests.Session:
    browser = requests.Session()
    form = browser.get(f"{server.base}/auth/sign_in", timeout=10).text
    fields = {"csrf_token": key(form), "login": person.email, "password": person.password}
    answer = browser.post(f"{server.base}/auth/sign_in", data=fields, timeout=30, allow_redirects=False)
    assert answer.headers["Location"] == "/home"
    return browser


def key(html: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]


def noise(side: int) -> bytes:
    """A picture of more than a megabyte, far larger than a form without files may be."""
    rows = b"".join(b"\0" + os.urandom(side * 3) for _ in range(side))
    return _png(side, side, zlib.compress(rows, 0))


def send(browser, server, *parts):
    files = [(name, value if isinstance(value, tuple) else (None, value)) for name, value in parts]
    return browser.post(f"{server.base}/compose", files=files, timeout=60, allow_redirects=False)


def test_pictures_go_with_the_form(server):
    person = server.person("painter")
    browser = signed_in(server, person)
    token = key(browser.get(f"{server.base}/compose", timeout=10).text)
    picture = ("../../etc/x.png", noise(700), "image/png")
    answer = send(browser, server, ("csrf_token", token), ("text", "noise"), ("visibility", "public"),
                  ("media", picture), ("description", "Grey noise."), ("do", "post"))  # fmt: skip
    assert answer.status_code == 302, answer.text
    post = answer.headers["Location"].split("#post-")[1]
    media = api(person, server, "GET", f"/api/v1/statuses/{post}")["media_attachments"]
    assert [one["description"] for one in media] == ["Grey noise."]

    # Uploaded first, described, then posted: the file is kept from one page to the next.
    answer = send(browser, server, ("csrf_token", token), ("text", "later"), ("media", picture), ("do", "attach"))
    assert answer.status_code == 200 and ">later</textarea>" in answer.text
    medium = re.search(r'name="media_id" value="(\d+)"', answer.text)[1]
    answer = send(browser, server, ("csrf_token", token), ("text", "later"), ("visibility", "public"),
                  ("media_id", medium), (f"description_{medium}", "More noise."), ("do", "post"))  # fmt: skip
    post = answer.headers["Location"].split("#post-")[1]
    media = api(person, server, "GET", f"/api/v1/statuses/{post}")["media_attachments"]
    assert [(one["id"], one["description"]) for one in media] == [(medium, "More noise.")]


def test_what_is_no_picture_is_refused_and_leaves_nothing(server):
    person = server.person("trickster")
    browser = signed_in(server, person)
    token = key(browser.get(f"{server.base}/compose", timeout=10).text)
    page = ("x.png", b"<html><script>alert(1)</script>", "image/png")
    answer = send(browser, server, ("csrf_token", token), ("text", "a page"), ("media", page), ("do", "post"))
    assert answer.status_code == 422 and 'id="media-error"' in answer.text and ">a page</textarea>" in answer.text
    # A08: no byte of a file is kept before the form's key has come.
    early = send(browser, server, ("media", page), ("csrf_token", token), ("text", "x"))
    assert early.status_code == 403
    many = [("media", page)] * 9
    assert send(browser, server, ("csrf_token", token), *many).status_code == 400
    left = [name for name in os.listdir(server.data / "tmp") if name.startswith("upload-")]
    assert not left, "nothing stays in the scratch folder"


def test_a_form_sent_many_times_at_once_posts_once(server):
    person = server.person("hasty")
    browser = signed_in(server, person)
    page = browser.get(f"{server.base}/compose", timeout=10).text
    token, once = key(page), re.search(r'name="key" value="([^"]+)"', page)[1]
    picture = ("x.png", noise(60), "image/png")
    answer = send(browser, server, ("csrf_token", token), ("text", "x"), ("media", picture), ("do", "attach"))
    medium = re.search(r'name="media_id" value="(\d+)"', answer.text)[1]
    parts = [("csrf_token", token), ("key", once), ("text", "only once"), ("visibility", "public")]
    parts += [("media_id", medium), ("do", "post")]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(browser, server, *parts), range(8)))
    assert {answer.status_code for answer in answers} == {302}, [answer.text[:300] for answer in answers]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    account = api(person, server, "GET", "/api/v1/accounts/verify_credentials")
    assert account["statuses_count"] == 1
