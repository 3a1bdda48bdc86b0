"""Every answer that the other tests caused, judged by the Mastodon API schema. Runs last."""

import pytest
from conftest import recorded

from harness import conformance


def test_every_recorded_answer_conforms():
    records, engines = recorded()
    if not records:
        pytest.skip("nothing was recorded: run this together with the other tests")
    violations = conformance.judge(records, engines)
    text = "\n".join(str(violation) for violation in violations)
    assert not violations, f"{len(violations)} violations in {len(records)} exchanges\n{text}"


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
