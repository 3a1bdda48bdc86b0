"""A person in Chromium: set-up, sign-in, consent, public pages. Screenshots are kept for a look."""

import re
import urllib.parse

import pytest
import requests
from conftest import OUTPUT
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from harness.chromium import browser
from harness.sign_in import PersonAtBrowser
from harness.waiting import eventually

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
NAME, EMAIL, PASSWORD = "olga", "olga@example.test", "a long and quiet password"


@pytest.fixture
def walker(fresh_server):
    with browser() as opened:
        yield Walker(opened, fresh_server)


class Walker:
    """Walks pages, looks at each for what every page owes its reader, and keeps its picture."""

    def __init__(self, driver, server):
        self.driver, self.server = driver, server
        self.screens = OUTPUT / "screens" / server.engine
        self.screens.mkdir(parents=True, exist_ok=True)

    def open(self, address: str, name: str) -> None:
        self.driver.get(address)
        self.look(name)

    def look(self, name: str) -> None:
        self.driver.save_screenshot(str(self.screens / f"{name}.png"))
        self._no_complaints(name)
        self._accessible(name)

    def look_on_a_phone(self, name: str) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        )
        self.driver.refresh()
        self.driver.save_screenshot(str(self.screens / f"{name}-phone.png"))
        wide = self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth + 1")
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert not wide, f"{name} scrolls sideways on a phone"

    def _no_complaints(self, name: str) -> None:
        # Blocked by the page's own policy, missing files, script errors: all end up in the console.
        complaints = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        assert not complaints, f"{name}: {complaints}"

    def _accessible(self, name: str) -> None:
        problems = self.driver.execute_script(
            """
            const problems = [];
            if (!document.documentElement.lang) problems.push('no language');
            if (!document.title.trim()) problems.push('no title');
            if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1');
            if (!document.querySelector('main')) problems.push('no main landmark');
            if (!document.querySelector('meta[name=viewport]')) problems.push('no viewport');
            for (const field of document.querySelectorAll('input:not([type=hidden]):not([type=submit]), textarea, select'))
              if (field.checkVisibility() && !field.labels?.length && !field.getAttribute('aria-label'))
                problems.push('no label: ' + field.name);
            for (const image of document.images)
              if (!image.hasAttribute('alt')) problems.push('no alt: ' + image.src);
            for (const item of document.querySelectorAll('script:not([src]), [style], [onclick]'))
              problems.push('inline script or style: ' + item.outerHTML.slice(0, 80));
            for (const item of performance.getEntriesByType('resource'))
              if (new URL(item.name).host !== location.host) problems.push('third party: ' + item.name);
            return problems;
            """
        )
        assert not problems, f"{name}: {problems}"

    # -- forms --------------------------------------------------------------------------------

    def fields(self, *kinds: str):
        return [
            field
            for field in self.driver.find_elements(By.CSS_SELECTOR, "main form input, main form textarea")
            if (field.get_attribute("type") or "text") in kinds and field.is_displayed()
        ]

    def fill_in_account(self) -> None:
        """Types into whatever fields the page has, by what they are for."""
        for field in self.fields("text", "email"):
            purpose = f"{field.get_attribute('name')} {field.get_attribute('autocomplete')}".lower()
            named = "mail" not in purpose and ("user" in purpose or "name" in purpose)
            field.clear()
            field.send_keys(NAME if named and field.get_attribute("type") == "text" else EMAIL)
        for field in self.fields("password"):
            field.send_keys(PASSWORD)
        for field in self.fields("checkbox"):
            if field.get_attribute("required") and not field.is_selected():
                field.click()

    def submit(self, but_not: str = "deny|cancel|refuse|reject|decline|sign out|log out") -> None:
        buttons = self.driver.find_elements(By.CSS_SELECTOR, "main form button:not([type=button]), main form input[type=submit]")
        button = next(
            one
            for one in buttons
            if not re.search(but_not, f"{one.text} {one.get_attribute('value')}", re.IGNORECASE)
        )
        before = self.driver.find_element(By.TAG_NAME, "html")
        button.click()
        WebDriverWait(self.driver, 20).until(lambda _: _is_gone(before))

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text


def _is_gone(element) -> bool:
    try:
        element.is_enabled()
        return False
    except WebDriverException:
        return True


def setup_link(server) -> str:
    """The link that `serve` prints while there is no owner."""

    def printed():
        log = (server.folder / "stdout.log").read_text() + (server.folder / "stderr.log").read_text()
        links = re.findall(rf"{re.escape(server.base)}/[^\s\"'<>]+", log)
        return next((link.rstrip(".,)") for link in links if len(link) > len(server.base) + 12), None)

    return eventually(printed, f"serve prints a set-up link\n{server.log()}")


def register_app(server) -> dict:
    body = {"client_name": "Walking app", "redirect_uris": OUT_OF_BAND, "scopes": "read write", "website": "https://app.test"}
    return requests.post(f"{server.base}/api/v1/apps", json=body, timeout=5).json()


