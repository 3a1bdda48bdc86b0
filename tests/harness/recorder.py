"""Writes down every exchange that the `requests` library makes with a server under test.

toot and Mastodon.py both speak through `requests`, so wrapping one method sees the real bytes of
both without a proxy between, which would change addresses and streams.
"""

import json
import os
import threading
from pathlib import Path
from urllib.parse import urlsplit

import requests

VARIABLE = "TUSKLING_TEST_RECORD"
_lock = threading.Lock()
_original = None


def install() -> None:
    """Starts recording to the file named by TUSKLING_TEST_RECORD, once a process."""
    global _original
    if _original is not None or VARIABLE not in os.environ:
        return
    _original = requests.Session.send

    def send(session, request, **options):
        response = _original(session, request, **options)
        # A redirect is followed by calls of this same method: the last one is written down there.
        if not response.history:
            write(exchange(request, response, streamed=options.get("stream", False)))
        return response

    requests.Session.send = send


def exchange(request, response, streamed: bool) -> dict:
    """What the judge needs to know of one request and its answer."""
    address = urlsplit(request.url)
    kind = response.headers.get("Content-Type", "")
    readable = not streamed and ("json" in kind or kind.startswith("text/"))
    return {
        "port": address.port,
        "method": request.method,
        "path": address.path,
        "query": address.query,
        "signed_in": "Authorization" in request.headers,
        "status": response.status_code,
        "type": kind,
        "headers": {key.lower(): value for key, value in response.headers.items()},
        "body": response.text if readable else None,
        "test": os.environ.get("PYTEST_CURRENT_TEST", ""),
    }


def write(record: dict) -> None:
    with _lock, open(os.environ[VARIABLE], "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def event(port: int, name: str, payload: str) -> None:
    """Writes down an event that came over a stream."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    write({"port": port, "method": "EVENT", "path": name, "body": payload, "status": 200, "test": test})


def read(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]
