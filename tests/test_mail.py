"""Mail by a real mail server (aiosmtpd) with STARTTLS and login, as its receiver reads it."""

import datetime
import email.policy
import ipaddress
import ssl

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from bs4 import BeautifulSoup
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.server import free_port
from harness.waiting import eventually

PASSWORD = "smtp secret"


class Box:
    """Takes every message and keeps it."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


def certificate(folder):
    """A certificate for this machine, signed by itself: with its file among the authorities it is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


@pytest.fixture
def mail_server(tmp_path):
    file, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)

    def check(_server, _session, _envelope, _mechanism, login):
        return AuthResult(success=(login.login, login.password) == (b"tuskling", PASSWORD.encode()))

    box = Box()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=check,
    )
    controller.start()
    controller.certificate, controller.box = file, box
    yield controller
    controller.stop()


def settings(mail_server, folder, trusted):
    secret = folder / "smtp-password"
    secret.write_text(PASSWORD + "\n")
    return {
        "TUSKLING_MAIL_TRANSPORT": "smtp",
        "TUSKLING_MAIL_SMTP_HOST": "127.0.0.1",
        "TUSKLING_MAIL_SMTP_PORT": str(mail_server.port),
        "TUSKLING_MAIL_SMTP_USER": "tuskling",
        "TUSKLING_MAIL_SMTP_PASSWORD_FILE": str(secret),
    } | ({"SSL_CERT_FILE": str(mail_server.certificate)} if trusted else {})


def ask_for_a_new_password(server, person):
    session = requests.Session()
    page = session.get(f"{server.base}/auth/password/new", timeout=10)
    form = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    answer = session.post(f"{server.base}/auth/password/new", data=fields | {"email": person.email}, timeout=10)
    assert answer.status_code == 200, answer.text


def test_a_message_arrives_in_both_forms_and_its_link_works(fresh_server, mail_server, tmp_path):
    server = fresh_server
    server.settings |= settings(mail_server, tmp_path, trusted=True)
    server.start()
    person = server.person()
    ask_for_a_new_password(server, person)
    eventually(lambda: mail_server.box.messages, "the mail", 30)
    sender, receivers, content = mail_server.box.messages[0]
    assert (sender, receivers) == ("noreply@localhost", [person.email])
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert not message.defects
    assert [address.addr_spec for address in message["To"].addresses] == [person.email]
    plain = message.get_body(("plain",)).get_content()
    link = next(word for word in plain.split() if "token=" in word)
    rich = BeautifulSoup(message.get_body(("html",)).get_content(), "html.parser")
    assert rich.find("a")["href"] == link
    assert requests.get(link, timeout=10).status_code == 200
    server.stop()
    assert PASSWORD not in server.log()


def test_o07_nothing_is_said_to_a_mail_server_that_nobody_vouches_for(fresh_server, mail_server, tmp_path):
    server = fresh_server
    server.settings |= settings(mail_server, tmp_path, trusted=False)
    server.start()
    person = server.person()
    ask_for_a_new_password(server, person)
    log = server.folder / "stderr.log"
    eventually(lambda: "mail_reset" in log.read_text() and "certificate" in log.read_text(), "the failure", 30)
    assert mail_server.box.messages == []
    # Nobody else waits for it.
    answer = requests.get(f"{server.base}/ready", timeout=5)
    assert answer.status_code == 200
