"""The authorisation flow as apps and people go through it: pages, codes, PKCE, refusals."""

import base64
import hashlib
import secrets
from urllib.parse import urlencode, urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from harness.sign_in import PersonAtBrowser

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = "read write follow push"


def register(server, redirect_uris, scopes: str = SCOPES) -> dict:
    body = {"client_name": "App of a test", "redirect_uris": redirect_uris, "scopes": scopes}
    answer = requests.post(f"{server.base}/api/v1/apps", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def authorize_address(server, app: dict, redirect_uri: str, **more) -> str:
    parameters = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
    } | more
    return f"{server.base}/oauth/authorize?{urlencode(parameters)}"


def exchange(server, app: dict, code: str, redirect_uri: str, **more) -> requests.Response:
    body = {
        "grant_type": "authorization_code",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "code": code,
        "redirect_uri": redirect_uri,
    } | more
    return requests.post(f"{server.base}/oauth/token", data=body, timeout=10)


def pkce() -> tuple[str, str]:
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return verifier, challenge


@pytest.fixture
def person(server):
    return server.person("signer", token=False)


def test_the_server_says_how_to_sign_in(server):
    answer = requests.get(f"{server.base}/.well-known/oauth-authorization-server", timeout=5)
    told = answer.json()
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint"] == f"{server.base}/oauth/token"
    assert "authorization_code" in told["grant_types_supported"]


