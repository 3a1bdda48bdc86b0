"""Judges recorded answers by the Mastodon API schema and by the rules that hold for every answer.

The schema is the data in tests/data/mastodon-openapi. Where a real Mastodon server is right and the
schema too strict, TOLERANCES says so; nothing else is forgiven.
"""

import copy
import csv
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DATA = Path(__file__).resolve().parents[1] / "data"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

# Payload of each streaming event, as a schema name. None: an id, or nothing.
EVENTS = {
    "update": "Status",
    "status.update": "Status",
    "notification": "Notification",
    "conversation": "Conversation",
    "announcement": "Announcement",
    "delete": None,
    "filters_changed": None,
    "notifications_merged": None,
    "announcement.reaction": None,
    "announcement.delete": None,
}

# What a Mastodon 4.5 server sends in every object of a kind, where the schema calls it optional.
# Clients decode strictly: Swift and Kotlin ones fail on an absent key.
ALWAYS = {
    "Status": (
        "in_reply_to_id in_reply_to_account_id language url edited_at quotes_count reblog card poll quote quote_approval"
    ),
    "Account": "discoverable last_status_at url",
    "MediaAttachment": "blurhash description meta preview_url remote_url",
    "Poll": "voters_count expires_at",
    "Notification": "group_key",
}


@dataclass(frozen=True)
class Violation:
    engine: str
    where: str
    what: str
    test: str

    def __str__(self) -> str:
        return f"[{self.engine}] {self.where}: {self.what}  (in {self.test})"


# -- the schema -----------------------------------------------------------------------------------


def _amend(schemas: dict) -> None:
    """TOLERANCES: differences in which recorded answers of real Mastodon servers are right."""

    def nullable(part: dict) -> None:
        if "$ref" in part:
            reference = part.pop("$ref")
            part.pop("type", None)
            part["oneOf"] = [{"$ref": reference}, {"type": "null"}]
        elif isinstance(part.get("type"), str):
            part["type"] = [part["type"], "null"]

    # The id of a push subscription is the one id that is a number.
    push = schemas["WebPushSubscription"]["properties"]
    push["id"] = {"type": ["string", "number"]}
    # Only the alerts that the client sent are echoed.
    push["alerts"].pop("required", None)
    nullable(schemas["ScheduledStatus"]["properties"]["params"]["properties"]["visibility"])
    nullable(schemas["ExtendedDescription"]["properties"]["updated_at"])
    # A quote and a shallow quote match each other's schema, so "exactly one" cannot hold.
    quote = schemas["Status"]["properties"]["quote"]
    quote["anyOf"] = quote.pop("oneOf")


@functools.cache
def specification() -> dict:
    specification = json.loads((DATA / "mastodon-openapi/openapi.json").read_text(encoding="utf-8"))
    _amend(specification["components"]["schemas"])
    # The old filters are a list; the schema has one of them.
    filters = specification["paths"]["/api/v1/filters"]["get"]["responses"]["200"]["content"]["application/json"]
    filters["schema"] = {"type": "array", "items": {"$ref": "#/components/schemas/V1Filter"}}
    return specification


@functools.cache
def _registry() -> Registry:
    resource = Resource(contents=specification(), specification=DRAFT202012)
    return Registry().with_resource("urn:mastodon", resource)


_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time")
def _is_instant(value) -> bool:
    return not isinstance(value, str) or INSTANT.fullmatch(value) is not None


@_formats.checks("date")
def _is_day(value) -> bool:
    return not isinstance(value, str) or DAY.fullmatch(value) is not None or _is_instant(value)


@_formats.checks("uri")
def _is_address(value) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def _validator(schema: dict) -> jsonschema.Draft202012Validator:
    absolute = json.loads(json.dumps(schema).replace('"#/components', '"urn:mastodon#/components'))
    return jsonschema.Draft202012Validator(absolute, registry=_registry(), format_checker=_formats)


@functools.cache
def _named(name: str) -> jsonschema.Draft202012Validator:
    return _validator({"$ref": f"#/components/schemas/{name}"})


