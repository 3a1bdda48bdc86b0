"""Mastodon.py, the library, as a real client of a running server on both engines."""

import datetime
import threading

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError, StreamListener

from harness.pictures import png
from harness.sign_in import PersonAtBrowser
from harness.waiting import eventually

SCOPES = ["read", "write", "follow", "push"]


def client(server, person) -> Mastodon:
    return Mastodon(access_token=person.token, api_base_url=server.base, ratelimit_method="throw")


@pytest.fixture
def alice(server):
    return client(server, server.person("alice"))


@pytest.fixture
def bob(server):
    return client(server, server.person("bob"))


@pytest.fixture
def friends(alice, bob):
    """Alice and Bob follow each other."""
    alice.account_follow(bob.me())
    bob.account_follow(alice.me())
    return alice, bob


def ids(entities) -> list:
    return [entity.id for entity in entities]


# -- signing in -----------------------------------------------------------------------------------


def test_sign_in_through_the_authorize_page(server):
    person = server.person("carol", token=False)
    client_id, secret = Mastodon.create_app(
        "Mastodon.py test", scopes=SCOPES, api_base_url=server.base, website="https://client.test"
    )
    mastodon = Mastodon(client_id=client_id, client_secret=secret, api_base_url=server.base)
    assert mastodon.app_verify_credentials is not None
    address = mastodon.auth_request_url(scopes=SCOPES, state="state", allow_http=True)
    code = PersonAtBrowser(person).authorize(address)
    mastodon.log_in(code=code, scopes=SCOPES, allow_http=True)
    assert mastodon.me().username == person.name
    posted = mastodon.status_post("signed in")
    assert posted.application.name == "Mastodon.py test"
    mastodon.revoke_access_token(allow_http=True)


def test_the_instance_describes_itself(alice, server):
    first, second = alice.instance_v1(), alice.instance_v2()
    assert first.uri == second.domain == server.domain
    assert first.version.startswith("4.5.") and second.api_versions.mastodon >= 7
    assert second.configuration.statuses.max_characters >= 500
    assert alice.custom_emojis() == [] and alice.announcements() == []
    assert alice.instance_nodeinfo().software.name == "tuskling"


# -- posting --------------------------------------------------------------------------------------


def test_post_read_edit_and_delete(alice):
    posted = alice.status_post(
        "Hello #world, see https://example.test/a/rather/long/address/indeed",
        spoiler_text="greeting",
        language="en",
        visibility="unlisted",
    )
    assert posted.visibility == "unlisted" and posted.sensitive and posted.spoiler_text == "greeting"
    assert [tag.name for tag in posted.tags] == ["world"]
    assert 'class="mention hashtag"' in posted.content and "<a href=" in posted.content
    assert alice.status(posted).content == posted.content

    edited = alice.status_update(posted, "Hello again", spoiler_text="greeting")
    assert edited.id == posted.id and edited.edited_at and "again" in edited.content
    history = alice.status_history(posted)
    assert len(history) == 2 and "world" in history[0].content and "again" in history[1].content
    source = alice.status_source(posted)
    assert (source.text, source.spoiler_text) == ("Hello again", "greeting")

    deleted = alice.status_delete(posted)
    assert deleted.text == "Hello again"
    with pytest.raises(MastodonNotFoundError):
        alice.status(posted)


def test_the_same_idempotency_key_posts_once(alice):
    key = "one and the same"
    first = alice.status_post("only once", idempotency_key=key)
    second = alice.status_post("only once", idempotency_key=key)
    assert first.id == second.id
    assert alice.me().statuses_count == 1


