"""Every page of the client and the public ones, read by axe: no serious finding, in both lights."""

import pytest
import requests
from conftest import OUTPUT
from test_web_day import api, friends

from harness.visitor import visitor

PAGES = [
    "/home",
    "/notifications",
    "/notifications/requests",
    "/conversations",
    "/public/local",
    "/search?q=river",
    "/bookmarks",
    "/lists",
    "/followed_tags",
    "/follow_requests",
    "/filters",
    "/filters/new",
    "/compose",
    "/menu",
    "/mutes",
    "/settings",
    "/settings/profile",
    "/settings/preferences",
    "/settings/account",
    "/settings/data",
    "/dashboard",
    "/dashboard/work",
    "/dashboard/reports",
    "/dashboard/domains",
    "/dashboard/about",
    "/dashboard/rules",
    "/dashboard/announcements",
    "/dashboard/emoji",
    "/scheduled",
    "/settings/push",
    "/privacy-policy",
]


@pytest.mark.parametrize(("window", "light"), [("desk", "light"), ("phone", "dark")])
def test_no_page_keeps_anybody_out(server, window, light):
    alice, bob, post = friends(server)
    owner = server.person("owner", role="owner")
    poll = {"options": ["Up", "Down"], "expires_in": 3600}
    api(bob, server, "POST", "/api/v1/statuses", json={"status": "Which way?", "poll": poll})
    api(bob, server, "POST", "/api/v1/statuses", json={"status": "the end", "spoiler_text": "A film"})
    bob_id = api(bob, server, "GET", "/api/v1/accounts/verify_credentials")["id"]
    api(owner, server, "POST", f"/api/v1/accounts/{bob_id}/follow")
    api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{owner.name} hello"})
    api(owner, server, "POST", f"/api/v1/statuses/{post['id']}/bookmark")
    api(alice, server, "POST", "/api/v1/reports", json={"account_id": bob_id, "comment": "too many herons"})
    of_bob = [f"/@{bob.name}", f"/@{bob.name}/{post['id']}", f"/posts/{post['id']}/people", f"/people/{bob_id}/report"]
    pages = [*PAGES, *of_bob]
    with visitor(server, OUTPUT / "screens" / "client" / f"axe-{window}-{server.engine}") as they:
        if window == "phone":
            they.on_a_phone()
        they.open("/home")
        they.sign_in(owner)
        they.in_the(light)
        for path in pages:
            they.open(path)
            name = f"{light}{path}".replace("/", "-").replace("?", "-")
            they.look(name)
            they.examine(name)
        they.driver.delete_all_cookies()
        for path in ["/", "/about", "/auth/sign_in", f"/@{bob.name}", f"/@{bob.name}/{post['id']}", "/tags/rivers"]:
            they.open(path)
            they.examine(f"public {path}")


def test_hostile_names_and_texts_run_nothing(server):
    """M01–M04: whatever others call themselves, nothing of it runs and no page breaks."""
    alice, bob, _ = friends(server)
    nasty = '"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>'
    api(bob, server, "PATCH", "/api/v1/accounts/update_credentials", json={"display_name": nasty[:30], "note": nasty})
    api(bob, server, "POST", "/api/v1/statuses", json={"status": f"@{alice.name} {nasty}", "spoiler_text": nasty})
    with visitor(server, OUTPUT / "screens" / "client" / f"hostile-{server.engine}") as she:
        she.open("/home")
        she.sign_in(alice)
        word = requests.utils.quote(nasty)
        for path in ["/home", "/notifications", f"/@{bob.name}", f"/search?q={word}", f"/compose?text={word}"]:
            she.open(path)
            she.look("hostile" + path.split("?")[0].replace("/", "-"))
            assert not she.driver.execute_script("return window.pwned"), path
