"""Fixtures of the end-to-end tests: a server on each database engine, and the judgement at the end."""

import os
import sys
from pathlib import Path

import pytest

from harness import conformance, recorder
from harness.server import REPOSITORY, Server, postgres_url

ENGINES = ("sqlite", "postgres")
OUTPUT = Path(os.environ.get("TUSKLING_TEST_OUTPUT") or REPOSITORY / "target" / "end-to-end")
RECORD = OUTPUT / "exchanges.jsonl"
# MiB that `serve` held at most while the shared tests ran.
PEAKS: dict[str, int] = {}


def pytest_configure(config):
    sys.dont_write_bytecode = True
    OUTPUT.mkdir(parents=True, exist_ok=True)
    RECORD.unlink(missing_ok=True)
    os.environ[recorder.VARIABLE] = str(RECORD)
    recorder.install()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The judge speaks last, when all answers are in."""
    items.sort(key=lambda item: item.path.name == "test_conformance.py")


def start_server(engine: str, folder: Path, settings: dict[str, str] | None = None) -> Server:
    if engine == "postgres" and not postgres_url():
        pytest.skip("TUSKLING_TEST_POSTGRES names no server (tests/scripts/with-postgres makes one)")
    server = Server(engine, folder, settings)
    recorder.write({"method": "SERVER", "port": server.port, "engine": engine, "path": "", "status": 0})
    return server


@pytest.fixture(scope="session", params=ENGINES)
def server(request, tmp_path_factory):
    """A running server that many tests share; each makes its own people on it."""
    server = start_server(request.param, tmp_path_factory.mktemp(request.param)).start()
    yield server
    try:
        peak = server.peak_memory()
        PEAKS[server.engine] = peak
        server.stop()
        assert not server.leaked_secrets(), "v07: logs hold no token and no password"
        assert peak <= 200, f"r05: serve held {peak} MiB"
    finally:
        keep_log(server)
        server.clean_up()


@pytest.fixture(params=ENGINES)
def fresh_server(request, tmp_path):
    """A server of the test's own, not yet started."""
    server = start_server(request.param, tmp_path / request.param)
    yield server
    keep_log(server)
    server.clean_up()


def keep_log(server: Server) -> None:
    (OUTPUT / f"server-{server.engine}-{server.port}.log").write_text(server.log(), encoding="utf-8")


def recorded() -> tuple[list[dict], dict[int, str]]:
    """All exchanges of this run, and which port was which engine."""
    records = recorder.read(RECORD)
    engines = {record["port"]: record["engine"] for record in records if record["method"] == "SERVER"}
    return [record for record in records if record["method"] != "SERVER"], engines


def pytest_terminal_summary(terminalreporter):
    records, engines = recorded()
    if not records:
        return
    terminalreporter.section("Mastodon API coverage (tier 1)")
    for engine in sorted(set(engines.values())):
        mine = [record for record in records if engines.get(record.get("port")) == engine]
        seen, unseen = conformance.coverage(mine)
        line = f"{engine}: {len(seen)} of {len(seen) + len(unseen)} routes answered, {len(mine)} exchanges"
        if engine in PEAKS:
            line += f", serve held at most {PEAKS[engine]} MiB"
        terminalreporter.write_line(line)
        for name in unseen if len(seen) > 30 else []:  # a partial run misses nearly all
            terminalreporter.write_line(f"  not seen: {name}")
    (OUTPUT / "routes-seen.txt").write_text("\n".join(conformance.coverage(records)[0]) + "\n", encoding="utf-8")
