"""Two tuskling servers on loopback as neighbours: what one does, the other's clients see.

Every story is told through the client API of both sides; nothing here knows ActivityPub.
"""

import datetime
import threading

import pytest
import requests
from mastodon import Mastodon, MastodonNotFoundError, StreamListener

from conftest import ENGINES, keep_log, start_server
from harness.pictures import png
from harness.waiting import eventually

SECONDS = 20


@pytest.fixture(scope="module", params=ENGINES)
def servers(request, tmp_path_factory):
    """Two running neighbours on the same engine."""
    made = [start_server(request.param, tmp_path_factory.mktemp(f"{request.param}-{name}")) for name in "ab"]
    for server in made:
        server.start()
    yield made
    try:
        for server in made:
            server.stop()
    finally:
        for server in made:
            keep_log(server)
            server.clean_up()


class Neighbour:
    """Somebody on one of the servers, with a client."""

    def __init__(self, server, name):
        self.server = server
        self.person = server.person(name)
        self.api = Mastodon(access_token=self.person.token, api_base_url=server.base, ratelimit_method="throw")
        self.name = self.person.name
        self.handle = f"{self.name}@{server.domain}"
        self.id = self.api.me().id

    def find(self, other: "Neighbour"):
        """The other's account as this server knows it, asked for by its handle."""
        found = self.api.account_search(f"@{other.handle}", resolve=True)
        assert [account.acct for account in found] == [other.handle], found
        return found[0]

    def follow(self, other: "Neighbour"):
        account = self.find(other)
        self.api.account_follow(account)
        eventually(lambda: self.api.account_relationships(account)[0].following, "the follow is accepted", SECONDS)
        return account

    def home(self) -> list:
        return self.api.timeline_home()

    def gets(self, text: str):
        """Waits for a status with this text in the home timeline."""
        look = lambda: next((status for status in self.home() if text in status.content), None)
        return eventually(look, f"{text!r} arrives at {self.handle}", SECONDS)

    def is_told(self, kind: str, by: "Neighbour"):
        """Waits for a notification."""
        look = lambda: next(
            (n for n in self.api.notifications() if n.type == kind and n.account.acct == by.handle), None
        )
        return eventually(look, f"{self.handle} is told of {kind} by {by.handle}", SECONDS)


@pytest.fixture
def alice(servers):
    return Neighbour(servers[0], "alice")


@pytest.fixture
def bob(servers):
    return Neighbour(servers[1], "bob")


@pytest.fixture
def friends(alice, bob):
    """Each follows the other."""
    alice.follow(bob)
    bob.follow(alice)
    return alice, bob


def refetch(who: Neighbour, status):
    return who.api.status(status.id)


# -- finding and following ------------------------------------------------------------------------


def test_a_profile_is_found_by_handle_and_by_address(alice, bob):
    bob.api.account_update_credentials(
        display_name="Bob the neighbour",
        note="I live #next door",
        fields=[("Home", "a small house")],
        avatar=png(48, 48),
        avatar_mime_type="image/png",
    )
    found = alice.find(bob)
    assert found.display_name == "Bob the neighbour"
    assert "next" in found.note
    assert [(field.name, field.value) for field in found.fields] == [("Home", "a small house")]
    assert found.url == f"{bob.server.base}/@{bob.name}"
    by_address = alice.api.search(found.url, resolve=True).accounts
    assert [account.id for account in by_address] == [found.id]


def test_a_follow_is_accepted_and_ended(alice, bob):
    account = alice.follow(bob)
    bob.is_told("follow", alice)
    back = bob.find(alice)
    assert bob.api.account_relationships(back)[0].followed_by
    alice.api.account_unfollow(account)
    eventually(lambda: not bob.api.account_relationships(back)[0].followed_by, "the follow ends", SECONDS)


def test_a_locked_account_is_asked_first(alice, bob):
    bob.api.account_update_credentials(locked=True)
    account = alice.find(bob)
    assert alice.api.account_follow(account).requested
    bob.is_told("follow_request", alice)
    asking = eventually(bob.api.follow_requests, "the request is listed", SECONDS)
    bob.api.follow_request_authorize(asking[0])
    eventually(lambda: alice.api.account_relationships(account)[0].following, "the request is granted", SECONDS)
    # and is thrown out later
    bob.api.account_remove_from_followers(asking[0])
    eventually(lambda: not alice.api.account_relationships(account)[0].following, "the follow is revoked", SECONDS)


def test_a_rejected_request_is_forgotten(alice, bob):
    bob.api.account_update_credentials(locked=True)
    account = alice.find(bob)
    alice.api.account_follow(account)
    asking = eventually(bob.api.follow_requests, "the request is listed", SECONDS)
    bob.api.follow_request_reject(asking[0])
    eventually(lambda: not alice.api.account_relationships(account)[0].requested, "the request is gone", SECONDS)
    assert not alice.api.account_relationships(account)[0].following