@functools.cache
def _operation_validator(template: str, method: str, status: int):
    responses = specification()["paths"][template][method]["responses"]
    answer = responses.get(str(status)) or responses.get("200") or {}
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return _validator(copy.deepcopy(schema)) if schema else None


# -- routes ---------------------------------------------------------------------------------------


def _pattern(template: str) -> re.Pattern:
    parts = re.split(r"(\{[^}]*\}|:\w+)", template)
    text = "".join("[^/]+" if part[:1] in "{:" and part else re.escape(part) for part in parts)
    return re.compile(text + "/?")


@functools.cache
def _templates() -> list[tuple[str, re.Pattern]]:
    # A literal segment wins over a parameter: /accounts/lookup before /accounts/{id}.
    templates = sorted(specification()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [(template, _pattern(template)) for template in templates]


def operation(method: str, path: str) -> tuple[str, str] | None:
    """The schema's path template and method for a request."""
    for template, pattern in _templates():
        # The schema lacks some endpoints whose name could stand for an id of another.
        if "{" in template and path.rstrip("/") in _literals():
            return None
        if pattern.fullmatch(path):
            methods = specification()["paths"][template]
            # PUT and PATCH of a resource are one route, described under either.
            wanted = {"PUT": ("put", "patch"), "PATCH": ("patch", "put")}.get(method, (method.lower(),))
            for name in wanted:
                if name in methods:
                    return template, name
    return None


# -- judging --------------------------------------------------------------------------------------


def judge(records: list[dict], engines: dict[int, str]) -> list[Violation]:
    """Everything wrong with the recorded answers, each kind once per route and engine."""
    violations, seen = [], set()
    for record in records:
        engine = engines.get(record.get("port"), "?")
        for where, what in _judge_one(record):
            key = (engine, where, re.sub(r"\d+", "N", what))
            if key not in seen:
                seen.add(key)
                violations.append(Violation(engine, where, what, record.get("test", "")))
    return violations


# Tests in which a disk fails, something is away or keys are wrong: there 502, 503 and 507 are what is wanted.
BROKEN_ON_PURPOSE = ("test_storage_failures.py", "test_edge_bucket.py", "_is_away")


def _judge_one(record: dict):
    if record["method"] == "EVENT":
        yield from _judge_event(record)
        return
    method, path, status = record["method"], record["path"], record["status"]
    found = operation(method, path)
    where = f"{method} {found[0] if found else re.sub(r'/[0-9]+', '/N', path)} {status}"
    test = record.get("test", "")
    wanted = path.endswith("/translate") or any(part in test for part in BROKEN_ON_PURPOSE)
    if status >= 500 and not wanted:
        yield where, f"a server error: {(record['body'] or '')[:200]}"
    yield from _judge_headers(record, where)
    if record["body"] is None or "json" not in record["type"]:
        if found and status == 200 and record["body"] and _operation_validator(*found, status):
            yield where, f"not JSON but {record['type'] or 'no type'}"
        return
    try:
        body = json.loads(record["body"])
    except ValueError as problem:
        yield where, f"not JSON: {problem}"
        return
    if status >= 400:
        if path.startswith(("/api/", "/oauth/")) and not isinstance((body or {}).get("error"), str):
            yield where, f"an error without the text `error`: {record['body'][:200]}"
        return
    if not found:
        return
    if found == ("/api/v1/statuses/{id}", "delete"):
        body = _restore_content(body)
    if found == ("/api/v2/filters/statuses/{id}", "delete") and body == {}:
        return
    validator = _operation_validator(*found, status)
    if validator is None:
        if not isinstance(body, dict):
            yield where, "empty success is {}"
        return
    for problem in _problems(validator, body):
        yield where, problem
    for problem in _absent_keys(validator.schema, body):
        yield where, problem


def _judge_event(record: dict):
    where = f"EVENT {record['path']}"
    if record["path"] not in EVENTS:
        yield where, "no such event"
        return
    name = EVENTS[record["path"]]
    if name is None:
        return
    body = json.loads(record["body"])
    for problem in _problems(_named(name), body):
        yield where, problem
    for problem in _absent_keys({"$ref": f"#/components/schemas/{name}"}, body):
        yield where, problem


def _judge_headers(record: dict, where: str):
    headers, path = record["headers"], record["path"]
    if path.startswith("/api/") and "streaming" not in path:
        if headers.get("access-control-allow-origin") != "*":
            # One cause for all routes, so one line for all of them.
            yield "/api/*", "no Access-Control-Allow-Origin: * (web clients fail)"
        link = headers.get("link")
        if link:
            for part in link.split(","):
                if not re.fullmatch(r'\s*<https?://[^>]+>; rel="(next|prev)"\s*', part):
                    yield where, f"a Link that clients cannot read: {part.strip()}"


def _restore_content(body):
    """A deleted status carries its source text instead of the HTML."""
    if isinstance(body, dict) and "content" not in body and isinstance(body.get("text"), str):
        return {**body, "content": body["text"]}
    return body


def _problems(validator, body) -> list[str]:
    problems = []
    for error in validator.iter_errors(body):
        deepest = _deepest(error)
        place = ".".join("[]" if isinstance(part, int) else str(part) for part in deepest.absolute_path)
        problems.append(f"{place or 'body'}: {deepest.message[:300]}")
    return problems


def _deepest(error):
    """Of alternatives that all fail, the one that came furthest says what is meant."""
    while error.context:
        telling = [part for part in error.context if not _only_not_null(part)]
        error = max(telling or error.context, key=lambda part: len(part.absolute_path))
    return error


def _only_not_null(error) -> bool:
    return error.validator == "type" and error.validator_value == "null"


def _absent_keys(schema, body, place: str = "body"):
    """Keys of ALWAYS that are missing, found by walking the body along its schema."""
    if body is None or not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if isinstance(body, dict) and name in ALWAYS:
            for key in ALWAYS[name].split():
                if key not in body:
                    yield f"{place}: a {name} without `{key}`, which Mastodon always sends"
        target = specification()["components"]["schemas"].get(name, {})
        yield from _absent_keys(target, body, place)
    for key in ("oneOf", "anyOf", "allOf"):
        references = [part for part in schema.get(key, []) if part.get("type") != "null"]
        if len(references) == 1:
            yield from _absent_keys(references[0], body, place)
    if isinstance(body, list) and "items" in schema:
        for item in body:
            yield from _absent_keys(schema["items"], item, f"{place}.[]")
    if isinstance(body, dict):
        for key, part in schema.get("properties", {}).items():
            if isinstance(body.get(key), (dict, list)):
                yield from _absent_keys(part, body[key], f"{place}.{key}")


# -- coverage -------------------------------------------------------------------------------------


@functools.cache
def first_tier() -> list[tuple[str, str]]:
    """Method and path of each endpoint that popular clients call in ordinary use."""
    with open(DATA / "endpoints.csv", newline="", encoding="utf-8") as file:
        return [(row["method"], row["path"]) for row in csv.DictReader(file) if row["tier"] == "1"]


def coverage(records: list[dict]) -> tuple[list[str], list[str]]:
    """First-tier endpoints that answered with success in these records, and those that did not."""
    answered = {
        (_same(record["method"]), record["path"]) for record in records if record["status"] < 400
    }
    seen, unseen = [], []
    for method, path in first_tier():
        pattern, name = _pattern(path), f"{method} {path}"
        others = _literal_siblings(path)
        hit = any(
            _same(method) == verb and pattern.fullmatch(place) and place.rstrip("/") not in others
            for verb, place in answered
        )
        (seen if hit else unseen).append(name)
    return seen, unseen


def _same(method: str) -> str:
    return "PUT" if method == "PATCH" else method


@functools.cache
def _literals() -> frozenset[str]:
    """Endpoints without parameters."""
    with open(DATA / "endpoints.csv", newline="", encoding="utf-8") as file:
        return frozenset(row["path"] for row in csv.DictReader(file) if ":" not in row["path"])


@functools.cache
def _literal_siblings(path: str) -> frozenset[str]:
    """Endpoints without parameters that the pattern of `path` would match too."""
    pattern = _pattern(path)
    return frozenset(other for other in _literals() if other != path and pattern.fullmatch(other))
