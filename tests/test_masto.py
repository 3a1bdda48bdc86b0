"""masto, the JavaScript library that Elk and Phanpy are built on, walks its surface as a real client."""

import base64
import json
import os
import platform
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness.fedify import FOLDER as FEDIFY
from harness.server import REPOSITORY, own_environment

FOLDER = Path(os.environ.get("TUSKLING_TEST_MASTO") or REPOSITORY / "target" / "masto")


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_masto_walks_its_surface(server):
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    node = FEDIFY / "node_modules" / f"node-linux-{machine}" / "bin" / "node"
    alice, bob = server.person("alice"), server.person("bob")
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    done = subprocess.run(
        [node, FOLDER / "walk.mjs", server.base, alice.token, bob.token, text(point), text(os.urandom(16))],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=FOLDER,
        env=own_environment(),
    )
    assert done.returncode == 0 and done.stdout, f"{done.stdout}{done.stderr}"
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["failures"] == [], "\n".join(result["failures"])
    assert result["steps"] >= 35
