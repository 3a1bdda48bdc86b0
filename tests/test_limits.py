"""Rate limits as clients meet them. The other tests run with limits off; these with the defaults."""

from datetime import datetime

import pytest
import requests


@pytest.fixture
def limited(fresh_server):
    del fresh_server.settings["TUSKLING_LIMITS_RATE"]
    return fresh_server


def test_every_api_answer_says_how_much_is_left(limited):
    person = limited.person("frugal")
    limited.start()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {person.token}"
    first = session.get(f"{limited.base}/api/v1/timelines/home", timeout=5).headers
    second = session.get(f"{limited.base}/api/v1/timelines/home", timeout=5).headers
    assert int(first["X-RateLimit-Limit"]) == 300
    assert int(second["X-RateLimit-Remaining"]) == int(first["X-RateLimit-Remaining"]) - 1
    assert datetime.fromisoformat(first["X-RateLimit-Reset"].replace("Z", "+00:00")).tzinfo
    exposed = first.get("Access-Control-Expose-Headers", "").lower()
    assert all(name in exposed for name in ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "link"))
    posting = session.post(f"{limited.base}/api/v1/statuses", data={"status": "one"}, timeout=5).headers
    assert int(posting["X-RateLimit-Limit"]) == 300


def test_a06_strangers_are_slowed_whatever_the_spelling(limited):
    limited.start()
    session = requests.Session()
    spellings = ("/api/v1/instance", "/api/v1/instance/", "/api/v2/instance", "/api/v1/custom_emojis")
    answers = [session.get(limited.base + spellings[turn % 4], timeout=5) for turn in range(301)]
    assert {answer.status_code for answer in answers[:300]} == {200}
    refused = answers[300]
    assert refused.status_code == 429
    assert refused.json() == {"error": "Too many requests"}
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    forged = session.get(f"{limited.base}/api/v1/instance", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=5)
    assert forged.status_code == 429, "a07: a header from a stranger is no address"
    assert session.get(f"{limited.base}/health", timeout=5).status_code == 200
