"""Writing with comfort: posts that wait, files in order, the point that stays in view, with scripts and without."""

import re

import pytest
from conftest import OUTPUT
from test_web_day import api
from test_web_forms import key, send, signed_in

from harness.pictures import png
from harness.visitor import visitor
from harness.waiting import eventually

SCREENS = OUTPUT / "screens" / "compose"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_post_waits_for_its_time(server, scripts):
    person = server.person("planner")
    waiting = lambda: api(person, server, "GET", "/api/v1/scheduled_statuses")  # noqa: E731
    with visitor(server, SCREENS / f"later-{'scripts' if scripts else 'plain'}-{server.engine}") as she:
        zone = "Asia/Kolkata"
        she.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
        if not scripts:
            she.without_scripts()
        she.open("/compose")
        she.sign_in(person)

        def send_at(time: str, press: str):
            she.driver.execute_script("document.querySelector('.extras').open = true")
            she.driver.execute_script(f"document.querySelector('#at').value = '{time}'")
            (she.click if scripts else she.press)(press)

        # A time that is past is refused beside its field, and the text stays.
        she.fill("#text", "Good morning, winter.")
        send_at("2020-01-01T06:00", ".compose button[value=post]")
        she.see("Choose a time at least five minutes ahead")
        assert she.find("#text").get_attribute("value") == "Good morning, winter."
        assert she.find("#at").get_attribute("value") == "2020-01-01T06:00"
        she.look("past")

        # Who has scripts types their own time, who has none UTC.
        send_at("2027-01-01T06:00", ".compose button[value=post]")
        eventually(lambda: she.where().startswith("/scheduled"), "it is shown where it waits", 30)
        she.see("Good morning, winter.")
        kept = "2027-01-01T00:30:00.000Z" if scripts else "2027-01-01T06:00:00.000Z"
        assert [one["scheduled_at"] for one in waiting()] == [kept]
        she.look("waits")

        # Other words and another time, then given up.
        she.press(".scheduled a.button")
        assert she.find("#at").get_attribute("value") == "2027-01-01T06:00"
        she.fill("#text", "Good evening, winter.")
        send_at("2027-02-01T06:00", ".compose button[value=post]")
        she.see("It will be posted at its time.")
        assert [one["params"]["text"] for one in waiting()] == ["Good evening, winter."]
        assert waiting()[0]["scheduled_at"].startswith("2027-02-01")
        she.press(".scheduled button[value=drop]")
        she.see("Nothing is scheduled.")
        assert waiting() == []


def test_the_same_form_twice_waits_once(server):
    person = server.person("hasty")
    browser = signed_in(server, person)
    form = browser.get(f"{server.base}/compose", timeout=10).text
    once = re.search(r'name="key" value="([^"]+)"', form)[1]
    for _ in range(3):
        answer = send(browser, server, ("csrf_token", key(form)), ("key", once), ("text", "later"),
                      ("visibility", "public"), ("at", "2027-03-01T10:00"), ("do", "post"))  # fmt: skip
        assert answer.headers["Location"].startswith("/scheduled")
    assert len(api(person, server, "GET", "/api/v1/scheduled_statuses")) == 1


def test_files_are_ordered_and_pointed_at_without_a_script(server):
    person = server.person("curator")
    browser = signed_in(server, person)
    token = key(browser.get(f"{server.base}/compose", timeout=10).text)
    answer = send(browser, server, ("csrf_token", token), ("text", "two"), ("do", "attach"),
                  ("media", ("a.png", png(300, 200), "image/png")), ("media", ("b.png", png(200, 300), "image/png")))  # fmt: skip
    first, second = re.findall(r'name="media_id" value="(\d+)"', answer.text)
    answer = send(browser, server, ("csrf_token", token), ("text", "two"), ("visibility", "public"), ("do", "post"),
                  ("media_id", first), ("media_id", second), (f"place_{second}", "1"), (f"focus_{second}", "-0.7,0.7"),
                  (f"focus_{first}", "nowhere"))  # fmt: skip
    post = answer.headers["Location"].split("#post-")[1]
    media = lambda: api(person, server, "GET", f"/api/v1/statuses/{post}")["media_attachments"]  # noqa: E731
    assert [one["id"] for one in media()] == [second, first]
    assert media()[0]["meta"]["focus"] == {"x": -0.7, "y": 0.7}

    assert 'class="fx0 fy0"' in browser.get(f"{server.base}/@{person.name}/{post}", timeout=10).text, "it is cut there"

    # While a post is changed, files come, change places and go.
    page = browser.get(f"{server.base}/posts/{post}/edit", timeout=10).text
    assert re.search(r'<option value="-0.7,0.7" selected>', page)
    parts = [("csrf_token", key(page)), ("text", "three"), ("media_id", second), ("media_id", first),
             ("media", ("c.png", png(90, 90), "image/png"))]  # fmt: skip
    files = [(name, value if isinstance(value, tuple) else (None, value)) for name, value in [*parts, ("do", "attach")]]
    page = browser.post(f"{server.base}/posts/{post}/edit", files=files, timeout=60).text
    third = re.findall(r'name="media_id" value="(\d+)"', page)[2]
    assert len(media()) == 2, "nothing is saved yet"
    kept = [("csrf_token", key(page)), ("text", "three"), ("media_id", second), ("media_id", first), ("media_id", third),
            (f"place_{third}", "1"), (f"drop_{first}", "1"), (f"description_{third}", "A field."), ("do", "post")]  # fmt: skip
    files = [(name, (None, value)) for name, value in kept]
    answer = browser.post(f"{server.base}/posts/{post}/edit", files=files, timeout=60, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    assert [(one["id"], one["description"]) for one in media()] == [(third, "A field."), (second, None)]


def test_files_are_ordered_and_pointed_at_with_scripts(server, tmp_path):
    person = server.person("hanger")
    wide = tmp_path / "wide.png"
    wide.write_bytes(png(600, 200))
    tall = tmp_path / "tall.png"
    tall.write_bytes(png(200, 600))
    with visitor(server, SCREENS / f"files-{server.engine}") as she:
        she.open("/compose")
        she.sign_in(person)
        she.driver.execute_script("document.querySelector('.extras').open = true")
        for count, file in enumerate((wide, tall), 1):
            she.find("#media").send_keys(str(file))
            eventually(lambda count=count: len(she.all("[data-dressed]")) == count, "the file is there", 30)
        she.driver.execute_script("""
            const [, second] = document.querySelectorAll('[data-attachment]');
            [...second.querySelectorAll('button')].find((one) => one.textContent === 'Earlier').click();
            [...second.querySelectorAll('button')].find((one) => one.textContent === 'Choose a point').click();
        """)
        she.find("dialog.point[open]")
        she.look("point")
        she.driver.switch_to.active_element.send_keys("\ue013" * 4)  # arrow up
        she.click("dialog.point .primary")
        she.fill("#text", "Two views.")
        she.click(".compose button[value=post]")
        posts = lambda: api(person, server, "GET", "/api/v1/timelines/home")  # noqa: E731
        eventually(posts, "it is posted", 30)
        media = posts()[0]["media_attachments"]
        assert [one["meta"]["original"]["width"] for one in media] == [200, 600]
        assert media[0]["meta"]["focus"] == {"x": 0.0, "y": 0.2}
