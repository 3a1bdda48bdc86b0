"""Every endpoint of the first two tiers of Mastodon's table, asked once on each engine with something to show.

The bodies are not looked at here: `test_conformance.py` judges all that was answered, by Mastodon's schema and by
our own document. Here it is seen that each line was asked, was answered well, and that no list was empty that
would then have been judged by nothing.
"""

import csv
import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import requests
from harness.conformance import DATA
from harness.pictures import png
from harness.waiting import eventually

# Pages for people, in a browser: `test_browser.py` and `test_sign_in.py`.
PAGES = {
    "GET /oauth/authorize",
    "POST /oauth/authorize",
    "DELETE /oauth/authorize",
    "GET /oauth/authorize/native",
}
# Streams do not end: `test_streaming.py`.
STREAM = re.compile(r"GET /api/v1/streaming(?!/health)")
# What a Mastodon without such a feature, or without such a text, refuses in the same way.
REFUSED = {
    "GET /api/v1/annual_reports/:year": 404,
    "GET /api/v1_alpha/async_refreshes/:id": 404,
    "GET /api/v1/instance/terms_of_service": 404,
    "GET /api/v1/timelines/link": 404,
    "POST /api/v1/statuses/:id/translate": 404,
    "POST /api/v1/announcements/:id/dismiss": 404,
    "PUT /api/v1/announcements/:id/reactions/:name": 404,
    "DELETE /api/v1/announcements/:id/reactions/:name": 404,
    # The address of every account here is confirmed already.
    "POST /api/v1/emails/confirmations": 403,
}
# Lists of things that this server has none of.
EMPTY = {
    "GET /api/v1/announcements",
    "GET /api/v1/custom_emojis",
    "GET /api/v1/instance/peers",
    "GET /api/v1/peers/search",
    "GET /api/v1/trends",
    "GET /api/v1/trends/links",
    "GET /api/v1/trends/statuses",
    "GET /api/v1/trends/tags",
}
SCOPES = "read write follow push profile"


class Asker:
    """Asks as one person, by the lines of the table."""

    def __init__(self, server, name: str, asked: set[str], role: str | None = None):
        self.server, self.asked = server, asked
        self.person = server.person(name, token=False, role=role)
        self.token = server.run("token", "create", self.person.name, "--scopes", SCOPES).stdout.strip()
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token}"
        self.id = self("GET /api/v1/accounts/verify_credentials")["id"]

    def __call__(self, line: str, *parts: str, query: str = "", **options):
        """Asks a line of the table with these parts in its path; its answer has to be a good one."""
        method, path = line.split(" ", 1)
        left = list(parts)
        address = re.sub(r":\w+", lambda _: quote(left.pop(0), safe=""), path)
        assert not left, f"{line} has no place for {left}"
        answer = self.session.request(method, self.server.base + address + query, timeout=20, **options)
        wanted = REFUSED.get(line, 200)
        assert answer.status_code == wanted, f"{method} {address}: {answer.status_code} {answer.text[:300]}"
        self.asked.add(line)
        if "json" not in answer.headers.get("Content-Type", ""):
            return answer.text
        body = answer.json()
        assert body or method != "GET" or not isinstance(body, list) or line in EMPTY, f"{address} has nothing to show"
        return body

    def post(self, text: str, **more) -> dict:
        return self("POST /api/v1/statuses", json={"status": text} | more)


@pytest.fixture
def asked():
    return set()


def test_every_endpoint_answers_with_something_to_judge(fresh_server, asked):
    server = fresh_server
    server.settings["TUSKLING_REGISTRATIONS_MODE"] = "open"
    server.settings["TUSKLING_REGISTRATIONS_CONFIRM_EMAIL"] = "false"
    server.settings["TUSKLING_INSTANCE_RULES"] = '["Be kind"]'
    server.start()
    me = Asker(server, "me", asked, role="owner")
    friend, stranger = Asker(server, "friend", asked), Asker(server, "stranger", asked)
    the_server(me)
    apps_and_tokens(me)
    profiles(me, friend, stranger)
    people(me, friend, stranger)
    statuses(me, friend)
    lists_and_timelines(me, friend)
    tags(me, friend)
    filters(me, friend)
    media(me)
    notifications(me, friend, stranger, Asker(server, "newcomer", asked))
    push(me)
    missing = [line for line in table() if line not in asked]
    assert not missing, "\n".join(missing)


