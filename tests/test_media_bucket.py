"""Files in a bucket: what is uploaded lies there, is read from there, and goes when its post goes."""

import os
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from conftest import start_server
from harness import terraform as tf
from harness.pictures import large_file, png
from harness.waiting import eventually

BUCKET = "files-of-the-test"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": tf.REGION}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    emulator = tf.Emulator(tmp_path_factory.mktemp("s3"))
    yield emulator
    emulator.stop()


@pytest.fixture
def bucket(emulator):
    """An empty bucket, as AWS's own library sees it."""
    s3 = boto3.resource("s3", endpoint_url=emulator.url, **KEYS)
    bucket = s3.Bucket(BUCKET)
    bucket.create(CreateBucketConfiguration={"LocationConstraint": tf.REGION})
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


def settings(emulator) -> dict[str, str]:
    return {
        "TUSKLING_MEDIA_STORE": f"s3://{BUCKET}/media",
        "TUSKLING_MEDIA_S3_ENDPOINT": emulator.url,
        "TUSKLING_MEDIA_S3_REGION": tf.REGION,
        "TUSKLING_MEDIA_S3_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "TUSKLING_MEDIA_S3_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
    }


@pytest.fixture(params=("sqlite", "postgres"))
def server(request, emulator, tmp_path):
    server = start_server(request.param, tmp_path, settings(emulator)).start()
    yield server
    server.stop()
    server.clean_up()


def upload(server, token: dict, content: bytes) -> dict:
    sent = requests.post(f"{server.base}/api/v2/media", headers=token, files={"file": ("a.png", content, "image/png")}, timeout=60)
    assert sent.status_code in (200, 202), sent.text
    address = f"{server.base}/api/v1/media/{sent.json()['id']}"
    ready = lambda: requests.get(address, headers=token, timeout=30).status_code == 200  # noqa: E731
    eventually(ready, "the file is processed", 60)
    return requests.get(address, headers=token, timeout=30).json()


def test_files_live_in_the_bucket_alone(server, bucket):
    person = server.person("painter")
    token = {"Authorization": f"Bearer {person.token}"}
    small, large = upload(server, token, png()), upload(server, token, large_file())
    keys = {one.key: one.size for one in bucket.objects.all()}
    path = urlsplit(large["url"]).path
    assert path.startswith("/media/") and keys[path.lstrip("/")] > 6 * 1024 * 1024, "it went up in parts, under its own name"
    assert urlsplit(small["preview_url"]).path.lstrip("/") in keys
    on_disk = [name for _, _, names in os.walk(server.data / "media") for name in names]
    assert not on_disk, "nothing lies on this machine"

    whole = requests.get(server.base + path, timeout=60)
    assert whole.status_code == 200 and whole.headers["Content-Type"] == "image/png"
    assert whole.content == bucket.Object(path.lstrip("/")).get()["Body"].read()
    for asked, first, last in (("bytes=5-9", 5, 9), ("bytes=-4", len(whole.content) - 4, len(whole.content) - 1)):
        part = requests.get(server.base + path, headers={"Range": asked}, timeout=60)
        assert part.status_code == 206 and part.content == whole.content[first : last + 1]
    missing = path[:-9] + "00000.png"
    assert requests.get(server.base + missing, timeout=30).status_code == 404

    post = {"status": "two pictures", "media_ids[]": [small["id"], large["id"]]}
    posted = requests.post(f"{server.base}/api/v1/statuses", headers=token, data=post, timeout=30)
    assert posted.status_code == 200, posted.text
    gone = requests.delete(f"{server.base}/api/v1/statuses/{posted.json()['id']}?delete_media=true", headers=token, timeout=30)
    assert gone.status_code == 200
    eventually(lambda: not list(bucket.objects.all()), "the files are gone", 60)


def test_a_bucket_that_is_away_costs_only_its_files(server, bucket):
    person = server.person("painter")
    token = {"Authorization": f"Bearer {person.token}"}
    kept = upload(server, token, png())
    bucket.objects.all().delete()
    bucket.delete()
    try:
        refused = requests.post(
            f"{server.base}/api/v2/media", headers=token, files={"file": ("a.png", png(), "image/png")}, timeout=90
        )
        assert refused.status_code == 503 and "try again" in refused.json()["error"]
        assert requests.get(kept["url"], timeout=90).status_code in (404, 503)
        assert requests.get(f"{server.base}/api/v1/timelines/home", headers=token, timeout=30).status_code == 200
    finally:
        bucket.create(CreateBucketConfiguration={"LocationConstraint": tf.REGION})
    upload(server, token, png())
