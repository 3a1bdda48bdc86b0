"""`tuskling deploy` from an empty account to nothing again, against an emulator of AWS, read back by the AWS library."""

import hashlib
import json
import os
import shutil
import subprocess

import pytest
from harness import terraform as tf
from harness.server import REPOSITORY, binary

pytestmark = pytest.mark.skipif(
    not (shutil.which("terraform") or shutil.which("tofu")), reason="terraform is not installed"
)

SETTINGS = """[deploy]
domain = "social.example.com"
region = "eu-west-3"
contact = "owner@example.com"
architecture = "arm64"
"""


class Owner:
    """Somebody with a folder, a terminal and an AWS account of their own."""

    def __init__(self, folder, emulator, settings=SETTINGS):
        self.folder, self.emulator = folder, emulator
        (folder / "tuskling.toml").write_text(settings)
        (folder / "recovery-key").write_text(f"{tf.RECOVERY_MARKER}\n")

    def run(self, *arguments, check=True, **more):
        url = {"AWS_ENDPOINT_URL": self.emulator.url} if self.emulator else {}
        done = subprocess.run(
            [binary(), "deploy", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=tf.SECONDS,
            stdin=subprocess.DEVNULL,
            env=tf.environment(**url, **more),
        )
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    emulator = tf.Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture(scope="module")
def owner(emulator, tmp_path_factory):
    return Owner(tmp_path_factory.mktemp("owner"), emulator)


def test_a_whole_life(owner, emulator, tmp_path):
    first, second = tf.program(tmp_path, content=b"first"), tf.program(tmp_path, content=b"second")
    foretold = json.loads(owner.run("plan", "--json", "--offline", "--release", str(first), "--release-version", "1.0.0").stdout)
    assert foretold["before"]["total_usd"] == 0 < foretold["after"]["total_usd"] < 14.3
    assert not emulator.client("s3").list_buckets()["Buckets"], "a plan makes nothing"

    refused = owner.run("apply", "--release", str(first), "--release-version", "1.0.0", check=False)
    assert refused.returncode == 1 and "nobody agreed" in refused.stderr
    assert not emulator.client("ec2").describe_instances()["Reservations"]

    interrupted(owner)
    applied = owner.run("apply", "--yes").stdout
    assert "in all" in applied and "Name servers" in applied
    assert len(emulator.client("ec2").describe_vpcs(Filters=[{"Name": "tag:project", "Values": ["tuskling"]}])["Vpcs"]) == 1
    made_as_foretold(owner, foretold)
    read_back(emulator)
    no_secret_anywhere(owner, emulator, applied)

    volume_is_kept(owner)
    updated(owner, emulator, second)
    assert json.loads(owner.run("plan", "--json").stdout)["changes"] == []
    from_another_machine(owner, tmp_path)
    destroyed(owner, emulator)


def interrupted(owner):
    """Killed in the middle; the command after it goes on, and makes nothing twice."""
    running = subprocess.Popen(
        [binary(), "deploy", "apply", "--yes"],
        cwd=owner.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=tf.environment(AWS_ENDPOINT_URL=owner.emulator.url),
    )
    for line in running.stdout:
        if "made aws_vpc.main" in line:
            break
    running.kill()
    running.wait(timeout=20)
    assert running.returncode == -9, "it was in the middle"


def made_as_foretold(owner, foretold):
    status = json.loads(owner.run("status", "--json").stdout)
    assert status["deployed"] and set(status["hosts"]) == {"edge", "app"} and status["release"]["version"] == "1.0.0"
    again = json.loads(owner.run("plan", "--json").stdout)
    assert again["changes"] == [], "a second plan is empty"
    assert again["before"]["total_usd"] == pytest.approx(foretold["after"]["total_usd"])


def read_back(emulator):
    ec2, iam, s3 = (emulator.client(name) for name in ("ec2", "iam", "s3"))
    hosts = [one for reservation in ec2.describe_instances()["Reservations"] for one in reservation["Instances"]]
    assert len(hosts) == 2
    assert all(host["MetadataOptions"]["HttpTokens"] == "required" for host in hosts)
    assert len(ec2.describe_addresses()["Addresses"]) == 1
    assert not ec2.describe_nat_gateways()["NatGateways"]
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert all(blocked.values()) and s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    rights(iam)
    records = emulator.client("route53")
    zone = records.list_hosted_zones()["HostedZones"][0]["Id"]
    kinds = [one["Type"] for one in records.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
    assert {"A", "CAA", "TXT", "CNAME", "MX"} <= set(kinds)
    parameter = emulator.client("ssm").get_parameter(Name="/tuskling/production/recovery-key", WithDecryption=True)
    assert parameter["Parameter"]["Value"] == tf.RECOVERY_MARKER and parameter["Parameter"]["Type"] == "SecureString"


def rights(iam):
    """d02: what each role may do, to the letter."""
    assert not iam.list_users()["Users"]
    may = {}
    for role in ("edge", "app"):
        document = iam.get_role_policy(RoleName=f"tuskling-production-{role}", PolicyName=role)["PolicyDocument"]
        lint(document)
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            for resource in statement["Resource"]:
                assert resource not in ("*", "arn:aws:s3:::*")
                for action in statement["Action"]:
                    assert "*" not in action
                    may.setdefault((role, action), []).append(resource)
    edge = {action for role, action in may if role == "edge"}
    assert edge == {"s3:GetObject", "s3:PutObject", "s3:ListBucket", "ssm:GetParameter"}
    assert [one.rsplit(":", 1)[1].split("/", 1)[1] for one in may["edge", "s3:PutObject"]] == ["edge/*"], "no release"
    assert all("-releases-" in one for action in ("s3:PutObject", "s3:ListBucket") for one in may["edge", action])
    assert all("-releases-" in resource for resource in may["edge", "s3:GetObject"])
    assert [one.rsplit("/", 1)[1] for one in may["edge", "ssm:GetParameter"]] == ["link-secret"]
    deletes = sorted(one.split("/", 1)[1] for one in may["app", "s3:DeleteObject"])
    assert deletes == ["backup/locks/*", "media/*"], "backups are pruned by the owner, not by a host"
    assert all("-releases-" not in resource for resource in may["app", "s3:PutObject"])


def lint(policy: dict) -> None:
    """Every action exists, and works on the resources that it is allowed on."""
    target = subprocess.check_output([REPOSITORY / "tests/scripts/target-folder"], text=True).strip()
    command = [f"{target}/checkov-venv/bin/parliament", "--json"]
    done = subprocess.run(command, input=json.dumps(policy), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and not done.stdout.strip(), done.stdout + done.stderr


def no_secret_anywhere(owner, emulator, said):
    s3 = emulator.client("s3")
    state = next(one["Name"] for one in s3.list_buckets()["Buckets"] if "-state-" in one["Name"])
    body = s3.get_object(Bucket=state, Key="tuskling/terraform.tfstate")["Body"].read()
    assert tf.RECOVERY_MARKER.encode() not in body and tf.RECOVERY_MARKER not in said
    for path in owner.folder.rglob("*"):
        if path.is_file() and path.name != "recovery-key" and "providers" not in path.parts:
            assert tf.RECOVERY_MARKER.encode() not in path.read_bytes(), path
    for instance in emulator.client("ec2").describe_instances()["Reservations"]:
        data = emulator.client("ec2").describe_instance_attribute(
            InstanceId=instance["Instances"][0]["InstanceId"], Attribute="userData"
        )
        assert tf.RECOVERY_MARKER not in json.dumps(data, default=str)
    secret = emulator.client("ssm").get_parameter(Name="/tuskling/production/link-secret", WithDecryption=True)
    assert secret["Parameter"]["Value"].encode() not in body


def volume_is_kept(owner):
    """d08: what would replace the data volume is refused before anything is done."""
    file = owner.folder / "tuskling.toml"
    for line, part in (
        ('availability_zone = "eu-west-3b"', "data volume"),
        ("data_volume_gb = 2", "cannot shrink"),
        ('domain = "other.example.com"', "for ever"),
    ):
        name = line.split(" = ")[0]
        kept = [one for one in SETTINGS.splitlines() if not one.startswith(name)]
        file.write_text("\n".join([*kept, line]) + "\n")
        refused = owner.run("apply", "--yes", check=False)
        assert refused.returncode == 1 and part in refused.stderr, refused.stderr
    file.write_text(SETTINGS)


def updated(owner, emulator, release):
    wrong = owner.run("update", "--release", str(release), "--release-version", "1.1.0", "--sha256", "0" * 64, check=False)
    assert wrong.returncode == 1 and "Nothing is uploaded" in wrong.stderr
    owner.run("update", "--release", str(release), "--release-version", "1.1.0")
    s3 = emulator.client("s3")
    bucket = next(one["Name"] for one in s3.list_buckets()["Buckets"] if "-releases-" in one["Name"])
    version, sha256, key = s3.get_object(Bucket=bucket, Key="releases/current")["Body"].read().decode().split()
    assert version == "1.1.0" and key == "releases/1.1.0/arm64/tuskling"
    assert hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest() == sha256


def from_another_machine(owner, folder):
    """The state is found by the settings alone."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    other = Owner(elsewhere, owner.emulator)
    assert json.loads(other.run("status", "--json").stdout)["release"]["version"] == "1.1.0"


def destroyed(owner, emulator):
    assert owner.run("destroy", check=False).returncode == 1, "nobody agreed"
    said = owner.run("destroy", "--yes").stdout
    assert "goes on to cost" in said and "public address" in said
    ec2 = emulator.client("ec2")
    running = [one for r in ec2.describe_instances()["Reservations"] for one in r["Instances"] if one["State"]["Name"] != "terminated"]
    assert not running
    assert len(ec2.describe_addresses()["Addresses"]) == 1 and len(ec2.describe_volumes()["Volumes"]) == 1
    assert len(emulator.client("s3").list_buckets()["Buckets"]) == 4
    owner.run("destroy", "--purge", "--yes")
    left = [one["Name"] for one in emulator.client("s3").list_buckets()["Buckets"]]
    assert len(left) == 1 and "-state-" in left[0]
    assert not ec2.describe_addresses()["Addresses"] and not ec2.describe_volumes()["Volumes"]


def test_what_is_missing_is_said(tmp_path):
    """Without credentials, terraform, a release for the processor, or settings: clear words, and nothing made."""
    owner = Owner(tmp_path, None)
    intel = tf.program(tmp_path, "x86_64")
    wrong = owner.run("apply", "--yes", "--release", str(intel), "--release-version", "1", check=False)
    assert wrong.returncode == 1 and "for x86_64, and the hosts are arm64" in wrong.stderr
    arm = tf.program(tmp_path)
    named = ("--release", str(arm), "--release-version", "1")
    without = owner.run("apply", "--yes", *named, check=False, TUSKLING_TF_PROGRAM=str(tmp_path / "none"))
    assert without.returncode == 1 and "terraform is not installed" in without.stderr
    keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    nobody = owner.run("apply", "--yes", *named, check=False, **keys)
    assert nobody.returncode == 1 and "no AWS credentials" in nobody.stderr, nobody.stderr
    (tmp_path / "tuskling.toml").write_text("")
    unset = owner.run("plan", check=False)
    assert unset.returncode == 1 and "deploy init" in unset.stderr
    (tmp_path / "tuskling.toml").write_text('[deploy]\ndomain = "https://x.example"\n')
    bad = owner.run("plan", check=False)
    assert bad.returncode == 1 and "deploy.domain" in bad.stderr


def test_a_taken_bucket_name_is_said(emulator, tmp_path):
    """Bucket names are shared by all of AWS: somebody else may have ours."""
    settings = SETTINGS.replace("social.", "taken.") + 'bucket_suffix = "taken1"\n'
    owner = Owner(tmp_path, emulator, settings)
    s3 = emulator.client("s3")
    s3.create_bucket(
        Bucket="tuskling-production-media-taken1", CreateBucketConfiguration={"LocationConstraint": tf.REGION}
    )
    named = ("--release", str(tf.program(tmp_path)), "--release-version", "1")
    said = owner.run("apply", "--yes", *named, check=False)
    assert said.returncode == 1 and "deploy.bucket_suffix" in said.stderr, said.stderr


def test_init_writes_a_section_that_can_be_read(tmp_path):
    owner = Owner(tmp_path, None, settings="")
    answers = ("--domain", "social.example.com", "--contact", "owner@example.com", "--architecture", "arm64",
               "--region", "eu-west-3", "--shape", "single", "--dns", "external")
    (tmp_path / "recovery-key").unlink()
    owner.run("init", *answers)
    assert 'shape = "single"' in (tmp_path / "tuskling.toml").read_text()
    assert os.stat(tmp_path / "recovery-key").st_mode & 0o777 == 0o600
    twice = owner.run("init", *answers, check=False)
    assert twice.returncode == 1 and "already" in twice.stderr
    (tmp_path / "tuskling.toml").unlink()
    bad = owner.run("init", *answers[2:], "--domain", "no name", check=False)
    assert bad.returncode == 1 and not (tmp_path / "tuskling.toml").exists()


def test_d09_cost_prices_every_shape_by_its_lines(tmp_path):
    owner = Owner(tmp_path, None)
    for region in ("eu-west-3", "us-east-1"):
        cost = json.loads(owner.run("cost", "--json", "--region", region).stdout)
        shapes = cost["shapes"]
        assert set(shapes) == {"private", "single", "seed", "usual"}
        for shape in shapes.values():
            assert sum(line["usd"] for line in shape["lines"]) == pytest.approx(shape["total_usd"], abs=0.01)
        assert shapes["single"]["total_usd"] < shapes["private"]["total_usd"] < 0.6 * shapes["seed"]["total_usd"]
    unknown = owner.run("cost", "--region", "mars-north-1", check=False)
    assert unknown.returncode == 1 and "eu-west-3" in unknown.stderr


def test_the_readme_has_the_table_that_the_command_makes(tmp_path):
    readme = (tf.REPOSITORY / "README.md").read_text()
    said = Owner(tmp_path, None, settings="").run("cost").stdout
    for row in (line for line in said.splitlines() if line.startswith("| ")):
        assert row in readme, "run `tuskling deploy cost` and put its table into the README"