def test_pictures_are_processed_described_and_attached(alice):
    medium = alice.media_post(png(640, 400), mime_type="image/png", description="blue", focus=(0.5, -0.25))
    medium = eventually(lambda: (found := alice.media(medium.id)).url and found, "the picture is processed")
    assert medium.type == "image" and medium.blurhash and medium.description == "blue"
    assert (medium.meta.original.width, medium.meta.original.height) == (640, 400)
    assert (medium.meta.focus.x, medium.meta.focus.y) == (0.5, -0.25)
    changed = alice.media_update(medium, description="deep blue")
    assert changed.description == "deep blue"
    posted = alice.status_post("look", media_ids=[medium], sensitive=True)
    assert ids(posted.media_attachments) == [medium.id] and posted.sensitive
    assert ids(alice.status_update(posted, "look again", media_ids=[medium.id]).media_attachments) == [medium.id]
    only_media = alice.account_statuses(alice.me(), only_media=True)
    assert ids(only_media) == [posted.id]


def test_polls_are_voted_on_once(alice, bob):
    poll = alice.make_poll(["tea", "coffee", "water"], expires_in=3600, multiple=True, hide_totals=True)
    posted = alice.status_post("What to drink?", poll=poll)
    assert [option.title for option in posted.poll.options] == ["tea", "coffee", "water"]
    assert posted.poll.multiple and posted.poll.options[0].votes_count is None
    voted = bob.poll_vote(posted.poll, [0, 2])
    assert voted.voted and voted.own_votes == [0, 2] and voted.voters_count == 1
    assert bob.poll(posted.poll).votes_count == 2
    with pytest.raises(MastodonAPIError):
        bob.poll_vote(posted.poll, [1])
    with pytest.raises(MastodonAPIError):
        alice.poll_vote(posted.poll, [1])


def test_posts_can_be_scheduled_moved_and_cancelled(alice):
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    scheduled = alice.status_post("tomorrow's news", scheduled_at=later)
    assert scheduled.params.text == "tomorrow's news"
    assert ids(alice.scheduled_statuses()) == [scheduled.id]
    moved = alice.scheduled_status_update(scheduled, later + datetime.timedelta(hours=1))
    assert moved.scheduled_at > scheduled.scheduled_at
    assert alice.scheduled_status(scheduled).id == scheduled.id
    alice.scheduled_status_delete(scheduled)
    assert alice.scheduled_statuses() == []
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=6)
    alice.status_post("soon", scheduled_at=soon)


def test_replies_make_a_thread(friends):
    alice, bob = friends
    root = alice.status_post("first")
    answer = bob.status_reply(root, "second")
    last = alice.status_reply(answer, "third")
    assert answer.in_reply_to_id == root.id and [mention.id for mention in answer.mentions] == [alice.me().id]
    context = bob.status_context(answer)
    assert ids(context.ancestors) == [root.id] and ids(context.descendants) == [last.id]
    assert alice.status(root).replies_count == 1


def test_quotes_carry_the_quoted_post(alice, bob):
    quoted = alice.status_post("worth quoting")
    quoting = bob.status_post("indeed", quoted_status_id=quoted.id)
    assert quoting.quote.quoted_status.id == quoted.id
    assert ids(alice.status_quotes(quoted)) == [quoting.id]


# -- reacting -------------------------------------------------------------------------------------


def test_reactions_can_be_made_seen_and_undone(alice, bob):
    posted = alice.status_post("react to this")
    assert bob.status_favourite(posted).favourited and bob.status_bookmark(posted).bookmarked
    boost = bob.status_reblog(posted)
    assert boost.reblog.id == posted.id and boost.reblog.reblogged and boost.id != posted.id
    assert bob.status_reblog(posted).id == boost.id, "boosting twice gives the same boost"
    assert bob.status_mute(posted).muted
    seen = alice.status(posted)
    assert (seen.favourites_count, seen.reblogs_count) == (1, 1)
    assert ids(alice.status_favourited_by(posted)) == ids(alice.status_reblogged_by(posted)) == [bob.me().id]
    assert ids(bob.favourites()) == ids(bob.bookmarks()) == [posted.id]
    assert not bob.status_unfavourite(posted).favourited and not bob.status_unbookmark(posted).bookmarked
    assert not bob.status_unreblog(posted).reblogged and not bob.status_unmute(posted).muted
    seen = alice.status(posted)
    assert (seen.favourites_count, seen.reblogs_count) == (0, 0)


