"""Runs toot, the command-line client, with a configuration of its own for one person."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Toot:
    """toot as one person has it on their machine."""

    def __init__(self, folder: Path):
        self.environment = os.environ | {
            "XDG_CONFIG_HOME": str(folder),
            "HOME": str(folder),
            "PYTHONPATH": str(HERE.parent),
            "PYTHONUNBUFFERED": "1",
            "PAGER": "cat",
        }

    def log_in(self, base: str, fetch_code) -> str:
        """`toot login`: shows an address, then asks for the code that `fetch_code(address)` gets."""
        with self._start(["login", "-i", base], stdin=subprocess.PIPE) as process:
            address = None
            shown = []
            for line in process.stdout:
                shown.append(line)
                if line.strip().startswith(f"{base}/oauth/authorize"):
                    address = line.strip()
                    break
            if address is None:
                raise AssertionError(f"toot showed no address: {''.join(shown)}")
            # First answer: no browser please. Second: the code.
            rest, _ = process.communicate(f"n\n{fetch_code(address)}\n", timeout=30)
        assert process.returncode == 0, f"toot login: {''.join(shown)}{rest}"
        return rest

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """Runs a command and returns what it prints."""
        process = self._start(list(arguments), stdin=subprocess.PIPE)
        output, _ = process.communicate(stdin or "", timeout=60)
        assert process.returncode == 0, f"toot {' '.join(arguments)}\n{output}"
        return output

    def json(self, *arguments: str):
        """Runs a command with --json and returns what it means."""
        return json.loads(self(*arguments, "--json"))

    def fails(self, *arguments: str) -> str:
        process = self._start(list(arguments), stdin=subprocess.PIPE)
        output, _ = process.communicate("", timeout=60)
        assert process.returncode != 0, f"toot {' '.join(arguments)} should fail\n{output}"
        return output

    def _start(self, arguments: list[str], stdin) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "harness.recorded_toot", *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
