"""Requests made up by our own document of the API, sent by schemathesis: every answer is one that the document
foresees, and none is a failure of the server. As somebody unknown and as the owner, who may do everything."""

import copy
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from harness import own_document
from harness.pictures import png

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Streams do not end.
STREAMS = r"^/api/v1/streaming(/(?!health)|$)"
SCOPES = "read write follow push profile admin:read admin:write"
# Made-up requests for each operation; about 300 operations.
EXAMPLES = {"nobody": 2, "owner": 4}
# Far more than it takes.
PATIENCE = 600


@pytest.mark.parametrize("caller", ["nobody", "owner"])
def test_no_made_up_request_gets_an_answer_that_is_not_foreseen(fresh_server, tmp_path, caller):
    owner, other = fresh_server.person("owner", token=False, role="owner"), fresh_server.person("other")
    token = fresh_server.run("token", "create", owner.name, "--scopes", SCOPES).stdout.strip()
    fresh_server.start()
    known = fill(fresh_server.base, token, other.name)
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(with_known_ids(own_document.document(), known)), encoding="utf-8")
    shown = token if caller == "owner" else None
    done = run(document, fresh_server.base, tmp_path, EXAMPLES[caller], shown)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert re.search(rf"Tested:\s+{asked_for(document)}\b", done.stdout), done.stdout[-3_000:]


def asked_for(document: Path) -> int:
    """How many operations there are to ask for."""
    paths = json.loads(document.read_text(encoding="utf-8"))["paths"]
    return sum(len(operations) for path, operations in paths.items() if not re.match(STREAMS, path))


def run(document: Path, base: str, folder: Path, examples: int, token: str | None) -> subprocess.CompletedProcess:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", base),
        *("--checks", CHECKS, "--phases", "fuzzing", "--max-examples", str(examples)),
        # The same requests in every run.
        *("--generation-deterministic", "--no-shrink", "--continue-on-failure"),
        *("--exclude-path-regex", STREAMS, "--request-timeout", "10"),
        *("--warnings", "off", "--suppress-health-check", "all"),
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    # What it keeps between runs would make them differ.
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)


def fill(base: str, token: str, other: str) -> dict[str, list[str]]:
    """Makes one of most things, and says which ids there are, by the part of the path before them."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"

    def post(path: str, **options):
        answer = session.post(base + path, timeout=20, **options)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    me = session.get(f"{base}/api/v1/accounts/verify_credentials", timeout=20).json()
    poll = {"options": ["tea", "coffee"], "expires_in": 3600}
    plain = post("/api/v1/statuses", json={"status": "one #word"})
    asking = post("/api/v1/statuses", json={"status": "which?", "poll": poll})
    later = post("/api/v1/statuses", json={"status": "later", "scheduled_at": tomorrow})
    post(f"/api/v1/statuses/{plain['id']}/favourite")
    keyword = {"keyword": "word", "whole_word": True}
    made = post("/api/v2/filters", json={"title": "f", "context": ["home"], "keywords_attributes": [keyword]})
    marked = post(f"/api/v2/filters/{made['id']}/statuses", json={"status_id": plain["id"]})
    other = session.get(f"{base}/api/v1/accounts/lookup?acct={other}", timeout=20).json()
    report = post("/api/v1/reports", json={"account_id": other["id"], "comment": "look"})
    return {
        "accounts": [me["id"], other["id"]],
        "statuses": [plain["id"], asking["id"]],
        "polls": [asking["poll"]["id"]],
        "scheduled_statuses": [later["id"]],
        "lists": [post("/api/v1/lists", json={"title": "friends"})["id"]],
        "filters": [made["id"]],
        "keywords": [entry["id"] for entry in made["keywords"]],
        "filters/statuses": [marked["id"]],
        "featured_tags": [post("/api/v1/featured_tags", json={"name": "word"})["id"]],
        "media": [post("/api/v2/media", files={"file": ("a.png", png(), "image/png")})["id"]],
        "reports": [report["id"]],
        "domain_blocks": [post("/api/v1/admin/domain_blocks", json={"domain": "bad.test"})["id"]],
    }


def with_known_ids(document: dict, known: dict[str, list[str]]) -> dict:
    """Ids are made up of those that are there, and of one that is not: others would open nothing."""
    document = copy.deepcopy(document)
    everything = [one for ids in known.values() for one in ids]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                ids = ids_before(path, parameter["name"], known) if parameter["in"] == "path" else everything
                replace_ids(parameter["schema"], ids)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                replace_ids(content["schema"], everything)
    return document


def ids_before(path: str, name: str, known: dict[str, list[str]]) -> list[str]:
    """`statuses` of `/api/v1/statuses/{id}`, or `filters/statuses` where that is known better."""
    parts = [part for part in path.split("{" + name + "}")[0].split("/") if part and "{" not in part]
    return known.get("/".join(parts[-2:])) or known.get(parts[-1]) or []


def replace_ids(schema: dict, ids: list[str]) -> None:
    if re.fullmatch(r"\^\[0-9\].*", schema.get("pattern", "")):
        del schema["pattern"]
        schema["enum"] = [*ids, "1"]
        return
    for part in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        replace_ids(part, ids)
