"""A day of a user in the client: with scripts and without, at a desk and on a phone; two browsers at once."""

import pytest
import requests
from conftest import OUTPUT

from harness.pictures import png
from harness.visitor import visitor
from harness.waiting import eventually

SCREENS = OUTPUT / "screens" / "client"


def api(person, server, method: str, path: str, **more) -> dict:
    answer = requests.request(
        method, server.base + path, headers={"Authorization": f"Bearer {person.token}"}, timeout=20, **more
    )
    assert answer.ok, answer.text
    return answer.json()


def account_id(person, server) -> str:
    return api(person, server, "GET", "/api/v1/accounts/verify_credentials")["id"]


def friends(server):
    """Two people who follow each other, and a post of the second."""
    alice, bob = server.person("alice"), server.person("bob")
    for one, other in ((alice, bob), (bob, alice)):
        api(one, server, "POST", f"/api/v1/accounts/{account_id(other, server)}/follow")
    post = api(bob, server, "POST", "/api/v1/statuses", json={"status": "The river is high this morning. #rivers"})
    home = lambda: api(alice, server, "GET", "/api/v1/timelines/home")  # noqa: E731
    eventually(lambda: post["id"] in [one["id"] for one in home()], "the post is at home")
    return alice, bob, post


@pytest.mark.parametrize("window", ["desk", "phone"])
def test_a_day_without_scripts(server, window):
    alice, bob, post = friends(server)
    with visitor(server, SCREENS / f"no-scripts-{window}-{server.engine}") as she:
        she.without_scripts()
        if window == "phone":
            she.on_a_phone()

        # Signing in leads back to where she wanted to go.
        she.open(f"/@{bob.name}/{post['id']}")
        she.see("The river is high")
        she.open("/home")
        assert she.where().startswith("/auth/sign_in?return_to=")
        she.sign_in(alice)
        assert she.where() == "/home"
        she.see("The river is high this morning")
        she.look("home")

        # Writing, with something wrong first.
        she.fill("#text", "x" * 501)
        she.press(".compose button[value=post]")
        she.see("limit of 500")
        assert she.find("#text").get_attribute("value") == "x" * 501
        she.look("compose-wrong")
        she.fill("#text", "Good morning from the ridge.")
        she.press(".compose button[value=post]")
        she.see("Good morning from the ridge.")
        assert she.where().startswith("/home#post-")

        # Buttons below a post lead back to it.
        article = f"#post-{post['id']}"
        for deed in ("favourite", "boost", "bookmark"):
            she.press(f"{article} button[value={deed}]")
            assert she.where() == f"/home{article}"
            she.find(f"{article} button[value=un{deed}]")
        mine = api(alice, server, "GET", f"/api/v1/statuses/{post['id']}")
        assert mine["favourited"] and mine["reblogged"] and mine["bookmarked"]
        she.open("/bookmarks")
        she.see("The river is high")

        # A thread, and an answer in it.
        she.open(f"/@{bob.name}/{post['id']}")
        assert she.find("#text").get_attribute("value") == f"@{bob.name} "
        she.fill("#text", f"@{bob.name} And the herons?")
        she.press(".compose button[value=post]")
        she.see("And the herons?")
        she.look("thread")

        # Changing and deleting what she wrote.
        reply = she.all(".replies .post")[0].get_attribute("id").removeprefix("post-")
        she.open(f"/posts/{reply}/edit")
        she.fill("#text", f"@{bob.name} And the eleven herons?")
        she.press(".compose button[value=post]")
        she.see("And the eleven herons?")
        she.open(f"/posts/{reply}/history")
        she.see("And the herons?")
        she.open(f"/posts/{reply}/delete")
        she.look("delete")
        she.press("main button[value=delete]")
        assert requests.get(f"{server.base}/api/v1/statuses/{reply}", timeout=5).status_code == 404

        # People: search, follow, mute.
        stranger = server.person("stranger")
        she.open("/search")
        she.fill("#q", stranger.name)
        she.find("#q").submit()
        she.see(f"@{stranger.name}@")
        she.look("search")
        she.open(f"/@{stranger.name}")
        she.press("button[value=follow]")
        she.see("Unfollow")
        she.look("profile")

        # Notifications of what others did.
        ridge = api(alice, server, "GET", "/api/v1/timelines/home")
        ridge = next(one for one in ridge if "ridge" in one["content"])
        api(bob, server, "POST", f"/api/v1/statuses/{ridge['id']}/favourite")
        eventually(lambda: api(alice, server, "GET", "/api/v1/notifications?types[]=favourite"), "she is told")
        she.open("/notifications")
        she.see("favourited your post")
        she.look("notifications")

        # A list, a hashtag, a filter, preferences.
        she.open("/lists")
        she.fill("#title", "Walkers")
        she.press("main form.plain-form button")
        she.see("Edit list")
        she.open("/tags/rivers")
        she.press(".head button[value=follow]")
        she.see("Unfollow")
        she.open("/filters/new")
        she.fill("#title", "Rivers")
        she.fill("#words", "river")
        she.press("button[value=save]")
        she.see("Warns")
        she.open("/home")
        she.see("Filtered: Rivers")
        she.open("/settings/preferences")
        she.press("main .plain-form > button")
        she.see("Saved.")
        she.look("preferences")
        she.open("/settings/profile")
        she.fill("#display_name", "Alice <of> the ridge")
        she.press("main .plain-form > button")
        she.see("Saved.")
        she.open(f"/@{alice.name}")
        she.see("Alice <of> the ridge")

        # A poll.
        poll = {"options": ["Up", "Down"], "expires_in": 3600}
        asked = api(bob, server, "POST", "/api/v1/statuses", json={"status": "Which way?", "poll": poll})
        she.open(f"/@{bob.name}/{asked['id']}")
        she.click("input[name=choice][value='1']")
        she.press("button[value=vote]")
        assert api(alice, server, "GET", f"/api/v1/polls/{asked['poll']['id']}")["own_votes"] == [1]
        she.see("100%")

        # The end of the day.
        she.open("/menu")
        she.look("menu")
        she.press("main form button")
        she.open("/home")
        assert she.where().startswith("/auth/sign_in")


