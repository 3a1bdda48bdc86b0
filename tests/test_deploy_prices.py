"""`tuskling deploy cost --refresh`: prices from the public lists of AWS, played by a server on loopback in the format of the Price List
Bulk API ("Reading a price list file" in the AWS Billing user guide)."""

import csv
import io
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness import terraform as tf
from harness.server import binary

ABOUT = [
    ["FormatVersion", "v1.0"], ["Disclaimer", "This pricing list is for informational purposes only."],
    ["Publication Date", "2026-11-25T08:12:00Z"], ["Version", "20261125081200"], ["OfferCode", "any"],
]
COLUMNS = [
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange", "Unit",
    "PricePerUnit", "Currency", "RelatedTo", "Product Family", "serviceCode", "Location", "Location Type", "usageType", "operation",
]
# By list: usage type, operation, unit, price.
PRICES = {
    "AmazonEC2": [
        ("EUW3-BoxUsage:t4g.nano", "RunInstances", "Hrs", "0.0050000000"),
        ("EUW3-BoxUsage:t4g.nano", "RunInstances:0010", "Hrs", "0.0600000000"),
        ("EUW3-EBS:VolumeUsage.gp3", "", "GB-Mo", "0.0928000000"),
        ("EUW3-EBS:SnapshotUsage", "", "GB-Mo", "0.0530000000"),
    ],
    "AmazonS3": [("EUW3-Requests-Tier1", "", "Requests", "0.0000053000"), ("EUW3-TimedStorage-ByteHrs", "", "GB-Mo", "0.0240000000")],
    "AmazonVPC": [("EUW3-PublicIPv4:InUseAddress", "", "Hrs", "0.0050000000")],
}


class Lists:
    """The lists; each may be padded with other people's prices, and asked which were read."""

    def __init__(self):
        self.prices, self.padding, self.asked = {name: list(rows) for name, rows in PRICES.items()}, 0, []
        handler = type("Handler", (Handler,), {"lists": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


class Handler(BaseHTTPRequestHandler):
    lists: Lists

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.lists.asked.append(self.path)
        parts = self.path.split("/")
        prices = self.lists.prices.get(parts[4], [])
        if prices is None:
            self.send_error(503)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(table([*ABOUT, COLUMNS]))
        other = table([row("EUW3-BoxUsage:x9.other", "RunInstances:0202", "Hrs", "9.9")])
        # As much as is asked for, of which nothing is kept.
        block = other * (1 + (1 << 20) // len(other))
        for _ in range(self.lists.padding if parts[4] == "AmazonEC2" else 0):
            self.wfile.write(block)
        self.wfile.write(table([row(*one) for one in prices]))


def row(usage, operation, unit, price):
    return ["A1B2", "JRTCKXETXF", "A1B2.JRTCKXETXF.6YS6EN2CT7", "OnDemand", f"${price}, per {unit}", "2026-11-01", "0", "Inf", unit,
            price, "USD", "", "any", "any", "EU (Paris)", "AWS Region", usage, operation]


def table(rows) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def lists():
    lists = Lists()
    yield lists
    lists.stop()


def cost(folder, lists, *arguments):
    environment = tf.environment(AWS_ENDPOINT_URL_PRICING=lists.url)
    return subprocess.run(
        [binary(), "deploy", "cost", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, env=environment
    )


def test_prices_are_looked_up_dated_and_used(lists, tmp_path):
    before = json.loads(cost(tmp_path, lists, "--json").stdout)
    assert not lists.asked, "nobody is asked without --refresh"
    done = cost(tmp_path, lists, "--refresh", "--json")
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)
    assert after["prices_as_of"] == "2026-11-25"
    # Two hosts, 730 hours, 0.0003 $ more each.
    more = after["shapes"]["private"]["total_usd"] - before["shapes"]["private"]["total_usd"]
    assert more == pytest.approx(2 * 730 * 0.0003, abs=0.011)
    assert "0.0047 $ → 0.005 $" in done.stderr
    assert all("/eu-west-3/" in one for one in lists.asked if "Route53" not in one)
    kept = (tmp_path / ".tuskling/prices.csv").read_text()
    assert 'ec2,t4g.nano od,eu-west-3,hour,0.005,2026-11-25,AWS price list AmazonEC2 of 2026-11-25' in kept
    asked = len(lists.asked)
    said = cost(tmp_path, lists).stdout
    assert "Prices of 2026-11-25, from the price lists of AWS" in said and len(lists.asked) == asked


def test_what_is_implausible_is_refused_and_changes_nothing(lists, tmp_path):
    for usage, unit, price in (
        ("EUW3-BoxUsage:t4g.nano", "Hrs", "0.5"), ("EUW3-BoxUsage:t4g.nano", "Hrs", "0.0000000000"),
        ("EUW3-BoxUsage:t4g.nano", "Fortnights", "0.005"),
    ):
        lists.prices["AmazonEC2"] = [(usage, "RunInstances", unit, price)]
        done = cost(tmp_path, lists, "--refresh")
        assert done.returncode == 1 and "not plausible" in done.stderr and "! ec2 t4g.nano od" in done.stdout, done.stdout + done.stderr
        assert not (tmp_path / ".tuskling/prices.csv").exists()
    lists.prices["AmazonEC2"] = [("EUW3-BoxUsage:t4g.nano", "RunInstances", "Hrs", "0.5")]
    assert cost(tmp_path, lists, "--refresh", "--yes").returncode == 0


def test_a_list_that_is_away_is_said(lists, tmp_path):
    lists.prices["AmazonS3"] = None
    done = cost(tmp_path, lists, "--refresh")
    assert done.returncode == 1 and "AmazonS3" in done.stderr and "503" in done.stderr and "try again" in done.stderr
    assert not (tmp_path / ".tuskling/prices.csv").exists()
    lists.stop()
    done = cost(tmp_path, lists, "--refresh")
    assert done.returncode == 1 and "cannot be read" in done.stderr
    lists.stop = lambda: None


def test_r05_a_large_list_is_never_held(lists, tmp_path):
    lists.padding = 100  # MiB
    command = [binary(), "deploy", "cost", "--refresh"]
    environment = tf.environment(AWS_ENDPOINT_URL_PRICING=lists.url)
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, timeout=280)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
    )
    done = subprocess.run(
        ["python3", "-c", script, *command], cwd=tmp_path, capture_output=True, text=True, timeout=300, env=environment
    )
    status, peak = done.stdout.split()
    assert status == "0", done.stderr
    assert int(peak) < 120, f"{peak} MiB"
