"""Readers of streams that stop reading: they cost bounded memory, and the others are served (A11)."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

READERS = 200
# Connections of one token: A11 allows 16.
EACH = 16
RATE = 50
SECONDS = 12
GROWTH = 32
TEXT = "x" * 440


def memory(server) -> float:
    """What `serve` holds now, in MiB."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def stalled_reader(server, token: str) -> socket.socket:
    """Opens a stream of all local posts and reads nothing but that it was opened."""
    stream = socket.socket()
    # The less the kernel keeps for us, the more the server has to.
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.settimeout(20)
    stream.connect(("127.0.0.1", server.port))
    stream.sendall(
        f"GET /api/v1/streaming?stream=public:local HTTP/1.1\r\nHost: {server.domain}\r\n"
        f"Authorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3RhbGxlZCByZWFkZXIuLg==\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1)
    assert b" 101 " in head.split(b"\r\n", 1)[0], head
    return stream


def write_posts(server, token: str, count: int, rate: float | None) -> float:
    """Posts so many statuses, at most so many a second, and says how long it took."""
    sessions = threading.local()
    begin = time.monotonic()

    def post(number: int):
        if rate:
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        if not hasattr(sessions, "own"):
            sessions.own = requests.Session()
            sessions.own.headers["Authorization"] = f"Bearer {token}"
        body = {"status": f"{number} {TEXT}"}
        answer = sessions.own.post(f"{server.base}/api/v1/statuses", data=body, timeout=60)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, range(count)))
    return time.monotonic() - begin


class Reader(threading.Thread):
    """A client that reads its stream of all local posts as a client does, and counts them."""

    def __init__(self, server, token: str):
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{server.base}/api/v1/streaming/public/local"
        self.answer = requests.get(address, headers=headers, stream=True, timeout=30)
        assert self.answer.status_code == 200
        self.count = 0
        self.start()

    def run(self):
        try:
            for line in self.answer.iter_lines():
                self.count += line == b"event: update"
        except requests.RequestException:
            pass  # the end of the server

    def wait_for(self, count: int, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        while self.count < count and self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.count


def test_a11_two_hundred_readers_that_do_not_read_cost_bounded_memory(fresh_server):
    server = fresh_server.start()
    author = server.person("author")
    tokens = [server.run("token", "create", author.name).stdout.strip() for _ in range(READERS // EACH + 2)]
    # Caches of the database fill up whether anybody listens or not.
    write_posts(server, author.token, 300, None)
    for _ in range(20):
        requests.get(f"{server.base}/api/v1/timelines/public?limit=40", timeout=20)
    before, peak, ended = memory(server), [0.0], threading.Event()

    def watch():
        while not ended.is_set():
            peak[0] = max(peak[0], memory(server))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    reading = Reader(server, author.token)
    readers = [stalled_reader(server, tokens[number // EACH]) for number in range(READERS)]
    try:
        took = write_posts(server, author.token, RATE * SECONDS, RATE)
        served = requests.get(f"{server.base}/api/v1/timelines/public?limit=40", timeout=10)
        heard = reading.wait_for(RATE * SECONDS, 20)
    finally:
        ended.set()
        watcher.join()
        for reader in readers:
            reader.close()
    print(f"{RATE * SECONDS / took:.0f} posts/s; {before:.0f} MiB before, {peak[0]:.0f} MiB at most")
    assert served.status_code == 200, "others are served meanwhile"
    assert heard == RATE * SECONDS, f"a client that reads heard {heard} posts"
    assert peak[0] - before <= GROWTH, f"{before:.0f} MiB before, {peak[0]:.0f} MiB at most"
    server.stop()
