"""The edge before a real server: clients sign in, post, stream and upload through it, and see nothing
of a restart behind it."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import threading
import time
from urllib.parse import urlencode

import pytest
import requests
import websocket

from conftest import ENGINES, keep_log, start_server
from harness.edge import NAME, Edge, make_certificate
from harness.sign_in import PersonAtBrowser
from harness.waiting import eventually

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = "read write follow push"
# For how long slow senders try.
SLOW = float(os.environ.get("TUSKLING_SLOW_SECONDS", "12"))


class Through:
    """A server as it is seen through its edge."""

    def __init__(self, edge: Edge):
        self.edge = edge
        self.server = edge.server
        self.base = edge.base
        self.session = self.new_session()

    def new_session(self) -> requests.Session:
        session = requests.Session()
        # What the environment trusts would come before what the session does.
        session.trust_env = False
        session.verify = str(self.edge.certificate)
        return session

    def ask(self, method: str, path: str, person=None, **options) -> requests.Response:
        headers = options.pop("headers", {})
        if person:
            headers["Authorization"] = f"Bearer {person.token}"
        return self.session.request(method, self.base + path, headers=headers, timeout=30, **options)


@pytest.fixture(scope="module", params=ENGINES)
def through(request, tmp_path_factory):
    settings = {"TUSKLING_LIMITS_RATE": "on", "TUSKLING_LIMITS_TOKEN": "10000", "TUSKLING_LIMITS_USER": "10000"}
    server = start_server(request.param, tmp_path_factory.mktemp(f"edge-{request.param}"), settings)
    edge = Edge(server)
    try:
        server.start()
        edge.start()
        yield Through(edge)
        assert edge.peak_memory() <= 64, f"r05: the edge held {edge.peak_memory()} MiB"
        edge.stop()
        leaked = [secret for secret in server._secrets if secret in edge.log()]
        assert not leaked, "v07: the edge's log holds no token and no password"
        server.stop()
    finally:
        edge.clean_up()
        keep_log(server)
        server.clean_up()


def test_a_client_signs_in_posts_and_streams(through, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(through.edge.certificate))
    person = through.server.person("phone", token=False)
    body = {"client_name": "Phone", "redirect_uris": OUT_OF_BAND, "scopes": SCOPES}
    app = through.ask("POST", "/api/v1/apps", json=body).json()
    query = urlencode(
        {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": SCOPES}
    )
    code = PersonAtBrowser(person).authorize(f"{through.base}/oauth/authorize?{query}")
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": OUT_OF_BAND, "scope": SCOPES}
    grant |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    person.token = through.ask("POST", "/oauth/token", data=grant).json()["access_token"]
    through.server._secrets.append(person.token)
    stream = websocket.create_connection(
        f"wss://{NAME}:{through.edge.https}/api/v1/streaming?stream=user&access_token={person.token}",
        sslopt={"ca_certs": str(through.edge.certificate)},
        timeout=10,
    )
    assert through.edge.status()["websockets"] == 1
    posted = through.ask("POST", "/api/v1/statuses", person, json={"status": "through the edge"}).json()
    assert posted["uri"].startswith(through.base)
    frame = json.loads(stream.recv())
    assert frame["event"] == "update" and json.loads(frame["payload"])["id"] == posted["id"]
    stream.close()


def test_event_streams_go_through_at_once(through):
    person = through.server.person("events")
    address = "/api/v1/streaming/user"
    with through.ask("GET", address, person, stream=True, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines(chunk_size=1)
        assert next(lines) == b":)"
        posted = through.ask("POST", "/api/v1/statuses", person, json={"status": "event"}).json()
        data = next(line for line in lines if line.startswith(b"data: "))
        assert json.loads(data[6:])["id"] == posted["id"]


def test_an_upload_of_80_mb_is_streamed(through):
    person = through.server.person("uploader")
    before = through.edge.peak_memory()
    size = 80 * 1024 * 1024
    boundary = "edge-of-a-test"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def pieces():
        yield head
        # The beginning of an MP4; what follows is no film, which the server says once it has all.
        yield b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"
        for _ in range(size // 65536):
            yield bytes(65536)
        yield tail

    kind = f"multipart/form-data; boundary={boundary}"
    answer = through.ask("POST", "/api/v2/media", person, data=pieces(), headers={"Content-Type": kind})
    assert answer.status_code in (200, 202, 422), answer.text
    assert "error" in answer.json() or answer.json()["id"], "it is the server that answers"
    assert through.edge.peak_memory() - before < 16, "an upload is not held in memory"


def remaining(through, own_address: str, claimed: str) -> int:
    """How many requests the server still allows the address that it believes this one to be from."""
    context = ssl.create_default_context(cafile=str(through.edge.certificate))
    connection = http.client.HTTPSConnection(
        NAME, through.edge.https, source_address=(own_address, 0), context=context, timeout=10
    )
    lies = {"X-Forwarded-For": claimed, "Forwarded": f"for={claimed}", "X-Real-IP": claimed}
    connection.request("GET", "/api/v1/timelines/public", headers=lies)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    return int(answer.headers["X-RateLimit-Remaining"])


def test_e05_the_server_takes_the_clients_address_from_the_edge_alone(through):
    first = remaining(through, "127.0.0.3", "203.0.113.7")
    assert remaining(through, "127.0.0.3", "203.0.113.8") == first - 1, "the same client, whatever it claims"
    assert remaining(through, "127.0.0.4", "203.0.113.7") == first, "another client"


def test_e05_nobody_without_the_secret_is_let_in_on_the_link(through):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(OSError):
        with socket.create_connection(("127.0.0.1", through.edge.link), timeout=5) as plain:
            with context.wrap_socket(plain) as secure:
                secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                # In TLS 1.3 the refusal comes after the client's side of the handshake.
                assert not secure.recv(1)


def test_e01_old_protocols_are_refused(through):
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionError)):
            with socket.create_connection(("127.0.0.1", through.edge.https), timeout=5) as plain:
                context.wrap_socket(plain, server_hostname=NAME)


class SlowSenders:
    """Connections from several addresses that send a byte now and then, and come back when they are cut
    off."""

    def __init__(self, edge: Edge, count: int):
        self.edge = edge
        self.context = ssl.create_default_context(cafile=str(edge.certificate))
        self.ending = threading.Event()
        self.connected = 0
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run(count)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(30)

    async def _run(self, count: int) -> None:
        await asyncio.gather(*(self._send(number) for number in range(count)))

    async def _send(self, number: int) -> None:
        here = (f"127.0.1.{number % 16 + 1}", 0)
        while not self.ending.is_set():
            try:
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", self.edge.https, ssl=self.context, server_hostname=NAME, local_addr=here
                )
            except OSError:
                await asyncio.sleep(0.5)
                continue
            self.connected += 1
            try:
                writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
                while not self.ending.is_set() and not writer.transport.is_closing():
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(1)
            except OSError:
                pass
            self.connected -= 1
            writer.transport.abort()


def test_e06_slow_senders_harm_nobody(through):
    senders = 500
    before = through.edge.memory()
    times = []
    with SlowSenders(through.edge, senders) as slow:
        eventually(lambda: slow.connected >= senders * 0.9, "the slow ones are there", 60)
        ending = time.monotonic() + SLOW
        while time.monotonic() < ending:
            began = time.monotonic()
            assert through.ask("GET", "/health").status_code == 200
            times.append(time.monotonic() - began)
            time.sleep(0.05)
        grown = through.edge.memory() - before
        assert slow.connected >= senders / 2, "they come back"
    times.sort()
    p95 = times[len(times) * 95 // 100]
    assert p95 <= 0.5, f"p95 is {p95 * 1000:.0f} ms"
    assert grown <= 32, f"{grown} MiB more"


def test_e12_port_80_leads_to_https(through):
    answer = requests.get(
        f"http://{NAME}:{through.edge.http}/@a?b=c", allow_redirects=False, timeout=5
    )
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{through.base}/@a?b=c"


def test_status_metrics_and_reload(through):
    status = through.edge.status()
    assert status["names"] == [{"name": NAME, "has_certificate": True}]
    assert [origin["is_ready"] for origin in status["origins"]] == [True]
    text = requests.get(f"http://127.0.0.1:{through.edge.metrics}/metrics", timeout=5).text
    assert "tuskling_edge_requests_total " in text and 'tuskling_edge_origin_ready{origin="link://' in text
    # A connection lives through a reload; the next one sees the new certificate.
    assert through.ask("GET", "/health").status_code == 200
    before = served(through)
    make_certificate(through.edge.certificate, through.edge.folder / "key.pem")
    through.edge.reload()
    deadline = time.monotonic() + 10
    while served(through) == before:
        assert time.monotonic() < deadline, through.edge.log()[-2000:]
        time.sleep(0.05)
    assert through.session.get(f"{through.base}/health", timeout=5).status_code == 200, "the old connection"
    through.session = through.new_session()
    assert through.ask("GET", "/health").status_code == 200


def served(through) -> bytes:
    """The certificate that a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", through.edge.https), timeout=5) as plain:
        with context.wrap_socket(plain, server_hostname=NAME) as secure:
            return secure.getpeercert(binary_form=True)