def table() -> list[str]:
    with open(DATA / "endpoints.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["tier"] in ("1", "2")]
    lines = [f"{row['method']} {row['path']}" for row in rows]
    return [line for line in lines if line not in PAGES and not STREAM.match(line)]


def the_server(me: Asker) -> None:
    for path in ("host-meta", "nodeinfo", "oauth-authorization-server"):
        me(f"GET /.well-known/{path}")
    me("GET /.well-known/webfinger", query=f"?resource=acct:{me.person.name}@{me.server.domain}")
    me("GET /nodeinfo/2.0")
    me("GET /health")
    me("GET /api/v1/streaming/health")
    blocked = me.session.post(
        f"{me.server.base}/api/v1/admin/domain_blocks", json={"domain": "bad.test"}, timeout=20
    )
    assert blocked.status_code == 403, "the scopes of this token are not those of staff"
    staff = me.server.run("token", "create", me.person.name, "--scopes", "admin:write").stdout.strip()
    requests.post(
        f"{me.server.base}/api/v1/admin/domain_blocks",
        json={"domain": "bad.test", "severity": "suspend"},
        headers={"Authorization": f"Bearer {staff}"},
        timeout=20,
    ).raise_for_status()
    me("GET /api/v1/instance")
    me("GET /api/v2/instance")
    for name in ("activity", "domain_blocks", "extended_description", "languages", "peers", "privacy_policy", "rules"):
        me(f"GET /api/v1/instance/{name}")
    me("GET /api/v1/instance/terms_of_service")
    me("GET /api/v1/instance/translation_languages")
    me("GET /api/v1/custom_emojis")
    me("GET /api/v1/peers/search", query="?q=bad")
    me("GET /api/v1/announcements")
    me("POST /api/v1/announcements/:id/dismiss", "1")
    me("PUT /api/v1/announcements/:id/reactions/:name", "1", "👍")
    me("DELETE /api/v1/announcements/:id/reactions/:name", "1", "👍")
    me("GET /api/v1/annual_reports/:year", "2025")
    me("GET /api/v1_alpha/async_refreshes/:id", "1")
    for line in ("trends", "trends/links", "trends/statuses", "trends/tags"):
        me(f"GET /api/v1/{line}")


def apps_and_tokens(me: Asker) -> None:
    out_of_band = "urn:ietf:wg:oauth:2.0:oob"
    app = me("POST /api/v1/apps", json={"client_name": "x", "redirect_uris": out_of_band, "scopes": "read write"})
    client = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    grant = {"grant_type": "client_credentials", "scope": "read write"}
    token = me("POST /oauth/token", data=client | grant)["access_token"]
    its = {"headers": {"Authorization": f"Bearer {token}"}}
    me("GET /api/v1/apps/verify_credentials", **its)
    name = f"new{uuid.uuid4().hex[:8]}"
    form = {"username": name, "email": f"{name}@example.test", "password": "long enough, one hopes"}
    me("POST /api/v1/accounts", json=form | {"agreement": True, "locale": "en"}, **its)
    me("POST /oauth/revoke", data=client | {"token": token})
    me("GET /oauth/userinfo")
    me("GET /api/v1/preferences")
    me("GET /api/v1/emails/check_confirmation")
    me("POST /api/v1/emails/confirmations")


def profiles(me: Asker, friend: Asker, stranger: Asker) -> None:
    me(
        "PATCH /api/v1/accounts/update_credentials",
        data={"display_name": "Me", "discoverable": "true", "fields_attributes[0][name]": "a", "fields_attributes[0][value]": "b"},
        files={"avatar": ("a.png", png(), "image/png"), "header": ("h.png", png(), "image/png")},
    )
    for other in (friend, stranger):
        other("PATCH /api/v1/accounts/update_credentials", data={"discoverable": "true"})
    me("DELETE /api/v1/profile/avatar")
    me("DELETE /api/v1/profile/header")


def people(me: Asker, friend: Asker, stranger: Asker) -> None:
    friend("POST /api/v1/accounts/:id/follow", stranger.id)
    stranger("POST /api/v1/accounts/:id/follow", friend.id)
    me("POST /api/v1/accounts/:id/follow", friend.id)
    friend("POST /api/v1/accounts/:id/follow", me.id)
    me("GET /api/v1/accounts", query=f"?id[]={friend.id}")
    me("GET /api/v1/accounts/:id", friend.id)
    me("GET /api/v1/accounts/lookup", query=f"?acct={friend.person.name}")
    me("GET /api/v1/accounts/search", query=f"?q={friend.person.name}")
    me("GET /api/v1/accounts/relationships", query=f"?id[]={friend.id}")
    me("GET /api/v1/accounts/familiar_followers", query=f"?id[]={stranger.id}")
    me("GET /api/v1/accounts/:id/followers", friend.id)
    me("GET /api/v1/accounts/:id/following", friend.id)
    for other in (friend, stranger):
        other.post("something: only those who write are found")
    me("GET /api/v1/directory", query="?local=true")
    me("GET /api/v1/suggestions")
    me("GET /api/v2/suggestions")
    me("DELETE /api/v1/suggestions/:account_id", stranger.id)
    for verb in ("endorse", "unendorse", "pin"):
        me(f"POST /api/v1/accounts/:id/{verb}", friend.id)
    me("GET /api/v1/accounts/:id/endorsements", me.id)
    me("GET /api/v1/endorsements")
    me("POST /api/v1/accounts/:id/unpin", friend.id)
    me("POST /api/v1/accounts/:id/note", friend.id, json={"comment": "known from school"})
    me("POST /api/v1/accounts/:id/mute", stranger.id, json={"duration": 3600})
    me("GET /api/v1/mutes")
    me("POST /api/v1/accounts/:id/unmute", stranger.id)
    me("POST /api/v1/accounts/:id/block", stranger.id)
    me("GET /api/v1/blocks")
    me("POST /api/v1/accounts/:id/unblock", stranger.id)
    me("POST /api/v1/reports", json={"account_id": stranger.id, "comment": "look", "category": "spam"})
    me("POST /api/v1/domain_blocks", json={"domain": "loud.test"})
    me("GET /api/v1/domain_blocks")
    me("GET /api/v1/domain_blocks/preview", query="?domain=loud.test")
    me("DELETE /api/v1/domain_blocks", json={"domain": "loud.test"})
    stranger("POST /api/v1/accounts/:id/unfollow", friend.id)
    requests_to_follow(me, friend, stranger)


def requests_to_follow(me: Asker, friend: Asker, stranger: Asker) -> None:
    me("PATCH /api/v1/accounts/update_credentials", data={"locked": "true"})
    me("POST /api/v1/accounts/:id/remove_from_followers", friend.id)
    for asker in (friend, stranger):
        asker("POST /api/v1/accounts/:id/follow", me.id)
    me("GET /api/v1/follow_requests")
    me("POST /api/v1/follow_requests/:account_id/reject", stranger.id)
    me("POST /api/v1/follow_requests/:account_id/authorize", friend.id)
    me("PATCH /api/v1/accounts/update_credentials", data={"locked": "false"})


def statuses(me: Asker, friend: Asker) -> None:
    mine = me.post("mine #word", language="en")["id"]
    reply = friend.post(f"@{me.person.name} an answer", in_reply_to_id=mine)["id"]
    quoting = friend.post("look", quoted_status_id=mine)["id"]
    me("GET /api/v1/statuses", query=f"?id[]={mine}&id[]={reply}")
    me("GET /api/v1/statuses/:id", mine)
    for verb in ("favourite", "reblog", "bookmark"):
        friend(f"POST /api/v1/statuses/:id/{verb}", mine)
    friend("GET /api/v1/favourites")
    friend("GET /api/v1/bookmarks")
    for name in ("context", "favourited_by", "reblogged_by", "source", "quotes"):
        me(f"GET /api/v1/statuses/:id/{name}", mine)
    me("GET /api/oembed", query="?url=" + quote(me("GET /api/v1/statuses/:id", mine)["url"], safe=""))
    me("GET /api/v1/accounts/:id/statuses", me.id)
    me("POST /api/v1/statuses/:id/pin", mine)
    me("POST /api/v1/statuses/:id/unpin", mine)
    me("POST /api/v1/statuses/:id/mute", mine)
    me("POST /api/v1/statuses/:id/unmute", mine)
    me("POST /api/v1/statuses/:id/translate", mine)
    me("PUT /api/v1/statuses/:id", mine, json={"status": "mine, changed #word"})
    me("GET /api/v1/statuses/:id/history", mine)
    me("PUT /api/v1/statuses/:id/interaction_policy", mine, json={"quote_approval_policy": "nobody"})
    me("POST /api/v1/statuses/:id/quotes/:quoting_status_id/revoke", mine, quoting)
    for verb in ("unfavourite", "unreblog", "unbookmark"):
        friend(f"POST /api/v1/statuses/:id/{verb}", mine)
    me("DELETE /api/v1/statuses/:id", me.post("soon gone")["id"])
    asking = me.post("which?", poll={"options": ["tea", "coffee"], "expires_in": 3600})["poll"]["id"]
    friend("POST /api/v1/polls/:id/votes", asking, json={"choices": [0]})
    friend("GET /api/v1/polls/:id", asking)
    me.post("later", scheduled_at=days_ahead(1))
    later = me("GET /api/v1/scheduled_statuses")[0]["id"]
    me("GET /api/v1/scheduled_statuses/:id", later)
    me("PUT /api/v1/scheduled_statuses/:id", later, json={"scheduled_at": days_ahead(2)})
    me("DELETE /api/v1/scheduled_statuses/:id", later)
    friend.post(f"@{me.person.name} between us", visibility="direct")
    talk = eventually(lambda: me.session.get(f"{me.server.base}/api/v1/conversations", timeout=20).json(), "a talk")
    me("GET /api/v1/conversations")
    me("POST /api/v1/conversations/:id/unread", talk[0]["id"])
    me("POST /api/v1/conversations/:id/read", talk[0]["id"])
    me("DELETE /api/v1/conversations/:id", talk[0]["id"])


def days_ahead(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def lists_and_timelines(me: Asker, friend: Asker) -> None:
    circle = me("POST /api/v1/lists", json={"title": "friends"})["id"]
    me("PUT /api/v1/lists/:id", circle, json={"title": "close friends", "replies_policy": "none"})
    me("POST /api/v1/lists/:id/accounts", circle, json={"account_ids": [friend.id]})
    friend.post("for everybody's timelines")
    me("GET /api/v1/lists")
    me("GET /api/v1/lists/:id", circle)
    me("GET /api/v1/lists/:id/accounts", circle)
    me("GET /api/v1/accounts/:id/lists", friend.id)
    timeline = f"{me.server.base}/api/v1/timelines/list/{circle}"
    eventually(lambda: me.session.get(timeline, timeout=20).json(), "the list has a post")
    me("GET /api/v1/timelines/list/:list_id", circle)
    newest = me("GET /api/v1/timelines/home")[0]["id"]
    me("GET /api/v1/timelines/public")
    me("GET /api/v1/timelines/link", query="?url=https://example.test")
    me("POST /api/v1/markers", json={"home": {"last_read_id": newest}})
    me("GET /api/v1/markers", query="?timeline[]=home")
    me("GET /api/v2/search", query=f"?q={friend.person.name}")
    me("DELETE /api/v1/lists/:id/accounts", circle, json={"account_ids": [friend.id]})
    me("DELETE /api/v1/lists/:id", circle)


def tags(me: Asker, friend: Asker) -> None:
    me.post("once more with #feeling")
    me("GET /api/v1/timelines/tag/:hashtag", "feeling")
    me("GET /api/v1/tags/:name", "feeling")
    me("POST /api/v1/tags/:name/follow", "feeling")
    me("GET /api/v1/followed_tags")
    me("POST /api/v1/tags/:name/unfollow", "feeling")
    me("GET /api/v1/featured_tags/suggestions")
    featured = me("POST /api/v1/featured_tags", json={"name": "word"})["id"]
    me("GET /api/v1/featured_tags")
    friend("GET /api/v1/accounts/:id/featured_tags", me.id)
    me("DELETE /api/v1/featured_tags/:id", featured)
    me("POST /api/v1/tags/:id/feature", "feeling")
    me("POST /api/v1/tags/:id/unfeature", "feeling")


def filters(me: Asker, friend: Asker) -> None:
    made = me("POST /api/v2/filters", json={"title": "f", "context": ["home"], "keywords_attributes": [{"keyword": "x"}]})
    number = made["id"]
    me("GET /api/v2/filters")
    me("GET /api/v2/filters/:id", number)
    me("PUT /api/v2/filters/:id", number, json={"title": "g", "filter_action": "hide"})
    word = me("POST /api/v2/filters/:filter_id/keywords", number, json={"keyword": "y", "whole_word": True})["id"]
    me("GET /api/v2/filters/:filter_id/keywords", number)
    me("GET /api/v2/filters/keywords/:id", word)
    me("PUT /api/v2/filters/keywords/:id", word, json={"keyword": "z", "whole_word": False})
    me("DELETE /api/v2/filters/keywords/:id", word)
    marked = friend.post("to be filtered")["id"]
    marked = me("POST /api/v2/filters/:filter_id/statuses", number, json={"status_id": marked})["id"]
    me("GET /api/v2/filters/:filter_id/statuses", number)
    me("GET /api/v2/filters/statuses/:id", marked)
    me("DELETE /api/v2/filters/statuses/:id", marked)
    me("DELETE /api/v2/filters/:id", number)
    old = me("POST /api/v1/filters", json={"phrase": "old", "context": ["home"]})["id"]
    me("GET /api/v1/filters")
    me("GET /api/v1/filters/:id", old)
    me("PUT /api/v1/filters/:id", old, json={"phrase": "older", "context": ["home", "public"]})
    me("DELETE /api/v1/filters/:id", old)


def media(me: Asker) -> None:
    picture = lambda: {"file": ("a.png", png(), "image/png")}  # noqa: E731
    me("POST /api/v1/media", files=picture())
    # Pictures are ready at once.
    made = me("POST /api/v2/media", files=picture())["id"]
    me("GET /api/v1/media/:id", made)
    me("PUT /api/v1/media/:id", made, json={"description": "a picture", "focus": "0.5,0.5"})
    me("DELETE /api/v1/media/:id", made)


def notifications(me: Asker, friend: Asker, stranger: Asker, newcomer: Asker) -> None:
    mine = me.post("to be liked")["id"]
    for asker in (friend, stranger):
        asker("POST /api/v1/statuses/:id/favourite", mine)
    of_likes = f"{me.server.base}/api/v1/notifications?types[]=favourite"
    eventually(lambda: len(me.session.get(of_likes, timeout=20).json()) >= 2, "both likes are told")
    first = me("GET /api/v1/notifications")[0]["id"]
    groups = me("GET /api/v2/notifications", query="?grouped_types[]=favourite")["notification_groups"]
    key = next(group["group_key"] for group in groups if group["type"] == "favourite")
    me("GET /api/v2/notifications/:group_key", key)
    me("GET /api/v2/notifications/:group_key/accounts", key)
    me("GET /api/v1/notifications/:id", first)
    me("GET /api/v1/notifications/unread_count")
    me("GET /api/v2/notifications/unread_count")
    me("POST /api/v1/notifications/:id/dismiss", first)
    me("POST /api/v2/notifications/:group_key/dismiss", key)
    me("GET /api/v1/notifications/policy")
    me("GET /api/v2/notifications/policy")
    me("PATCH /api/v1/notifications/policy", json={"filter_not_following": False})
    me("PATCH /api/v2/notifications/policy", json={"for_not_following": "filter"})
    kept_back(me, stranger, newcomer)
    me("POST /api/v1/notifications/clear")
    me("POST /api/v2/notifications/clear")


def kept_back(me: Asker, stranger: Asker, newcomer: Asker) -> None:
    """Four times somebody unknown writes and is sent away or let in, alone and with others; who was let in stays so."""
    waiting = f"{me.server.base}/api/v1/notifications/requests"
    for writer, verb, alone in (
        (stranger, "dismiss", True),
        (stranger, "dismiss", False),
        (stranger, "accept", True),
        (newcomer, "accept", False),
    ):
        writer.post(f"@{me.person.name} hello, {verb}")
        eventually(lambda: me.session.get(waiting, timeout=20).json(), "something waits")
        number = me("GET /api/v1/notifications/requests")[0]["id"]
        me("GET /api/v1/notifications/requests/:id", number)
        if alone:
            me(f"POST /api/v1/notifications/requests/:id/{verb}", number)
        else:
            me(f"POST /api/v1/notifications/requests/{verb}", json={"id": [number]})
        me("GET /api/v1/notifications/requests/merged")


def push(me: Asker) -> None:
    # The keys of the example in RFC 8291.
    keys = {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }
    subscription = {"endpoint": "https://push.example.test/1", "keys": keys}
    me("POST /api/v1/push/subscription", json={"subscription": subscription, "data": {"alerts": {"mention": True}}})
    me("GET /api/v1/push/subscription")
    me("PUT /api/v1/push/subscription", json={"data": {"alerts": {"follow": True}, "policy": "followed"}})
    me("DELETE /api/v1/push/subscription")
