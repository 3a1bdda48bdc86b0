"""Starts the tuskling binary as a user would, and ends it by its own process id.

Knows the command line of the design and nothing of the inside. Each server has its own folder,
port and, on PostgreSQL, its own database.
"""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 20
STOP_SECONDS = 10


@dataclass
class Person:
    """An account made for one test, with what its owner knows."""

    name: str
    email: str
    password: str
    token: str | None = None


class Server:
    """One `tuskling serve` with its data."""

    def __init__(self, engine: str, folder: Path, settings: dict[str, str] | None = None):
        self.engine = engine
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self.domain = f"localhost:{self.port}"
        self.settings = {"TUSKLING_LIMITS_RATE": "off"} | (settings or {})
        self.database = make_database() if engine == "postgres" else None
        self.process: subprocess.Popen | None = None
        # Runs in the new process before it becomes the server.
        self.before_start = None
        self._people = 0
        self._secrets: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> "Server":
        arguments = ["serve", "--listen", f"127.0.0.1:{self.port}", *self._where()]
        with open(self.folder / "stdout.log", "ab") as out, open(self.folder / "stderr.log", "ab") as err:
            self.process = subprocess.Popen(
                [binary(), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self._environment(),
                cwd=self.folder,
                preexec_fn=self.before_start,
            )
        self._await_ready()
        return self

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}\n{self.log()}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"serve was not ready within {START_SECONDS} s\n{self.log()}")

    def stop(self) -> None:
        """SIGTERM drains: a clean exit within ten seconds is part of the contract."""
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"serve did not end within {STOP_SECONDS} s of SIGTERM\n{self.log()}") from None
        assert code == 0, f"serve ended with {code} after SIGTERM\n{self.log()}"

    def kill(self) -> None:
        """SIGKILL: no chance to write anything."""
        self.process.kill()
        self.process.wait()

    def peak_memory(self) -> int:
        """The most memory `serve` ever held, in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024

    def leaked_secrets(self) -> list[str]:
        """Passwords and tokens of this server's people that stand in its logs."""
        text = "".join((self.folder / name).read_text(errors="replace") for name in ("stdout.log", "stderr.log"))
        return [secret for secret in self._secrets if secret in text]

    def clean_up(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
        if self.database:
            drop_database(self.database)
        shutil.rmtree(self.data, ignore_errors=True)

    def log(self) -> str:
        """The end of both outputs, for a failure's message."""
        parts = []
        for name in ("stdout.log", "stderr.log"):
            path = self.folder / name
            text = path.read_text(errors="replace")[-3000:] if path.exists() else ""
            parts.append(f"--- {name}\n{text}")
        return "\n".join(parts)

    # -- the other verbs ----------------------------------------------------------------------

    def run(self, *arguments: str, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess:
        """Runs another verb on the same data, whether `serve` runs or not."""
        done = subprocess.run(
            [binary(), *arguments, *self._where()],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self._environment(),
            cwd=self.folder,
        )
        if check:
            assert done.returncode == 0, f"tuskling {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done

    def person(self, name: str = "person", token: bool = True, role: str | None = None) -> Person:
        """Makes an account with a name nobody else in this run has."""
        self._people += 1
        name = f"{name}{self._people}"
        person = Person(name, f"{name}@example.test", f"correct horse battery {uuid.uuid4().hex[:8]}")
        more = ["--role", role] if role else []
        self.run("account", "create", name, "--email", person.email, "--password", person.password, *more)
        if token:
            person.token = self.run("token", "create", name).stdout.strip()
            assert person.token and "\n" not in person.token, "token create prints the token alone"
            self._secrets.append(person.token)
        self._secrets.append(person.password)
        return person

    def _where(self) -> list[str]:
        return ["--data", str(self.data), *(["--database", self.database] if self.database else [])]

    def _environment(self) -> dict[str, str]:
        return own_environment() | self.settings | {"RUST_BACKTRACE": "1"}


def binary() -> str:
    """The server under test: TUSKLING_BIN, else the debug build."""
    given = os.environ.get("TUSKLING_BIN")
    path = Path(given) if given else REPOSITORY / "target" / "debug" / "tuskling"
    assert path.is_file(), f"no binary at {path}: cargo build, or set TUSKLING_BIN"
    return str(path)


def own_environment() -> dict[str, str]:
    """The environment for the server: the tests' own TUSKLING_* variables are no settings of it."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TUSKLING_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- databases ------------------------------------------------------------------------------------


def postgres_url() -> str | None:
    """A server on which databases may be made, as tests/scripts/with-postgres exports it."""
    return os.environ.get("TUSKLING_TEST_POSTGRES")


def make_database() -> str:
    name = f"tuskling_{uuid.uuid4().hex[:12]}"
    _psql(f"CREATE DATABASE {name}")
    return postgres_url().rsplit("/", 1)[0] + "/" + name


def drop_database(url: str) -> None:
    _psql(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")


def _psql(statement: str) -> None:
    programs = subprocess.run(
        [REPOSITORY / "tests/scripts/postgres-programs"], capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run(
        [f"{programs}/psql", "--no-psqlrc", "--quiet", "--command", statement, postgres_url()],
        check=True,
        capture_output=True,
        timeout=30,
    )