def test_r13_a_restart_under_load_costs_no_request(through):
    person = through.server.person("reader")
    results: list[object] = []
    ending = threading.Event()

    def read(number: int):
        session = through.new_session()
        session.headers["Authorization"] = f"Bearer {person.token}"
        paths = ("/api/v1/timelines/home", "/api/v1/instance", f"/@{person.name}", "/api/v1/notifications")
        count = 0
        while not ending.is_set():
            began = time.monotonic()
            try:
                answer = session.get(through.base + paths[(count + number) % len(paths)], timeout=30)
                results.append(answer.status_code)
            except requests.RequestException as error:
                results.append(repr(error))
            count += 1
            time.sleep(max(0, 0.2 - (time.monotonic() - began)))

    # Ten readers with five requests a second each.
    readers = [threading.Thread(target=read, args=(number,)) for number in range(10)]
    for reader in readers:
        reader.start()
    time.sleep(2)
    for _ in range(2):
        through.server.stop()
        through.server.start()
        time.sleep(2)
    ending.set()
    for reader in readers:
        reader.join(40)
    failed = [result for result in results if result != 200]
    assert len(results) > 150, f"only {len(results)} requests were made"
    assert not failed, f"{len(failed)} of {len(results)} failed: {failed[:5]}\n{through.edge.log()[-1000:]}"


