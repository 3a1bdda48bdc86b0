"""Judges recorded answers by our own document of the API, `docs/openapi.json`.

Mastodon's schema says what clients expect at least; ours is made of the types that are rendered, so that it
is held to the letter: no status, no media type and no key that it does not name.
"""

import copy
import functools
import json
import re

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from harness.server import REPOSITORY

METHODS = ("get", "post", "put", "patch", "delete")
# What the way to a handler may answer on any route: the server is full, away or too slow, a body is too large.
ANYWHERE = {413, 500, 502, 503, 504, 507}


def document() -> dict:
    return json.loads((REPOSITORY / "docs/openapi.json").read_text(encoding="utf-8"))


@functools.cache
def _strict() -> dict:
    """The document, with every object closed."""
    closed = document()
    for schema in closed["components"]["schemas"].values():
        _close(schema)
    return closed


def _close(schema: dict) -> None:
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)


@functools.cache
def _registry() -> Registry:
    return Registry().with_resource("urn:tuskling", Resource(contents=_strict(), specification=DRAFT202012))


@functools.cache
def _templates() -> list[tuple[str, re.Pattern]]:
    # A literal segment wins over a parameter.
    paths = sorted(_strict()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [(path, re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "/?")) for path in paths]


def operation(method: str, path: str) -> tuple[str, dict] | None:
    """The path of the document that a request is for, and what stands there for its method."""
    for template, pattern in _templates():
        if pattern.fullmatch(path):
            found = _strict()["paths"][template].get(method.lower())
            if found:
                return template, found
    return None


@functools.cache
def _validator(template: str, method: str, status: str, kind: str):
    answer = _strict()["paths"][template][method]["responses"][status]
    if "$ref" in answer:
        answer = _strict()["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    schema = copy.deepcopy(answer["content"][kind].get("schema", {}))
    text = json.dumps(schema).replace('"#/components', '"urn:tuskling#/components')
    return jsonschema.Draft202012Validator(json.loads(text), registry=_registry())


def problems(record: dict):
    """What of one recorded answer the document does not foresee."""
    method, path, status = record["method"].lower(), record["path"], record["status"]
    found = operation(method, path)
    if not found or status in ANYWHERE:
        return
    template, described = found
    where = f"{record['method']} {template} {status}"
    answer = described["responses"].get(str(status))
    if answer is None:
        yield where, f"a status that is not foreseen: {(record['body'] or '')[:200]}"
        return
    if "$ref" in answer:
        answer = _strict()["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    if "content" not in answer:
        if record["body"]:
            yield where, f"a body is not foreseen: {record['body'][:200]}"
        return
    kind = record["type"].split(";")[0].strip()
    if kind not in answer["content"]:
        yield where, f"{kind or 'no media type'} is not foreseen"
        return
    if record["body"] is None or "json" not in kind:
        return
    validator = _validator(template, method, str(status), kind)
    for error in validator.iter_errors(json.loads(record["body"])):
        error = _deepest(error)
        place = ".".join("[]" if isinstance(part, int) else str(part) for part in error.absolute_path)
        yield where, f"{place or 'body'}: {error.message[:300]}"


def _deepest(error):
    while error.context:
        telling = [part for part in error.context if part.validator_value != "null"]
        error = max(telling or error.context, key=lambda part: len(part.absolute_path))
    return error