def test_own_posts_can_be_pinned(alice, bob):
    posted = alice.status_post("pin me")
    assert alice.status_pin(posted).pinned
    assert ids(bob.account_statuses(alice.me(), pinned=True)) == [posted.id]
    with pytest.raises(MastodonAPIError):
        bob.status_pin(posted)
    assert not alice.status_unpin(posted).pinned


# -- people ---------------------------------------------------------------------------------------


def test_the_profile_can_be_changed(alice):
    changed = alice.account_update_credentials(
        display_name="Alice in Tests",
        note="Curious. #tests",
        avatar=png(120, 120),
        avatar_mime_type="image/png",
        header=png(600, 200),
        header_mime_type="image/png",
        fields=[("Home", "https://alice.test"), ("Pronouns", "she")],
        bot=False,
        discoverable=True,
        default_privacy="unlisted",
        default_language="de",
    )
    assert changed.display_name == "Alice in Tests" and changed.source.privacy == "unlisted"
    assert [field.name for field in changed.fields] == ["Home", "Pronouns"]
    assert changed.source.note == "Curious. #tests" and changed.source.language == "de"
    assert "missing" not in changed.avatar
    posted = alice.status_post("by default")
    assert (posted.visibility, posted.language) == ("unlisted", "de")


def test_following_blocking_muting_and_notes(alice, bob):
    her, him = alice.me(), bob.me()
    assert alice.account_follow(him).following
    assert bob.account_relationships(her)[0].followed_by
    assert ids(alice.account_following(her)) == [him.id] and ids(alice.account_followers(him)) == [her.id]
    assert alice.account_note_set(him, "met at a test").note == "met at a test"
    assert alice.account_mute(him, duration=3600).muting
    assert ids(alice.mutes()) == [him.id]
    assert not alice.account_unmute(him).muting
    assert bob.account_remove_from_followers(her).followed_by is False
    assert alice.account_block(him).blocking
    assert ids(alice.blocks()) == [him.id]
    with pytest.raises(MastodonAPIError):
        bob.account_follow(her)
    assert not alice.account_unblock(him).blocking
    assert not alice.account_unfollow(him).following
    assert alice.account_familiar_followers([him.id])[0].accounts == []


def test_a_locked_account_decides_who_follows(alice, bob):
    alice.account_update_credentials(locked=True)
    relationship = bob.account_follow(alice.me())
    assert relationship.requested and not relationship.following
    assert ids(alice.follow_requests()) == [bob.me().id]
    assert alice.follow_request_authorize(bob.me()).followed_by
    assert bob.account_relationships(alice.me())[0].following
    bob.account_unfollow(alice.me())
    bob.account_follow(alice.me())
    alice.follow_request_reject(bob.me())
    assert not bob.account_relationships(alice.me())[0].requested


def test_accounts_are_found(alice, bob, server):
    him = bob.me()
    assert alice.account_lookup(him.username).id == him.id
    assert alice.account(him).acct == him.username
    assert him.id in ids(alice.account_search(him.username))
    assert him.id in ids(alice.search_v2(f"@{him.username}@{server.domain}", result_type="accounts").accounts)
    assert alice.account_featured_tags(him) == []
    with pytest.raises(MastodonNotFoundError):
        alice.account_lookup("nobody_of_that_name")


# -- reading --------------------------------------------------------------------------------------


def test_timelines_show_what_they_should(friends):
    alice, bob = friends
    public = bob.status_post("for all #timeline")
    private = bob.status_post("for followers", visibility="private")
    eventually(lambda: {public.id, private.id} <= set(ids(alice.timeline_home())), "both posts reach home")
    assert public.id in ids(alice.timeline_public()) and public.id in ids(alice.timeline_local())
    assert private.id not in ids(alice.timeline_public())
    assert public.id in ids(alice.timeline_hashtag("timeline"))
    anonymous = Mastodon(api_base_url=alice.api_base_url)
    assert public.id in ids(anonymous.timeline_public())
    assert anonymous.status(public).favourited in (None, False)
    with pytest.raises(MastodonNotFoundError):
        anonymous.status(private)