def test_an_update_of_the_edge_refuses_nobody(through):
    """With sockets of systemd, which outlive the process."""
    edge = through.edge
    edge.stop()
    sockets = []
    for port in (edge.http, edge.https):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        one.listen(1024)
        sockets.append(one)
    edge.start(sockets)
    failed, count = [], 0
    ending = threading.Event()

    def visit():
        nonlocal count
        while not ending.is_set():
            try:
                # A new connection each time.
                assert requests.get(f"{through.base}/health", verify=str(edge.certificate), timeout=20).ok
            except requests.RequestException as error:
                failed.append(repr(error))
            count += 1

    visitors = [threading.Thread(target=visit) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    for _ in range(3):
        time.sleep(0.5)
        edge.stop()
        edge.start(sockets)
    time.sleep(0.5)
    ending.set()
    for visitor in visitors:
        visitor.join(30)
    for one in sockets:
        one.close()
    assert count > 30 and not failed, f"{len(failed)} of {count}: {failed[:3]}"


def test_a_second_edge_takes_over_the_ports_of_the_first(through):
    edge = through.edge
    edge.stop()
    edge.start()
    started = edge.log().count("The edge listens on")
    old = edge.process
    edge.process = edge.launch()
    deadline = time.monotonic() + 10
    while edge.log().count("The edge listens on") == started:
        assert time.monotonic() < deadline and edge.process.poll() is None, edge.log()[-1000:]
        time.sleep(0.02)
    old.terminate()
    assert old.wait(10) == 0
    for _ in range(20):
        assert requests.get(f"{through.base}/health", verify=str(edge.certificate), timeout=10).ok
