"""Every answer that the other tests caused, judged by the Mastodon API schema and by our own. Runs last."""

import re

import pytest
from conftest import recorded

from harness import conformance, own_document


def test_every_recorded_answer_conforms():
    records, engines = recorded()
    if not records:
        pytest.skip("nothing was recorded: run this together with the other tests")
    violations = conformance.judge(records, engines)
    text = "\n".join(str(violation) for violation in violations)
    assert not violations, f"{len(violations)} violations in {len(records)} exchanges\n{text}"


def test_every_recorded_answer_is_foreseen_by_our_own_document():
    records, engines = recorded()
    if not records:
        pytest.skip("nothing was recorded: run this together with the other tests")
    found = {}
    for record in records:
        for where, what in own_document.problems(record):
            key = (engines.get(record.get("port"), "?"), where, re.sub(r"\d+", "N", what))
            found.setdefault(key, f"[{key[0]}] {where}: {what}  (in {record.get('test', '')})")
    assert not found, f"{len(found)} in {len(records)} exchanges\n" + "\n".join(found.values())


def test_both_engines_were_asked_the_same():
    """A route that one engine never answered would go unjudged there."""
    records, engines = recorded()
    seen = {}
    for engine in set(engines.values()):
        mine = [record for record in records if engines.get(record.get("port")) == engine]
        seen[engine] = set(conformance.coverage(mine)[0])
    if set(seen) != {"sqlite", "postgres"}:
        pytest.skip("this run had one engine only")
    assert seen["sqlite"] == seen["postgres"]


# -- the judge itself -----------------------------------------------------------------------------


def exchange(**changes) -> dict:
    record = {
        "port": 1,
        "method": "GET",
        "path": "/api/v1/lists/5",
        "status": 200,
        "type": "application/json",
        "headers": {"access-control-allow-origin": "*"},
        "body": '{"id":"5","title":"friends","replies_policy":"list","exclusive":false}',
        "test": "here",
    }
    return record | changes


def verdict(**changes) -> list[str]:
    return [violation.what for violation in conformance.judge([exchange(**changes)], {1: "sqlite"})]


def test_the_judge_passes_a_right_answer():
    assert verdict() == []


def test_the_judge_finds_a_wrong_type():
    assert "id: 5 is not of type 'string'" in verdict(body='{"id":5,"title":"t","replies_policy":"list","exclusive":false}')


def test_the_judge_finds_a_time_without_milliseconds():
    body = '{"home":{"last_read_id":"1","version":1,"updated_at":"2026-01-01T00:00:00Z"}}'
    assert len(verdict(path="/api/v1/markers", body=body)) == 1


def test_the_judge_finds_an_absent_key_deep_inside():
    body = '[{"id":"1","type":"follow","created_at":"2026-01-01T00:00:00.000Z","account":null}]'
    problems = verdict(path="/api/v1/notifications", body=body)
    assert any("without `group_key`" in problem for problem in problems)


def test_the_judge_finds_server_errors_and_errors_without_text():
    assert len(verdict(status=500, body='{"error":"broken"}')) == 1
    assert len(verdict(status=404, body="{}")) == 1
    assert verdict(status=404, body='{"error":"Record not found"}') == []


def test_the_judge_finds_an_unreadable_link():
    headers = {"access-control-allow-origin": "*", "link": "</api/v1/lists?max_id=1>; rel=next"}
    assert len(verdict(headers=headers)) == 1


def test_the_judge_knows_where_real_servers_differ():
    body = '{"id":7,"endpoint":"https://push.test/1","server_key":"BA","alerts":{"mention":true},"standard":true}'
    assert verdict(path="/api/v1/push/subscription", body=body) == []


def test_literal_routes_are_not_taken_for_parameters():
    seen, _ = conformance.coverage([exchange(path="/api/v1/accounts/lookup")])
    assert "GET /api/v1/accounts/lookup" in seen
    assert "GET /api/v1/accounts/:id" not in seen


# -- our own document -----------------------------------------------------------------------------


def unforeseen(**changes) -> list[str]:
    return [what for _, what in own_document.problems(exchange(**changes))]


def test_our_document_passes_a_right_answer():
    assert unforeseen() == []
    assert unforeseen(status=404, body='{"error":"Record not found"}') == []


def test_our_document_finds_a_key_a_type_and_a_status_that_it_does_not_name():
    body = '{"id":"5","title":"friends","replies_policy":"list","exclusive":false,"more":1}'
    assert any("more" in what for what in unforeseen(body=body))
    assert any("not of type 'string'" in what for what in unforeseen(body=body.replace('"5"', "5").replace(',"more":1', "")))
    assert any("not foreseen" in what for what in unforeseen(status=418, body='{"error":"tea"}'))
    assert any("not foreseen" in what for what in unforeseen(type="text/html", body="<p>"))


def test_our_document_foresees_a_socket_where_there_is_one():
    def socket(path):
        return unforeseen(path=path, status=101, type="", body=None)

    assert socket("/api/v1/streaming") == []
    assert any("not foreseen" in what for what in socket("/api/v1/streaming/user"))