def test_pages_follow_each_other(alice):
    posted = [alice.status_post(f"page {number}").id for number in range(7)]
    first = alice.account_statuses(alice.me(), limit=3)
    second = alice.fetch_next(first)
    third = alice.fetch_next(second)
    assert ids(first) + ids(second) + ids(third) == list(reversed(posted))
    assert ids(alice.fetch_previous(second)) == ids(first)


def test_lists_have_their_own_timeline(friends):
    alice, bob = friends
    him = bob.me()
    made = alice.list_create("close friends", replies_policy="list")
    alice.list_accounts_add(made, [him.id])
    assert ids(alice.list_accounts(made)) == [him.id] and ids(alice.account_lists(him)) == [made.id]
    posted = bob.status_post("for the list")
    eventually(lambda: posted.id in ids(alice.timeline_list(made)), "the post reaches the list")
    assert alice.list_update(made, "closest friends", exclusive=True).title == "closest friends"
    assert alice.list(made).exclusive and ids(alice.lists()) == [made.id]
    alice.list_accounts_delete(made, [him.id])
    alice.list_delete(made)
    assert alice.lists() == []


def test_hashtags_can_be_followed(alice, bob):
    assert alice.tag_follow("gardening").following
    assert [tag.name for tag in alice.followed_tags()] == ["gardening"]
    posted = bob.status_post("my #gardening diary")
    eventually(lambda: posted.id in ids(alice.timeline_home()), "a followed tag reaches home")
    assert not alice.tag_unfollow("gardening").following
    assert alice.tag("gardening").name == "gardening"


def test_search_finds_what_the_searcher_may_see(alice, bob):
    mine = alice.status_post("The quick brown zebrafinch #zebrafinch")
    hidden = alice.status_post("a secret zebrafinch", visibility="direct")
    found = eventually(
        lambda: (result := alice.search_v2("zebrafinch")).statuses and result, "own posts are found"
    )
    assert mine.id in ids(found.statuses)
    assert "zebrafinch" in [tag.name for tag in alice.search_v2("zebrafinch", result_type="hashtags").hashtags]
    assert hidden.id not in ids(bob.search_v2("zebrafinch").statuses)


def test_conversations_collect_private_mentions(alice, bob):
    posted = alice.status_post(f"@{bob.me().username} a word in private", visibility="direct")
    conversation = eventually(lambda: bob.conversations(), "the conversation arrives")[0]
    assert conversation.unread and conversation.last_status.id == posted.id
    assert ids(conversation.accounts) == [alice.me().id]
    assert not bob.conversations_read(conversation).unread


# -- staying informed -----------------------------------------------------------------------------


def test_notifications_of_every_kind(alice, bob):
    accept = dict(for_not_following="accept", for_not_followers="accept", for_new_accounts="accept")
    assert alice.notifications_policy().for_not_following == "accept"
    assert alice.update_notifications_policy(**accept, for_private_mentions="accept").for_private_mentions == "accept"
    posted = alice.status_post("notice this", poll=alice.make_poll(["a", "b"], expires_in=600))
    bob.account_follow(alice.me())
    bob.status_favourite(posted)
    bob.status_reblog(posted)
    bob.status_post(f"@{alice.me().username} hello")
    kinds = {"follow", "favourite", "reblog", "mention"}
    found = eventually(
        lambda: (seen := alice.notifications()) and kinds <= {one.type for one in seen} and seen, "all four kinds"
    )
    assert {one.account.id for one in found} == {bob.me().id}
    assert {one.type for one in alice.notifications(types=["mention"])} == {"mention"}
    assert "mention" not in {one.type for one in alice.notifications(exclude_types=["mention"])}
    assert alice.notifications_unread_count().count == 4
    assert alice.notifications(id=found[0].id).id == found[0].id

    grouped = alice.grouped_notifications(expand_accounts="full")
    keys = [group.group_key for group in grouped.notification_groups]
    assert len(keys) == 4 and len(grouped.accounts) == 1
    assert ids(alice.grouped_notification_accounts(keys[0])) == [bob.me().id]
    assert alice.notification_requests() == []
    alice.notifications_dismiss(found[0])
    assert len(alice.notifications()) == 3
    alice.notifications_clear()
    assert alice.notifications() == []


