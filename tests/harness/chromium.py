"""A headless Chromium for the page tests, silent towards the outside, with its console kept."""

import shutil
import tempfile
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox: it needs privileges that containers do not give, and only loopback pages are opened.
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-dev-shm-usage "
    "--disable-background-networking --disable-component-update --disable-sync --window-size=1200,900"
)


@contextmanager
def browser():
    """A browser with an empty profile, closed at the end."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    assert program and driver, "chromium and chromedriver are needed: tests/scripts/install gets them"
    with tempfile.TemporaryDirectory(prefix="tuskling-chromium-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = program
        for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        opened = webdriver.Chrome(options=options, service=Service(driver))
        opened.set_page_load_timeout(20)
        try:
            yield opened
        finally:
            opened.quit()