@pytest.mark.parametrize("window", ["desk", "phone"])
def test_a_day_with_scripts(server, window, tmp_path):
    alice, bob, post = friends(server)
    with visitor(server, SCREENS / f"scripts-{window}-{server.engine}") as she:
        if window == "phone":
            she.on_a_phone()
        she.open("/home")
        she.sign_in(alice)
        she.see("The river is high this morning")
        page = she.find("html")

        # Buttons act in place.
        article = f"#post-{post['id']}"
        she.click(f"{article} button[value=favourite]")
        she.find(f"{article} button[value=unfavourite]")
        assert page.is_enabled(), "the page is the same"
        eventually(lambda: api(alice, server, "GET", f"/api/v1/statuses/{post['id']}")["favourited"], "it is favourited")

        # The count of characters, and a draft that survives a reload.
        she.fill("#text", "Half a thought https://example.test/a/long/address/that/counts/as/a/short/one")
        expected = 500 - len("Half a thought ") - 23
        eventually(lambda: she.find("[data-left]").text == str(expected), "characters are counted as the server does")
        she.driver.refresh()
        eventually(lambda: she.find("#text").get_attribute("value").startswith("Half a thought"), "the draft is back")
        she.look("draft")
        she.click(".draft-note button")

        # Completion of a mention, by the beginning of a name that nobody else here has.
        carol = server.person(f"carol{window}")
        she.find("#text").send_keys(f"Hello @carol{window[:-1]}")
        she.find(".suggestions [role=option]")
        she.look("suggestions")
        she.find("#text").send_keys("\ue007")
        eventually(lambda: f"@{carol.name} " in she.find("#text").get_attribute("value"), "the name is put in")

        # A picture with its words, posted without leaving the page.
        picture = tmp_path / "hills.png"
        picture.write_bytes(png(300, 200))
        she.driver.execute_script("document.querySelector('.extras').open = true")
        she.find("#media").send_keys(str(picture))
        she.find(".attached textarea").send_keys("Blue hills.")
        she.look("upload")
        page = she.find("html")
        she.click(".compose button[value=post]")
        eventually(lambda: any("Hello" in one.text for one in she.all(".feed .post")), "the post appears", 30)
        assert page.is_enabled() and she.where() == "/home"
        eventually(lambda: she.find("#text").get_attribute("value") == "", "the form is empty again")
        she.look("posted")
        mine = api(alice, server, "GET", "/api/v1/timelines/home")[0]
        assert mine["media_attachments"][0]["description"] == "Blue hills."

        # The picture large, and back.
        she.click(".media a")
        she.find("dialog.viewer[open]")
        she.look("viewer")
        she.find("dialog.viewer").send_keys("\ue00c")
        eventually(lambda: not she.all("dialog.viewer[open]"), "Escape closes it")

        # The keyboard.
        body = she.find("body")
        she.driver.execute_script("document.activeElement.blur()")
        body.send_keys("j")
        active = lambda: she.driver.switch_to.active_element.get_attribute("class") or ""  # noqa: E731
        eventually(lambda: "post" in active().split(), "j goes to a post")
        she.driver.switch_to.active_element.send_keys("?")
        she.find("#keyboard[open]")
        she.look("keyboard")
        she.find("#keyboard button").click()

        # Being offline is said, and nothing is lost.
        she.find("#text").send_keys("Written in a tunnel")
        she.offline(True)
        she.see("You are offline")
        she.click(".compose button[value=post]")
        she.see("Nothing was changed")
        assert she.find("#text").get_attribute("value") == "Written in a tunnel"
        she.offline(False)
        she.driver.get_log("browser")
        she.click(".compose button[value=post]")
        eventually(lambda: any("tunnel" in one.text for one in she.all(".feed .post")), "now it is posted", 30)


def test_what_one_posts_appears_at_the_other(server):
    alice, bob, _ = friends(server)
    screens = SCREENS / f"two-{server.engine}"
    with visitor(server, screens) as she, visitor(server, screens) as he:
        she.open("/home")
        she.sign_in(alice)
        eventually(lambda: she.find("html").get_attribute("data-live") == "on", "her page listens", 30)
        page = she.find("html")
        he.open("/home")
        he.sign_in(bob)
        he.fill("#text", "The first star is out.")
        he.click(".compose button[value=post]")
        eventually(lambda: any("first star" in one.text for one in she.all(".feed .post")), "it appears at hers", 30)
        assert page.is_enabled(), "without a reload"

        # What is deleted goes away there too, and a mention is counted.
        home = api(alice, server, "GET", "/api/v1/timelines/home")
        star = next(one for one in home if "first star" in one["content"])
        api(bob, server, "DELETE", f"/api/v1/statuses/{star['id']}")
        eventually(lambda: not any("first star" in one.text for one in she.all(".feed .post")), "it goes away", 30)
        api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{alice.name} do you see it?"})
        eventually(lambda: she.find("[data-unread]").is_displayed(), "a notification is counted", 30)
        she.look("live")