def test_an_edit_notifies_those_who_boosted(alice, bob):
    posted = alice.status_post("first version")
    bob.status_reblog(posted)
    alice.status_update(posted, "second version")
    eventually(lambda: "update" in {one.type for one in bob.notifications()}, "an update notification")


def test_markers_remember_the_place(alice):
    posted = alice.status_post("read up to here")
    marked = alice.markers_set(["home"], [posted.id])
    assert marked["home"].last_read_id == posted.id
    assert alice.markers_get(["home"])["home"].version == marked["home"].version
    assert alice.markers_set(["home"], [posted.id])["home"].version > marked["home"].version


def test_filters_mark_posts(friends):
    alice, bob = friends
    made = alice.create_filter_v2(
        "spoilers", ["home", "public"], "warn", keywords_attributes=[{"keyword": "rosebud", "whole_word": True}]
    )
    posted = bob.status_post("It was Rosebud all along")
    eventually(lambda: posted.id in ids(alice.timeline_home()), "the post reaches home")
    hit = next(status for status in alice.timeline_home() if status.id == posted.id)
    assert hit.filtered[0].filter.title == "spoilers"
    assert [match.lower() for match in hit.filtered[0].keyword_matches] == ["rosebud"]
    assert ids(alice.filters_v2()) == [made.id]
    keyword = alice.add_filter_keyword_v2(made.id, "sled", whole_word=False)
    assert {one.keyword for one in alice.filter_keywords_v2(made.id)} == {"rosebud", "sled"}
    alice.delete_filter_keyword_v2(keyword.id)
    updated = alice.update_filter_v2(made.id, title="endings", filter_action="hide")
    assert (updated.title, updated.filter_action) == ("endings", "hide")
    assert alice.filter_v2(made.id).title == "endings"
    status_entry = alice.add_filter_status_v2(made.id, posted.id)
    assert ids(alice.filter_statuses_v2(made.id)) == [status_entry.id]
    assert [one.phrase for one in alice.filters()] == ["rosebud"], "the first version of the API shows keywords"
    alice.delete_filter_v2(made.id)
    assert alice.filters_v2() == []


def test_preferences_trends_suggestions_and_reports(alice, bob):
    assert alice.preferences()["posting:default:visibility"] == "public"
    assert isinstance(alice.trending_tags(), list) and isinstance(alice.trending_statuses(), list)
    assert isinstance(alice.trending_links(), list) and isinstance(alice.suggestions_v2(), list)
    posted = bob.status_post("not nice")
    report = alice.report(bob.me(), status_ids=[posted.id], comment="please look", category="spam")
    assert report.target_account.id == bob.me().id and report.comment == "please look"


def test_a_push_subscription_is_kept_per_token(alice):
    # The generator of P-256: a public key that every implementation accepts as a point.
    point = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    made = alice.push_subscription_set(
        "https://push.test/endpoint", {"pubkey": point, "auth": b"0123456789abcdef"}, mention_events=True, follow_events=False
    )
    assert made.endpoint == "https://push.test/endpoint" and made.alerts.mention is True
    assert alice.push_subscription().server_key == made.server_key
    assert alice.push_subscription_update(mention_events=False).alerts.mention is False
    alice.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        alice.push_subscription()


# -- streaming ------------------------------------------------------------------------------------


class Listener(StreamListener):
    """Hands events from the stream's thread to the test."""

    def __init__(self):
        self.events: list[tuple[str, object]] = []
        self.changed = threading.Condition()

    def _add(self, kind, value):
        with self.changed:
            self.events.append((kind, value))
            self.changed.notify_all()

    def on_update(self, status):
        self._add("update", status)

    def on_status_update(self, status):
        self._add("status.update", status)

    def on_delete(self, status_id):
        self._add("delete", status_id)

    def on_notification(self, notification):
        self._add("notification", notification)

    def on_conversation(self, conversation):
        self._add("conversation", conversation)

    def on_filters_changed(self):
        self._add("filters_changed", None)

    def wait(self, kind, check=lambda value: True, seconds=10):
        def found():
            return next((value for name, value in self.events if name == kind and check(value)), self)

        with self.changed:
            ok = self.changed.wait_for(lambda: found() is not self, seconds)
            assert ok, f"no {kind} within {seconds} s, only {[name for name, _ in self.events]}"
            return found()


