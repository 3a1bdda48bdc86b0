"""Somebody who uses the client in Chromium: looks at pages as people with and without scripts do."""

import os
from contextlib import contextmanager
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from harness.chromium import browser
from harness.waiting import eventually

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
PATIENCE = 30


class Visitor:
    """A browser window and its person."""

    def __init__(self, driver, server, screens: Path):
        self.driver, self.server, self.screens = driver, server, screens
        screens.mkdir(parents=True, exist_ok=True)

    # -- the window ---------------------------------------------------------------------------

    def on_a_phone(self) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)

    def on_a_desk(self) -> None:
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def in_the(self, light: str) -> None:
        """`dark` or `light`."""
        features = [{"name": "prefers-color-scheme", "value": light}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def without_scripts(self) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def offline(self, away: bool) -> None:
        conditions = {"offline": away, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    # -- pages --------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.driver.get(self.server.base + path)

    def sign_in(self, person) -> None:
        self.find("[name=login]").send_keys(person.email)
        self.find("[name=password]").send_keys(person.password)
        self.press("main form button[type=submit]")

    def find(self, selector: str):
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector), f"there is {selector} on {self.where()}"
        )

    def all(self, selector: str) -> list:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def where(self) -> str:
        return self.driver.current_url.removeprefix(self.server.base)

    def text(self) -> str:
        return self.find("main").text

    def press(self, selector: str) -> None:
        """Presses what leads to another page, and waits for that."""
        before = self.find("html")
        self.click(selector)
        eventually(lambda: _is_gone(before), f"{selector} leads on from {self.where()}", PATIENCE)
        self.find("main")

    def click(self, selector: str) -> None:
        element = self.find(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def fill(self, selector: str, words: str) -> None:
        field = self.find(selector)
        field.clear()
        field.send_keys(words)

    def see(self, words: str) -> None:
        eventually(lambda: words in self._text_now(), f"{words!r} on {self.where()}:\n{self._text_now()[:1500]}", PATIENCE)

    def _text_now(self) -> str:
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text
        except (StaleElementReferenceException, WebDriverException):
            return ""

    # -- what every page owes -----------------------------------------------------------------

    def look(self, name: str) -> None:
        """Keeps a picture; nothing scrolls sideways, nothing stands in the console."""
        self.driver.save_screenshot(str(self.screens / f"{name}.png"))
        wide = self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth + 1")
        assert not wide, f"{name} scrolls sideways"
        # A form that is refused is no mistake of the page.
        complaints = [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] != "INFO" and "status of 422" not in entry["message"]
        ]
        assert not complaints, f"{name}: {complaints}"
        foreign = self.driver.execute_script(
            "return performance.getEntriesByType('resource').map(r => r.name).filter(n => new URL(n).host !== location.host)"
        )
        assert not foreign, f"{name} asks third parties: {foreign}"

    def examine(self, name: str) -> None:
        """Runs axe (WCAG 2.2 AA); serious and critical findings are failures."""
        axe = Path(os.environ["TUSKLING_TEST_AXE"]).read_text(encoding="utf-8")
        self.driver.execute_script(axe)
        found = self.driver.execute_async_script(
            """
            const done = arguments[0];
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
            axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(done, (error) => done({error: String(error)}));
            """
        )
        assert "violations" in found, found
        serious = [
            f"{one['id']}: {one['help']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:3])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{name} on {self.where()}:\n" + "\n".join(serious)


@contextmanager
def visitor(server, screens: Path):
    """A fresh browser for one person."""
    with browser() as driver:
        yield Visitor(driver, server, screens)


def _is_gone(element) -> bool:
    try:
        element.is_enabled()
        return False
    except WebDriverException:
        return True