def test_a_changed_profile_is_told(friends):
    alice, bob = friends
    bob.api.account_update_credentials(display_name="Bob anew")
    account = alice.find(bob)
    eventually(lambda: alice.api.account(account.id).display_name == "Bob anew", "the new name arrives", SECONDS)


# -- posting --------------------------------------------------------------------------------------


def test_a_post_with_everything_arrives(friends):
    alice, bob = friends
    media = bob.api.media_post(png(64, 32), "image/png", description="a small picture", focus=(0.5, -0.5))
    posted = bob.api.status_post(
        f"Hello @{alice.handle}, see #Neighbours",
        media_ids=[media],
        spoiler_text="greeting",
        language="en",
        sensitive=True,
    )
    seen = alice.gets("Neighbours")
    assert seen.uri == posted.uri
    assert seen.url == posted.url
    assert seen.account.acct == bob.handle
    assert (seen.spoiler_text, seen.sensitive, seen.language, seen.visibility) == ("greeting", True, "en", "public")
    assert seen.created_at == posted.created_at
    assert [tag.name for tag in seen.tags] == ["neighbours"]
    assert [mention.id for mention in seen.mentions] == [alice.id]
    (picture,) = seen.media_attachments
    assert (picture.type, picture.description) == ("image", "a small picture")
    assert picture.blurhash and picture.meta.original.width == 64
    assert picture.meta.focus.x == 0.5
    # the file itself is fetched by Alice's server, on demand
    assert picture.url.startswith(alice.server.base)
    answer = alice.api.session.get(picture.url)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/")
    told = alice.is_told("mention", bob)
    assert told.status.id == seen.id
    assert seen.id in [status.id for status in alice.api.timeline_hashtag("neighbours")]
    assert seen.id in [status.id for status in alice.api.timeline_public()]
    assert seen.id not in [status.id for status in alice.api.timeline_local()]


@pytest.mark.parametrize("visibility", ["unlisted", "private", "direct"])
def test_visibility_is_kept(friends, visibility):
    alice, bob = friends
    text = f"{visibility} words"
    bob.api.status_post(f"@{alice.handle} {text}", visibility=visibility)
    told = alice.is_told("mention", bob)
    assert told.status.visibility == visibility
    assert told.status.id not in [status.id for status in alice.api.timeline_public()]
    stranger = Neighbour(alice.server, "stranger")
    if visibility != "unlisted":
        with pytest.raises(MastodonNotFoundError):
            stranger.api.status(told.status.id)


def test_followers_only_reaches_followers_alone(servers, friends):
    alice, bob = friends
    stranger = Neighbour(servers[0], "stranger")
    bob.api.status_post("for followers", visibility="private")
    seen = alice.gets("for followers")
    with pytest.raises(MastodonNotFoundError):
        stranger.api.status(seen.id)


def test_an_edit_arrives_with_its_history(friends):
    alice, bob = friends
    posted = bob.api.status_post("first words")
    seen = alice.gets("first words")
    bob.api.status_update(posted.id, "second words")
    eventually(lambda: "second words" in refetch(alice, seen).content, "the edit arrives", SECONDS)
    assert refetch(alice, seen).edited_at is not None
    contents = [version.content for version in alice.api.status_history(seen.id)]
    assert len(contents) == 2 and "first words" in contents[0] and "second words" in contents[1]


def test_a_deletion_arrives(friends):
    alice, bob = friends
    posted = bob.api.status_post("soon gone")
    seen = alice.gets("soon gone")
    bob.api.status_delete(posted.id)

    def is_gone():
        try:
            refetch(alice, seen)
        except MastodonNotFoundError:
            return True
        return False

    eventually(is_gone, "the deletion arrives", SECONDS)


def test_replies_make_one_thread_on_both_sides(friends):
    alice, bob = friends
    question = bob.api.status_post("who is there?")
    seen = alice.gets("who is there?")
    alice.api.status_post("it is me", in_reply_to_id=seen.id)
    answer = bob.gets("it is me")
    assert answer.in_reply_to_id == question.id
    bob.api.status_post("come in", in_reply_to_id=answer.id)
    eventually(lambda: len(alice.api.status_context(seen.id).descendants) == 2, "the thread is whole", SECONDS)
    assert refetch(bob, question).replies_count == 1


def test_polls_are_voted_in_and_counted(friends):
    alice, bob = friends
    poll = bob.api.make_poll(["tea", "coffee"], expires_in=3600)
    posted = bob.api.status_post("what to drink?", poll=poll)
    seen = alice.gets("what to drink?")
    assert [option.title for option in seen.poll.options] == ["tea", "coffee"]
    voted = alice.api.poll_vote(seen.poll.id, [1])
    assert voted.voted and voted.own_votes == [1]
    eventually(
        lambda: [option.votes_count for option in refetch(bob, posted).poll.options] == [0, 1],
        "the vote is counted",
        SECONDS,
    )
    assert refetch(bob, posted).poll.voters_count == 1