def test_a_custom_scheme_app_signs_in_with_pkce_and_gets_its_state_back(server, person):
    callback = "mastodon-test://callback"
    app = register(server, callback)
    verifier, challenge = pkce()
    address = authorize_address(
        server, app, callback, state="kept & whole", code_challenge=challenge, code_challenge_method="S256"
    )
    handed_back = PersonAtBrowser(person).authorize_redirect(address)
    assert handed_back["state"] == "kept & whole"
    token = exchange(server, app, handed_back["code"], callback, code_verifier=verifier)
    assert token.status_code == 200, token.text
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    me = requests.get(f"{server.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=5).json()
    assert me["username"] == person.name


def test_one_of_several_redirect_addresses(server, person):
    addresses = ["https://one.test/callback", "https://two.test/callback?kept=yes"]
    app = register(server, addresses)
    assert app["redirect_uris"] == addresses
    handed_back = PersonAtBrowser(person).authorize_redirect(authorize_address(server, app, addresses[1]))
    assert handed_back["kept"] == "yes"
    assert exchange(server, app, handed_back["code"], addresses[1]).status_code == 200


def test_a01_a_code_is_refused_with_the_wrong_verifier_and_after_use(server, person):
    app = register(server, OUT_OF_BAND)
    verifier, challenge = pkce()
    browser = PersonAtBrowser(person)
    address = authorize_address(server, app, OUT_OF_BAND, code_challenge=challenge, code_challenge_method="S256")
    wrong = exchange(server, app, browser.authorize(address), OUT_OF_BAND, code_verifier="x" * 50)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    missing = exchange(server, app, browser.authorize(address), OUT_OF_BAND)
    assert missing.status_code == 400
    code = browser.authorize(address)
    first = exchange(server, app, code, OUT_OF_BAND, code_verifier=verifier)
    assert first.status_code == 200
    again = exchange(server, app, code, OUT_OF_BAND, code_verifier=verifier)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    used = requests.get(f"{server.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=5)
    assert used.status_code == 401, "reuse of a code revokes the token it gave"


def test_a01_an_address_that_was_not_registered_is_never_redirected_to(server, person):
    app = register(server, "https://good.test/callback")
    for address in ("https://good.test/callback/longer", "https://evil.test/callback", "https://good.test/callback?x=1"):
        answer = requests.get(authorize_address(server, app, address), allow_redirects=False, timeout=5)
        assert answer.status_code >= 400, f"{address}: {answer.status_code} {answer.headers.get('Location')}"


def test_a01_plain_challenges_are_refused(server, person):
    app = register(server, OUT_OF_BAND)
    address = authorize_address(server, app, OUT_OF_BAND, code_challenge="x" * 43, code_challenge_method="plain")
    answer = requests.get(address, allow_redirects=True, timeout=5)
    refused = answer.status_code >= 400 or "error=" in answer.url
    assert refused, f"{answer.status_code} at {answer.url}"


def test_a08_the_sign_in_form_cannot_be_sent_from_another_site(server, person):
    """A hostile page can send the form with the visitor's cookies, but cannot read its hidden token."""
    app = register(server, OUT_OF_BAND)
    session = requests.Session()
    page = session.get(authorize_address(server, app, OUT_OF_BAND), timeout=5)
    form = BeautifulSoup(page.text, "html.parser").find("input", type="password").find_parent("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    for field in form.find_all("input"):
        if field.get("type") == "password":
            fields[field["name"]] = person.password
        elif field.get("type", "text") != "hidden":
            fields[field["name"]] = person.email
    target = urljoin(page.url, form.get("action") or page.url)
    hostile = {"Origin": "https://evil.test", "Referer": "https://evil.test/", "Sec-Fetch-Site": "cross-site"}
    without_token = {name: value for name, value in fields.items() if "csrf" not in name}
    forged = session.post(target, data=without_token, headers=hostile, allow_redirects=False, timeout=10)
    assert forged.status_code == 403, forged.text[:200]
    stale = without_token | {name: "A" * 43 for name in fields if "csrf" in name}
    assert session.post(target, data=stale, allow_redirects=False, timeout=10).status_code == 403


def test_a_wrong_password_shows_the_form_again(server, person):
    app = register(server, OUT_OF_BAND)
    stranger = type(person)(person.name, person.email, "not the password")
    with pytest.raises(AssertionError):
        PersonAtBrowser(stranger).authorize(authorize_address(server, app, OUT_OF_BAND))


def test_client_credentials_act_for_the_app_alone(server):
    app = register(server, OUT_OF_BAND)
    body = {
        "grant_type": "client_credentials",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": OUT_OF_BAND,
        "scope": "read",
    }
    token = requests.post(f"{server.base}/oauth/token", json=body, timeout=5).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    known = requests.get(f"{server.base}/api/v1/apps/verify_credentials", headers=headers, timeout=5)
    assert known.status_code == 200 and known.json()["name"] == "App of a test"
    home = requests.get(f"{server.base}/api/v1/timelines/home", headers=headers, timeout=5)
    assert home.status_code == 422
    assert home.json()["error"] == "This method requires an authenticated user"


def test_a_revoked_token_is_dead(server, person):
    app = register(server, OUT_OF_BAND)
    code = PersonAtBrowser(person).authorize(authorize_address(server, app, OUT_OF_BAND))
    token = exchange(server, app, code, OUT_OF_BAND).json()["access_token"]
    body = {"token": token, "client_id": app["client_id"], "client_secret": app["client_secret"]}
    revoked = requests.post(f"{server.base}/oauth/revoke", data=body, timeout=5)
    assert (revoked.status_code, revoked.json()) == (200, {})
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{server.base}/api/v1/accounts/verify_credentials", headers=headers, timeout=5)
    assert answer.status_code == 401


def test_wrong_client_and_wrong_grant_are_told_apart(server):
    app = register(server, OUT_OF_BAND)
    stranger = app | {"client_secret": "wrong"}
    answer = exchange(server, stranger, "none", OUT_OF_BAND)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = exchange(server, app, "none", OUT_OF_BAND, grant_type="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    answer = exchange(server, app, "none", OUT_OF_BAND)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_forbidden_schemes_and_unknown_scopes_are_refused(server):
    for redirect, scopes in (("javascript:alert(1)", "read"), ("data:text/html,x", "read"), (OUT_OF_BAND, "everything")):
        body = {"client_name": "x", "redirect_uris": redirect, "scopes": scopes}
        answer = requests.post(f"{server.base}/api/v1/apps", json=body, timeout=5)
        assert answer.status_code == 422, (redirect, scopes, answer.text)
