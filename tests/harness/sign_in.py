"""A person at a browser without JavaScript: fills in the pages that stand between an app and its code.

Finds fields by what they are (type, name), not by where they stand, so that pages can change.
"""

from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from bs4 import BeautifulSoup

REFUSING = ("deny", "cancel", "reject", "refuse", "no", "decline")


class PersonAtBrowser:
    """One browser session: cookies stay, redirects are followed by hand."""

    def __init__(self, person):
        self.person = person
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html,application/xhtml+xml"
        self.visited: list[str] = []

    def authorize(self, address: str) -> str:
        """Signs in where asked, consents, and returns the authorisation code."""
        return self.authorize_redirect(address)["code"]

    def authorize_redirect(self, address: str) -> dict[str, str]:
        """Like `authorize`, but returns everything handed back to the app (code, state)."""
        answer = self._open("GET", address)
        for _ in range(8):
            if isinstance(answer, dict):
                return answer
            page = BeautifulSoup(answer.text, "html.parser")
            assert answer.status_code < 400, f"{answer.status_code} at {answer.url}\n{page.get_text(' ', strip=True)[:500]}"
            form = self._form_to_fill(page, answer.url)
            answer = self._submit(form, answer.url)
        raise AssertionError(f"no code after {self.visited}")

    def _form_to_fill(self, page, address):
        forms = [form for form in page.find_all("form") if form.get("method", "get").lower() == "post"]
        with_password = [form for form in forms if form.find("input", type="password")]
        if with_password:
            return with_password[0]
        consenting = [form for form in forms if self._consent_button(form) is not None]
        assert consenting, f"nothing to fill in at {address}: {page.get_text(' ', strip=True)[:500]}"
        return consenting[0]

    @staticmethod
    def _consent_button(form):
        method = form.find("input", attrs={"name": "_method"})
        if method and method.get("value", "").lower() == "delete":
            return None
        for button in form.find_all(["button", "input"]):
            if button.get("type", "submit" if button.name == "button" else "text") != "submit":
                continue
            meaning = f"{button.get('value', '')} {button.get_text()}".lower().split()
            if not any(word in REFUSING for word in meaning):
                return button
        return None

    def _submit(self, form, address):
        fields = {}
        for field in form.find_all(["input", "textarea", "select"]):
            kind = field.get("type", "text").lower()
            name = field.get("name")
            if not name or kind in ("submit", "button", "image", "reset"):
                continue
            if kind in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            if kind == "password":
                fields[name] = self.person.password
            elif kind in ("email", "text") and not field.get("value"):
                fields[name] = self.person.email
            else:
                fields[name] = field.get("value", "")
        button = self._consent_button(form)
        if button is not None and button.get("name"):
            fields[button["name"]] = button.get("value", "")
        target = urljoin(address, form.get("action") or address)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        headers = {"Origin": origin, "Referer": address, "Sec-Fetch-Site": "same-origin"}
        return self._open("POST", target, data=fields, headers=headers)

    def _open(self, method: str, address: str, **options):
        """A response, or the parameters handed back to the app once a redirect leads there."""
        for _ in range(8):
            self.visited.append(f"{method} {address}")
            response = self.session.request(method, address, allow_redirects=False, timeout=20, **options)
            if not response.is_redirect:
                return self._code_on_page(response) or response
            target = urljoin(address, response.headers["Location"])
            parameters = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
            local = urlsplit(target).netloc == urlsplit(address).netloc
            if ("code" in parameters or "error" in parameters) and not (local and "/oauth/authorize/native" in target):
                return parameters
            method, address, options = "GET", target, {}
        raise AssertionError(f"redirected in circles: {self.visited}")

    @staticmethod
    def _code_on_page(response):
        """The out-of-band page shows the code, for a person to copy."""
        if "/oauth/authorize/native" not in response.url:
            return None
        assert response.status_code == 200
        code = parse_qs(urlsplit(response.url).query)["code"][0]
        page = BeautifulSoup(response.text, "html.parser")
        shown = page.get_text(" ") + " ".join(field.get("value", "") for field in page.find_all("input"))
        assert code in shown, "the out-of-band page must show the code"
        return {"code": code}