# -- reactions ------------------------------------------------------------------------------------


def test_favourites_and_boosts_come_and_go(friends):
    alice, bob = friends
    posted = bob.api.status_post("like this")
    seen = alice.gets("like this")
    alice.api.status_favourite(seen.id)
    alice.api.status_reblog(seen.id)
    bob.is_told("favourite", alice)
    bob.is_told("reblog", alice)
    now = refetch(bob, posted)
    assert (now.favourites_count, now.reblogs_count) == (1, 1)
    alice.api.status_unfavourite(seen.id)
    alice.api.status_unreblog(seen.id)

    def counts():
        now = refetch(bob, posted)
        return (now.favourites_count, now.reblogs_count) == (0, 0)

    eventually(counts, "both are taken back", SECONDS)


def test_a_boost_of_somebody_unknown_brings_the_post(servers, friends):
    alice, bob = friends
    carol = Neighbour(servers[1], "carol")
    carol.api.status_post("worth passing on")
    original = next(status for status in bob.api.timeline_local() if "worth passing on" in status.content)
    bob.api.status_reblog(original.id)
    look = lambda: next((s for s in alice.home() if s.reblog and "worth passing on" in s.reblog.content), None)
    boost = eventually(look, "the boost arrives", SECONDS)
    assert boost.account.acct == bob.handle
    assert boost.reblog.account.acct == carol.handle


def test_pins_are_shown_on_the_other_side(friends):
    alice, bob = friends
    posted = bob.api.status_post("pinned words")
    bob.api.status_pin(posted.id)
    account = alice.find(bob)
    look = lambda: any("pinned words" in s.content for s in alice.api.account_statuses(account, pinned=True))
    eventually(look, "the pin arrives", SECONDS)
    bob.api.status_unpin(posted.id)
    eventually(lambda: not look(), "the pin goes", SECONDS)


def test_streams_tell_of_what_comes_from_outside(friends):
    alice, bob = friends
    came = threading.Event()

    class Ear(StreamListener):
        def on_update(self, status):
            if "live words" in status.content:
                came.set()

    handle = alice.api.stream_user(Ear(), run_async=True)
    try:
        bob.api.status_post("live words")
        assert came.wait(SECONDS), "the stream tells of the post"
    finally:
        handle.close()


# -- moderation -----------------------------------------------------------------------------------


def test_a_block_ends_both_follows(friends):
    alice, bob = friends
    hers, his = alice.find(bob), bob.find(alice)
    alice.api.account_block(hers)
    eventually(
        lambda: not bob.api.account_relationships(his)[0].following
        and not bob.api.account_relationships(his)[0].followed_by,
        "both follows end",
        SECONDS,
    )
    bob.api.status_post(f"@{alice.handle} do you hear me?")
    marker = Neighbour(bob.server, "marker")
    marker.api.status_post(f"@{alice.handle} I am heard")
    alice.is_told("mention", marker)
    assert not [n for n in alice.api.notifications() if n.account.acct == bob.handle and n.type == "mention"]


def test_a_blocked_domain_is_silent(servers, alice, bob):
    account = alice.follow(bob)
    alice.server.run("domain", "block", bob.server.domain)
    try:
        look = lambda: alice.api.account(account.id)
        eventually(lambda: look().get("suspended"), "its accounts are suspended", SECONDS)
        assert (look().display_name, alice.api.account_statuses(account)) == ("", [])
        bob.api.status_post(f"@{alice.handle} nobody hears this")
        carol = Neighbour(servers[0], "carol")
        assert carol.api.account_search(f"@{Neighbour(servers[1], 'dave').handle}", resolve=True) == []
    finally:
        alice.server.run("domain", "unblock", bob.server.domain)
    eventually(lambda: not look().get("suspended"), "its accounts are back", SECONDS)
    assert not [n for n in alice.api.notifications() if n.type == "mention"]


def test_an_account_that_is_deleted_disappears(servers, alice):
    leaving = Neighbour(servers[1], "leaving")
    account = alice.follow(leaving)
    leaving.api.status_post("last words")
    alice.gets("last words")
    servers[1].run("account", "delete", leaving.name, "--yes")

    def is_gone():
        try:
            return not alice.api.account_statuses(account)
        except MastodonNotFoundError:
            return True

    eventually(is_gone, "the account disappears", SECONDS)


def test_an_account_moves_with_its_followers(servers, friends):
    alice, bob = friends
    new = Neighbour(servers[0], "newhome")
    servers[0].run("account", "alias", "add", new.name, bob.handle)
    servers[1].run("account", "move", bob.name, "--to", new.handle, "--yes")
    target = alice.api.account_lookup(new.name)
    eventually(lambda: alice.api.account_relationships(target)[0].following, "Alice follows the new account", SECONDS)


