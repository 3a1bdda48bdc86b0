"""Runs terraform for the tests of the deployment: on the module itself, offline; and an emulator of AWS for the real thing."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from harness.server import REPOSITORY, free_port

MODULE = REPOSITORY / "infra" / "aws"
REGION = "eu-west-3"
SECONDS = 600


@cache
def plugins() -> str:
    """The folder with the provider, or nothing where terraform asks its registry."""
    script = REPOSITORY / "tests" / "scripts" / "terraform-plugins"
    return subprocess.run([script], capture_output=True, text=True, check=True).stdout.strip()


def environment(**more: str) -> dict[str, str]:
    """What terraform is run with: no settings of the person who runs the tests, no credentials of theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "TUSKLING_"))}
    return kept | {
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        **({"TUSKLING_TF_PLUGINS": plugins()} if plugins() else {}),
        **more,
    }


def terraform(folder: Path, *arguments: str, check: bool = True, **more: str) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [shutil.which("terraform") or "tofu", f"-chdir={folder}", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(**more),
    )
    if check and done.returncode:
        raise AssertionError(f"terraform {arguments}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done


def initialised(folder: Path, *arguments: str) -> Path:
    """`terraform init` with the lock file as it is."""
    more = [f"-plugin-dir={plugins()}"] if plugins() else []
    terraform(folder, "init", "-input=false", "-no-color", "-lockfile=readonly", *more, *arguments)
    return folder


def copy_of_module(folder: Path) -> Path:
    """A copy to plan in, with its state in a file."""
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "tests")
    shutil.copytree(MODULE, folder, ignore=ignored)
    (folder / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    return initialised(folder)


def program(folder: Path, architecture: str = "arm64", content: bytes = b"") -> Path:
    """A file that looks like a program for Linux to whoever reads its first bytes."""
    machine = {"arm64": 0xB7, "x86_64": 0x3E}[architecture]
    head = bytearray(64)
    head[:4] = b"\x7fELF"
    head[18] = machine
    file = folder / f"program-{architecture}-{hashlib.sha256(content).hexdigest()[:8]}"
    file.write_bytes(bytes(head) + content)
    return file


class Emulator:
    """moto's server with what it lacks (tests/deploy/emulator.py), in memory."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "emulator.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, REPOSITORY / "tests" / "deploy" / "emulator.py", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
            )
        self.wait()

    def wait(self) -> None:
        import requests

        deadline = time.monotonic() + 60
        while True:
            try:
                requests.get(f"{self.url}/moto-api/data.json", timeout=5)
                return
            except requests.RequestException:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-2000:]
                time.sleep(0.2)

    def client(self, service: str):
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def variables(file: Path, **more) -> dict:
    """The variables that every plan needs."""
    return {
        "domain": "social.example.com",
        "region": REGION,
        "contact": "owner@example.com",
        "release": {
            "version": "0.1.0",
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "file": str(file),
        },
        **more,
    }


def offline_plan(folder: Path, **chosen) -> dict:
    """The plan as JSON, made without asking anybody."""
    values = variables(
        program(folder),
        api="none",
        availability_zone=f"{chosen.get('region', REGION)}a",
        ami_id="ami-0123456789abcdef0",
        **chosen,
    )
    (folder / "terraform.tfvars.json").write_text(json.dumps(values))
    return saved_plan(folder)


def saved_plan(folder: Path, *arguments: str) -> dict:
    secrets = {"TF_VAR_link_secret": LINK_MARKER, "TF_VAR_recovery_key": RECOVERY_MARKER}
    usual = ("-input=false", "-no-color", "-refresh=false", "-out=out.tfplan")
    terraform(folder, "plan", *usual, *arguments, **secrets)
    return json.loads(terraform(folder, "show", "-json", "out.tfplan").stdout)


LINK_MARKER = "marker-of-the-link-1a2b3c4d"
RECOVERY_MARKER = "marker-of-the-recovery-5e6f7a8b"


def planned(plan: dict, kind: str) -> dict[str, dict]:
    """What a plan makes of one type, by address."""
    return {
        change["address"]: change["change"]["after"]
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and change["type"] == kind
    }
