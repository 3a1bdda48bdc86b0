"""toot, the command-line client, as two people use it on a running server, on both engines.

One story a test; the two people stay signed in through the module, as toot keeps them.
"""

import pytest

from harness.pictures import png
from harness.sign_in import PersonAtBrowser
from harness.toot import Toot
from harness.waiting import eventually


@pytest.fixture(scope="module")
def people(server, tmp_path_factory):
    """Two people who signed in with toot through the real authorize page."""
    signed_in = []
    for name in ("tess", "uwe"):
        person = server.person(name, token=False)
        toot = Toot(tmp_path_factory.mktemp(name))
        shown = toot.log_in(server.base, PersonAtBrowser(person).authorize)
        assert "Successfully logged in" in shown
        toot.name = person.name
        signed_in.append(toot)
    return signed_in


@pytest.fixture
def tess(people):
    return people[0]


@pytest.fixture
def uwe(people):
    return people[1]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(png(300, 200))
    return str(path)


def test_who_and_where(tess, uwe, server):
    assert tess.name in tess("whoami")
    assert uwe.json("whois", uwe.name)["username"] == uwe.name
    assert uwe.name in tess("whois", f"{uwe.name}@{server.domain}")
    assert server.domain in tess("instance")
    assert f"{tess.name}@{server.domain}" in tess("auth")


def test_post_show_and_delete(tess):
    posted = tess.json("post", "Hello from toot", "--visibility", "unlisted", "--language", "en")
    assert posted["visibility"] == "unlisted" and posted["language"] == "en"
    assert posted["application"]["name"].startswith("toot")
    assert "Hello from toot" in tess("status", posted["id"])
    assert tess.json("status", posted["id"])["id"] == posted["id"]
    assert "deleted" in tess("delete", posted["id"])
    assert "not found" in tess.fails("status", posted["id"]).lower()


def test_post_with_pictures_and_a_warning(tess, picture):
    posted = tess.json(
        "post", "Look at this", "--media", picture, "--description", "a blue gradient", "--media", picture,
        "--description", "the same again", "--sensitive", "--spoiler-text", "colours",
    )  # fmt: skip
    assert [medium["description"] for medium in posted["media_attachments"]] == ["a blue gradient", "the same again"]
    assert posted["sensitive"] and posted["spoiler_text"] == "colours"
    shown = tess("status", posted["id"])
    assert "Look at this" in shown and "/media/" in shown


def test_upload_alone(tess, picture):
    assert tess.json("upload", picture, "--description", "alone")["description"] == "alone"


def test_a_poll_and_a_vote(tess, uwe):
    posted = tess.json(
        "post", "Which one?", "--poll-option", "this", "--poll-option", "that", "--poll-expires-in", "1h"
    )
    poll = posted["poll"]
    assert "this" in uwe("polls", "show", poll["id"])
    assert "You voted" in uwe("polls", "vote", poll["id"], "1")
    assert [option["votes_count"] for option in tess.json("polls", "show", poll["id"])["options"]] == [0, 1]
    uwe.fails("polls", "vote", poll["id"], "0")


def test_a_scheduled_post(tess):
    scheduled = tess.json("post", "later", "--scheduled-in", "1h")
    assert scheduled["params"]["text"] == "later" and scheduled["scheduled_at"]


def test_reply_and_thread(tess, uwe):
    root = tess.json("post", "a question")
    answer = uwe.json("post", f"@{tess.name} an answer", "--reply-to", root["id"])
    assert answer["in_reply_to_id"] == root["id"]
    thread = tess("thread", root["id"])
    assert "a question" in thread and "an answer" in thread


def test_follow_and_read_each_other(tess, uwe, server):
    assert "following" in tess("follow", uwe.name)
    assert uwe.name in tess("following") and tess.name in uwe("followers")
    posted = uwe.json("post", "news from uwe #toottag")
    eventually(lambda: "news from uwe" in tess("timelines", "home", "--no-pager", "--no-clear"), "uwe's post at home")
    assert posted["id"] in {status["id"] for status in tess.json("timelines", "public", "--local")}
    assert posted["id"] in {status["id"] for status in tess.json("timelines", "tag", "toottag")}
    assert posted["id"] in {status["id"] for status in tess.json("timelines", "account", uwe.name)}
    anonymous = tess("timelines", "public", "--instance", server.base, "--no-pager", "--no-clear")
    assert "news from uwe" in anonymous
    assert "no longer following" in tess("unfollow", uwe.name)
    assert uwe.name not in tess("following")