# -- receipts, backfill ---------------------------------------------------------------------------


def test_a_rotated_key_is_taken_over_in_both_directions(servers, friends):
    alice, bob = friends
    key = lambda: requests.get(
        f"{servers[0].base}/users/{alice.name}", headers={"Accept": "application/activity+json"}, timeout=5
    ).json()["publicKey"]["publicKeyPem"]
    before = key()
    servers[0].run("account", "rotate-key", alice.name)
    servers[0].run("account", "rotate-key", "--instance")
    eventually(lambda: key() != before, "the running server signs with the new key", SECONDS)
    alice.api.status_post("signed by the new key")
    bob.gets("signed by the new key")
    bob.api.status_post("and back")
    alice.gets("and back")
    # What the server asks for is signed anew as well.
    assert alice.find(Neighbour(servers[1], "carl"))


def test_a_newly_followed_account_is_not_empty(alice, bob):
    bob.api.status_post("an older post")
    account = alice.follow(bob)
    look = lambda: any("an older post" in status.content for status in alice.api.account_statuses(account))
    eventually(look, "older posts are fetched", SECONDS)


def test_the_author_sees_who_has_a_post(friends):
    alice, bob = friends
    posted = bob.api.status_post("who has this?")
    alice.gets("who has this?")
    address = f"{bob.server.base}/api/v1/tuskling/statuses/{posted.id}/deliveries"
    headers = {"Authorization": f"Bearer {bob.person.token}"}
    look = lambda: [row for row in bob.api.session.get(address, headers=headers).json() if row["state"] == "delivered"]
    (row,) = eventually(look, "the delivery is noted", SECONDS)
    assert row["host"] == alice.server.domain
    stranger = {"Authorization": f"Bearer {Neighbour(bob.server, 'nosy').person.token}"}
    assert bob.api.session.get(address, headers=stranger).status_code == 404


def test_what_waited_is_delivered_when_the_other_is_back(servers, friends):
    alice, bob = friends
    servers[0].stop()
    posted = bob.api.status_post("said while you were away")
    reason = lambda: bob.server.run("delivery", "status", str(posted.id)).stdout
    eventually(lambda: "cannot be reached" in reason(), "the first try fails, and the reason is told", SECONDS)
    servers[0].start()
    bob.server.run("delivery", "retry", str(posted.id))
    look = lambda: any("said while you were away" in status.content for status in alice.home())
    # without "retry now" it would be a quarter of a minute
    eventually(look, "what waited is delivered at once", 8)
    assert datetime.datetime.now(datetime.UTC) - posted.created_at < datetime.timedelta(minutes=2)


# -- three ----------------------------------------------------------------------------------------


@pytest.fixture
def third(servers, tmp_path):
    """A third neighbour, for what passes between two others."""
    server = start_server(servers[0].engine, tmp_path / "c").start()
    yield server
    try:
        server.stop()
    finally:
        keep_log(server)
        server.clean_up()


def test_a_reply_reaches_the_followers_of_the_one_who_is_answered(friends, third):
    alice, bob = friends
    carol = Neighbour(third, "carol")
    carol.follow(bob)
    posted = bob.api.status_post("what does a third one see?")
    seen = carol.gets("what does a third one see?")
    answered = alice.gets("what does a third one see?")
    # Alice has no follower at the third; Bob's server passes her reply on, its origin is asked for it.
    reply = alice.api.status_post("she sees this", in_reply_to_id=answered.id, visibility="public")
    look = lambda: [status.uri for status in carol.api.status_context(seen.id).descendants]
    eventually(lambda: look() == [reply.uri], "the reply is passed on", SECONDS)
    eventually(lambda: refetch(bob, posted).replies_count == 1, "the reply is counted", SECONDS)
    # so is its end
    alice.api.status_delete(reply.id)
    eventually(lambda: look() == [], "the deletion is passed on", SECONDS)


def test_a_boost_is_counted_by_the_author_and_seen_by_a_third(friends, third):
    alice, bob = friends
    carol = Neighbour(third, "carol")
    carol.follow(alice)
    posted = bob.api.status_post("carried on")
    seen = alice.gets("carried on")
    alice.api.status_reblog(seen.id)
    look = lambda: next((s for s in carol.home() if s.reblog and "carried on" in s.reblog.content), None)
    boost = eventually(look, "the boost arrives at the third", SECONDS)
    assert (boost.account.acct, boost.reblog.account.acct) == (alice.handle, bob.handle)
    carol.api.status_favourite(boost.reblog.id)
    bob.is_told("favourite", carol)
    now = refetch(bob, posted)
    assert (now.favourites_count, now.reblogs_count) == (1, 1)