def test_from_the_first_start_to_the_public_pages(walker):
    server, driver = walker.server, walker.driver
    server.start()

    # Set-up: the link makes the owner, once.
    link = setup_link(server)
    walker.open(link, "1-set-up")
    walker.look_on_a_phone("1-set-up")
    walker.fill_in_account()
    walker.submit()
    walker.look("2-after-set-up")
    assert NAME in server.run("account", "list").stdout
    assert "owner" in server.run("account", "show", NAME).stdout.lower()
    assert requests.get(link, timeout=5, allow_redirects=False).status_code != 200, "the link works once"

    # An app asks for access: sign in, see what it wants, consent.
    driver.delete_all_cookies()
    app = register_app(server)
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": "read write"}
    walker.open(f"{server.base}/oauth/authorize?{urllib.parse.urlencode(query)}", "3-sign-in")
    walker.look_on_a_phone("3-sign-in")
    assert walker.fields("password"), "the sign-in form asks for a password"
    walker.fill_in_account()
    walker.submit()
    walker.look("4-consent")
    assert "Walking app" in walker.text()
    walker.look_on_a_phone("4-consent")
    walker.submit()
    walker.look("5-code")
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(driver.current_url).query)["code"][0]
    token = requests.post(
        f"{server.base}/oauth/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": OUT_OF_BAND}
        | {key: app[key] for key in ("client_id", "client_secret")},
        timeout=10,
    ).json()["access_token"]
    cookies = driver.get_cookies()
    assert cookies and all(cookie["httpOnly"] for cookie in cookies)

    # Public pages, read by a stranger.
    driver.delete_all_cookies()
    headers = {"Authorization": f"Bearer {token}"}

    def post(text, **more):
        body = {"status": text} | more
        return requests.post(f"{server.base}/api/v1/statuses", json=body, headers=headers, timeout=10).json()

    requests.patch(
        f"{server.base}/api/v1/accounts/update_credentials",
        json={"display_name": "Olga <b>Walks</b>", "note": "I walk. #walking"},
        headers=headers,
        timeout=10,
    )
    shown = post("Seen from the hill: https://example.test/view #walking & <script>alert(1)</script>")
    warned = post("the ending", spoiler_text="About a film")
    hidden = post("only for followers", visibility="private")
    walker.open(f"{server.base}/@{NAME}", "6-profile")
    walker.look_on_a_phone("6-profile")
    assert "Olga <b>Walks</b>" in driver.title and "Olga <b>Walks</b>" in walker.text()
    assert "Seen from the hill" in walker.text() and "About a film" in walker.text()
    assert "only for followers" not in driver.page_source
    walker.open(shown["url"], "7-status")
    walker.look_on_a_phone("7-status")
    assert "Seen from the hill" in walker.text() and "<script>alert(1)</script>" in walker.text()
    walker.open(warned["url"], "8-status-with-warning")

    def meta(address):
        page = requests.get(address, headers={"Accept": "text/html"}, timeout=5)
        return page, dict(re.findall(r'<meta property="(og:[a-z_]+)" content="([^"]*)"', page.text))

    page, tags = meta(shown["url"])
    assert {"og:title", "og:description", "og:url"} <= set(tags) and "Seen from the hill" in tags["og:description"]
    assert "default-src" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    _, tags = meta(warned["url"])
    assert "the ending" not in " ".join(tags.values()), "a preview shows the warning, not what it hides"
    private = requests.get(f"{server.base}/@{NAME}/{hidden['id']}", headers={"Accept": "text/html"}, timeout=5)
    missing = requests.get(f"{server.base}/@{NAME}/{int(hidden['id']) + 1}", headers={"Accept": "text/html"}, timeout=5)
    assert private.status_code == missing.status_code == 404
    assert "followers" not in private.text
    server.stop()


def test_a_forgotten_password_is_reset_by_mail(walker):
    server, driver = walker.server, walker.driver
    person = server.person("forgetful", token=False)
    server.start()
    app = register_app(server)
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": "read"}
    walker.open(f"{server.base}/oauth/authorize?{urllib.parse.urlencode(query)}", "reset-1-sign-in")
    link = next(
        one for one in driver.find_elements(By.CSS_SELECTOR, "a[href]")
        if re.search("forg|reset|lost", f"{one.text} {one.get_attribute('href')}", re.IGNORECASE)
    )  # fmt: skip
    walker.open(link.get_attribute("href"), "reset-2-ask")
    for field in walker.fields("text", "email"):
        field.send_keys(person.email)
    walker.submit()
    walker.look("reset-3-asked")

    def mailed():
        mails = sorted((server.data / "mail").glob("*"), key=lambda path: path.stat().st_mtime)
        text = mails[-1].read_text().replace("=\n", "").replace("=3D", "=") if mails else ""
        found = re.search(rf"{re.escape(server.base)}/\S+", text)
        return found and found.group(0).rstrip(".>")

    address = eventually(mailed, "a mail with a link")
    walker.open(address, "reset-4-new-password")
    for field in walker.fields("password"):
        field.send_keys("another long password")
    walker.submit()
    walker.look("reset-5-done")
    again = requests.get(address, timeout=5)
    assert again.status_code >= 400, "a12: the link works once"

    person.password = "another long password"
    code = PersonAtBrowser(person).authorize(f"{server.base}/oauth/authorize?{urllib.parse.urlencode(query)}")
    assert code
    server.stop()
