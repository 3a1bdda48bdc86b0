"""What those who look after a server write on its pages, and where everybody sees it."""

import pytest
import requests
from conftest import OUTPUT
from test_web_day import api
from test_web_forms import key, signed_in

from harness.pictures import png
from harness.visitor import visitor
from harness.waiting import eventually

SCREENS = OUTPUT / "screens" / "house"
EDITORS = ("about", "rules", "announcements", "emoji")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_owner_writes_what_everybody_sees(fresh_server, scripts, tmp_path):
    server = fresh_server.start()
    owner, reader = server.person("owner", role="owner"), server.person("reader")
    picture = tmp_path / "hill.png"
    picture.write_bytes(png(900, 300))
    face = tmp_path / "face.png"
    face.write_bytes(png(64, 64))
    with visitor(server, SCREENS / f"{'scripts' if scripts else 'plain'}-{server.engine}") as she:
        if not scripts:
            she.without_scripts()
        she.open("/dashboard/about")
        she.sign_in(owner)

        # What the server says of itself, with something wrong first: it is said and what was typed stays.
        she.fill("#title", "The Ridge")
        she.fill("#contact", "nobodyatall")
        she.fill("#extended", "Run by two people.\n\nSee https://ridge.example/more")
        she.press("main .plain-form > button")
        she.see("Nobody here has that name")
        assert she.find("#title").get_attribute("value") == "The Ridge"
        assert she.find("#contact").get_attribute("aria-invalid") == "true"
        she.look("about-wrong")
        she.fill("#contact", owner.name)
        she.fill("#contact_email", "help@ridge.example")
        she.fill("#description", "A place for walkers.")
        she.fill("#terms", "Walk softly.")
        she.find("#banner").send_keys(str(picture))
        if scripts:
            she.find("dialog.crop[open]")
            she.look("crop")
            she.click("dialog.crop .primary")
            eventually(lambda: not she.all("dialog.crop"), "the part is taken")
        she.press("main .plain-form > button")
        she.see("Saved.")
        she.look("about")
        instance = requests.get(f"{server.base}/api/v2/instance", timeout=10).json()
        assert (instance["title"], instance["description"]) == ("The Ridge", "A place for walkers.")
        assert instance["contact"]["email"] == "help@ridge.example"
        assert requests.get(instance["thumbnail"]["url"], timeout=10).status_code == 200
        terms = requests.get(f"{server.base}/api/v1/instance/terms_of_service", timeout=10).json()
        assert "Walk softly." in terms["content"]
        by_date = f"{server.base}/api/v1/instance/terms_of_service/{terms['effective_date']}"
        assert requests.get(by_date, timeout=10).json() == terms
        more = requests.get(f"{server.base}/api/v1/instance/extended_description", timeout=10).json()
        assert "Run by two people." in more["content"]

        # Rules: two are added and change places, one is written anew, one goes.
        she.open("/dashboard/rules")
        she.press("button[value=add]")
        she.see("Write the rule first")
        for rule in ("Close the gates.", "Say hello.", "No drones."):
            she.fill("#text", rule)
            she.press("button[value=add]")
            she.see(rule)
        she.press(".rule:nth-of-type(2) button[value=up]")
        she.press(".rule:nth-of-type(3) button[value=remove]")
        if scripts:
            she.driver.execute_script("document.querySelector('.rule details').open = true")
        else:
            she.click(".rule:nth-of-type(1) summary")
        she.fill(".rule:nth-of-type(1) textarea", "It costs nothing.")
        she.press(".rule:nth-of-type(1) button[value=write]")
        she.look("rules")
        rules = requests.get(f"{server.base}/api/v1/instance/rules", timeout=10).json()
        assert [rule["text"] for rule in rules] == ["Say hello.", "Close the gates."]
        assert [rule["hint"] for rule in rules] == ["It costs nothing.", ""]

        # An emoji: a bad name is refused beside its field, then it is there, hidden, gone.
        she.open("/dashboard/emoji")
        she.fill("#code", "no good")
        she.find("#file").send_keys(str(face))
        she.press("button[value=add]")
        she.see("Shortcode must be")
        assert she.find("#code").get_attribute("value") == "no good"
        she.fill("#code", ":ridge_face:")
        she.fill("#category", "Faces")
        she.find("#file").send_keys(str(face))
        she.press("button[value=add]")
        she.see(":ridge_face:")
        she.look("emoji")
        emoji = lambda: requests.get(f"{server.base}/api/v1/custom_emojis", timeout=10).json()  # noqa: E731
        assert [(one["shortcode"], one["category"], one["visible_in_picker"]) for one in emoji()] == [
            ("ridge_face", "Faces", True)
        ]
        she.click(".emoji-line summary")
        she.click(".emoji-line [name=visible]")
        she.press(".emoji-line button[value=change]")
        she.see("not in the picker")
        assert not emoji()[0]["visible_in_picker"]

        # An announcement that waits, and one that is shown until it is read.
        she.open("/dashboard/announcements")
        she.fill("#text", "The hut opens :ridge_face:")
        she.driver.execute_script("document.querySelector('#publish_at').value = '2027-06-01T10:30'")
        she.press("main .plain-form > button")
        she.see("Scheduled")
        announced = lambda: api(reader, server, "GET", "/api/v1/announcements")  # noqa: E731
        assert announced() == []
        she.fill("#text", "The path is closed.")
        she.press("main .plain-form > button")
        she.see("Shown")
        she.look("announcements")
        assert [one["content"] for one in announced()] == ["<p>The path is closed.</p>"]
        she.open("/home")
        she.see("The path is closed.")
        she.press(".notice-card button")
        assert not she.all(".notice-card")
        she.open("/dashboard/announcements")
        shown = next(one for one in she.all("article.line") if "path is closed" in one.text)
        page = she.find("html")
        shown.find_element("css selector", "button[value=end]").click()
        eventually(lambda: announced() == [], "it is not shown any more")
        assert page
        she.see("Over")

        # Where everybody sees it.
        she.open("/about")
        for words in ("About The Ridge", "Say hello.", "Run by two people.", "help@ridge.example", "Terms of service"):
            she.see(words)
        she.look("public-about")
        she.open("/terms-of-service")
        she.see("Walk softly.")
        she.open("/privacy-policy")
        she.see("Nothing is sold")
        she.open(f"/people/{api(reader, server, 'GET', '/api/v1/accounts/verify_credentials')['id']}/report")
        she.see("Say hello.")

        # An emoji goes.
        she.open("/dashboard/emoji")
        she.click(".emoji-line summary")
        she.press(".emoji-line button[value=remove]")
        she.see("There are none yet.")
        assert emoji() == []


def test_the_editors_are_for_those_who_look_after_the_server(server):
    for role in ("moderator", None):
        person = server.person("curious", role=role)
        browser = signed_in(server, person)
        token = key(browser.get(f"{server.base}/home", timeout=10).text)
        for name in EDITORS:
            answer = browser.get(f"{server.base}/dashboard/{name}", timeout=10)
            assert answer.status_code == 403, f"{name} for {role}"
            fields = {"csrf_token": token, "do": "add", "text": "Mine now", "title": "Mine", "code": "mine"}
            answer = browser.post(f"{server.base}/dashboard/{name}", data=fields, timeout=10)
            assert answer.status_code == 403, f"{name} for {role}"
        assert requests.get(f"{server.base}/api/v1/instance/rules", timeout=10).json() == []


def test_the_editors_are_accessible(server):
    owner = server.person("warden", role="admin")
    with visitor(server, SCREENS / f"axe-{server.engine}") as she:
        she.open("/dashboard/about")
        she.sign_in(owner)
        for name in EDITORS:
            she.open(f"/dashboard/{name}")
            she.examine(name)
        she.on_a_phone()
        for name in EDITORS:
            she.open(f"/dashboard/{name}")
            she.look(f"phone-{name}")