def test_the_user_stream_brings_posts_edits_deletions_and_notifications(friends):
    alice, bob = friends
    listener = Listener()
    handle = alice.stream_user(listener, run_async=True)
    try:
        eventually(handle.is_receiving, "the stream is open")
        posted = bob.status_post(f"@{alice.me().username} live")
        assert str(listener.wait("update", lambda status: status.id == posted.id).id) == str(posted.id)
        listener.wait("notification", lambda one: one.type == "mention" and one.status.id == posted.id)
        bob.status_update(posted, f"@{alice.me().username} live and edited")
        listener.wait("status.update", lambda status: "edited" in status.content)
        bob.status_delete(posted)
        listener.wait("delete", lambda status_id: str(status_id) == str(posted.id))
        alice.create_filter_v2("any", ["home"], "warn")
        listener.wait("filters_changed")
    finally:
        handle.close()


def test_public_tag_list_and_direct_streams(friends):
    alice, bob = friends
    made = alice.list_create("streamed")
    alice.list_accounts_add(made, [bob.me().id])
    opened = {
        "public": lambda to: alice.stream_public(to, run_async=True),
        "local": lambda to: alice.stream_local(to, run_async=True),
        "tag": lambda to: alice.stream_hashtag("streaming", to, run_async=True),
        "list": lambda to: alice.stream_list(made.id, to, run_async=True),
        "direct": lambda to: alice.stream_direct(to, run_async=True),
        "notification": lambda to: alice.stream_user_notifications(to, run_async=True),
    }
    listeners = {name: Listener() for name in opened}
    handles = [start(listeners[name]) for name, start in opened.items()]
    try:
        for handle in handles:
            eventually(handle.is_receiving, "every stream is open")
        posted = bob.status_post("all about #streaming")
        for name in ("public", "local", "tag", "list"):
            listeners[name].wait("update", lambda status: status.id == posted.id)
        bob.status_post(f"@{alice.me().username} psst", visibility="direct")
        listeners["direct"].wait("conversation")
        bob.status_favourite(alice.status_post("like this"))
        listeners["notification"].wait("notification", lambda one: one.type == "favourite")
        assert not [kind for kind, _ in listeners["notification"].events if kind == "update"]
        assert "psst" not in str(listeners["public"].events)
    finally:
        for handle in handles:
            handle.close()


def test_the_websocket_of_the_library_multiplexes(alice):
    listener = Listener()
    with alice.stream_open_websocket(listener) as handle:
        alice.stream_user(listener, websocket_handle=handle)
        posted = alice.status_post("over one socket")
        # The subscription may settle after the first post: post until one arrives.
        for _ in range(5):
            try:
                listener.wait("update", seconds=2)
                break
            except AssertionError:
                posted = alice.status_post("over one socket, again")
        assert listener.wait("update").account.id == posted.account.id


# -- refusals -------------------------------------------------------------------------------------


def test_refusals_are_errors_the_library_knows(server, alice, bob):
    with pytest.raises(MastodonUnauthorizedError):
        Mastodon(access_token="not a token", api_base_url=server.base).me()
    with pytest.raises(MastodonAPIError):
        alice.status_post("x" * 501)
    with pytest.raises(MastodonAPIError):
        alice.status_post("")
    hidden = alice.status_post("mine alone", visibility="direct")
    for attempt in (bob.status, bob.status_favourite, bob.status_reblog, bob.status_context, bob.status_source):
        with pytest.raises(MastodonNotFoundError):
            attempt(hidden)
    posted = alice.status_post("not yours")
    with pytest.raises(MastodonAPIError):
        bob.status_delete(posted)