def test_reactions(tess, uwe):
    posted = tess.json("post", "do react")
    identity = posted["id"]
    for command in ("favourite", "reblog", "bookmark"):
        uwe(command, identity)
    assert uwe.name in tess("reblogged-by", identity)
    assert "do react" in uwe("bookmarks", "--once")
    tess("pin", identity)
    seen = tess.json("status", identity)
    assert (seen["favourites_count"], seen["reblogs_count"], seen["pinned"]) == (1, 1, True)
    tess("unpin", identity)
    for command in ("unfavourite", "unreblog", "unbookmark"):
        uwe(command, identity)
    seen = tess.json("status", identity)
    assert (seen["favourites_count"], seen["reblogs_count"]) == (0, 0)


def test_notifications(tess, uwe):
    tess("notifications", "--clear")
    posted = tess.json("post", "tell me")
    uwe("favourite", posted["id"])
    uwe("post", f"@{tess.name} hello there")
    eventually(
        lambda: {"favourite", "mention"} <= {one["type"] for one in tess.json("notifications")}, "both notifications"
    )
    shown = tess("notifications")
    assert uwe.name in shown and "hello there" in shown
    assert {one["type"] for one in tess.json("notifications", "--type", "mention")} == {"mention"}
    tess("notifications", "--clear")
    assert tess.json("notifications") == []


def test_a_locked_account(tess, uwe):
    uwe("update-account", "--locked")
    tess("follow", uwe.name)
    assert tess.name in uwe("follow-requests", "list")
    uwe("follow-requests", "accept", tess.name)
    assert tess.name in uwe("followers")
    tess("unfollow", uwe.name)
    tess("follow", uwe.name)
    uwe("follow-requests", "reject", tess.name)
    assert tess.name not in uwe("followers")
    uwe("update-account", "--no-locked")


def test_the_profile(tess, picture):
    tess(
        "update-account", "--display-name", "Tess of the Tests", "--note", "Writes tests.", "--avatar", picture,
        "--header", picture, "--discoverable", "--privacy", "unlisted", "--language", "de",
    )  # fmt: skip
    me = tess.json("whoami")
    assert me["display_name"] == "Tess of the Tests" and me["source"]["privacy"] == "unlisted"
    assert "Writes tests." in tess("whoami")
    tess("update-account", "--privacy", "public")


def test_mute_and_block(tess, uwe):
    tess("mute", uwe.name)
    assert uwe.name in tess("muted")
    tess("unmute", uwe.name)
    tess("block", uwe.name)
    assert uwe.name in tess("blocked")
    tess("unblock", uwe.name)
    assert "No accounts blocked" in tess("blocked")


def test_lists(tess, uwe):
    tess("follow", uwe.name)
    made = tess.json("lists", "create", "colleagues")
    tess("lists", "add", "colleagues", uwe.name)
    assert uwe.name in tess("lists", "accounts", "colleagues")
    posted = uwe.json("post", "for colleagues")
    eventually(
        lambda: posted["id"] in {status["id"] for status in tess.json("timelines", "list", "colleagues")},
        "the post reaches the list",
    )
    tess("lists", "remove", "colleagues", uwe.name)
    assert "colleagues" in tess("lists", "list")
    tess("lists", "delete", "--id", made["id"])
    assert "no lists" in tess("lists", "list")
    tess("unfollow", uwe.name)


def test_tags(tess):
    tess("tags", "follow", "herbs")
    assert "herbs" in tess("tags", "followed")
    assert tess.json("tags", "info", "herbs")["name"] == "herbs"
    tess("tags", "unfollow", "herbs")
    assert "herbs" not in tess("tags", "followed")


def test_search(tess, uwe):
    posted = uwe.json("post", "unmistakable pangolin #pangolin")
    assert uwe.name in tess("search", uwe.name)
    eventually(
        lambda: posted["id"] in {status["id"] for status in uwe.json("search", "pangolin")["statuses"]},
        "own posts are found",
    )
    assert "pangolin" in tess("search", "pangolin", "--type", "hashtags")


def test_the_account_timeline_pages_through_everything(tess):
    for number in range(5):
        tess("post", f"paged {number}")
    shown = tess("timelines", "account", tess.name, "--limit", "2", "--no-pager", "--no-clear")
    assert "paged 4" in shown


def test_sign_out(server, tmp_path):
    person = server.person("leaver", token=False)
    toot = Toot(tmp_path)
    toot.log_in(server.base, PersonAtBrowser(person).authorize)
    toot("logout", f"{person.name}@{server.domain}")
    assert "not logged in" in toot("auth")
