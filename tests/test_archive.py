"""Everything of an account in one file, and old posts with their media back out of one, by the command line."""

import io
import json
import tarfile
import zipfile

import requests

from harness.pictures import png


def call(server, person, method, path, **options):
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = requests.request(method, server.base + path, headers=headers, timeout=20, **options)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
    return answer.json()


def statuses(server, person):
    me = call(server, person, "GET", "/api/v1/accounts/verify_credentials")
    return call(server, person, "GET", f"/api/v1/accounts/{me['id']}/statuses")


def files_of(path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}


def test_a_whole_account_goes_into_an_archive_and_its_posts_come_out(server, tmp_path):
    old, new = server.person("old"), server.person("new")
    media = call(
        server, old, "POST", "/api/v2/media", files={"file": png()}, data={"description": "a gradient"}
    )
    posted = call(server, old, "POST", "/api/v1/statuses", data={"status": "look #here", "media_ids[]": media["id"]})
    call(server, old, "POST", f"/api/v1/statuses/{posted['id']}/favourite")
    call(server, old, "POST", f"/api/v1/statuses/{posted['id']}/bookmark")

    file = tmp_path / "archive.tar.gz"
    result = json.loads(server.run("account", "archive", old.name, "--to", str(file), "--json").stdout)
    assert result["bytes"] == file.stat().st_size
    files = files_of(file)
    outbox = json.loads(files["outbox.json"])
    note = outbox["orderedItems"][0]["object"]
    assert outbox["totalItems"] == 1 and note["content"].startswith("<p>look")
    place = note["attachment"][0]["url"]
    assert files[place.lstrip("/")].startswith(b"\x89PNG"), "the picture is where its post says"
    for name in ("likes.json", "bookmarks.json"):
        assert json.loads(files[name])["orderedItems"] == [posted["uri"]], name
    assert json.loads(files["actor.json"])["preferredUsername"] == old.name

    dry = json.loads(server.run("account", "import-posts", new.name, str(file), "--dry-run", "--json").stdout)
    assert (dry["posts"], dry["media"], dry["dry_run"]) == (1, 1, True)
    assert statuses(server, new) == []
    done = json.loads(server.run("account", "import-posts", new.name, str(file), "--json").stdout)
    assert (done["posts"], done["media"], done["problems"]) == (1, 1, [])
    [copy] = statuses(server, new)
    assert copy["created_at"][:19] == posted["created_at"][:19]
    assert copy["media_attachments"][0]["description"] == "a gradient"
    assert requests.get(copy["media_attachments"][0]["url"], timeout=10).content.startswith(b"\x89PNG")
    assert copy["tags"][0]["name"] == "here"
    again = json.loads(server.run("account", "import-posts", new.name, str(file), "--json").stdout)
    assert (again["posts"], again["already_there"]) == (0, 1)


ACTOR = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://old.test/users/me",
    "type": "Person",
    "preferredUsername": "me",
    "inbox": "https://old.test/users/me/inbox",
    "followers": "https://old.test/users/me/followers",
}


def mastodon_zip(path, pictures: int) -> None:
    """As Mastodon 4.3 and later make it: a zip, media below `media_attachments`."""

    def note(number: int) -> dict:
        uri = f"https://old.test/users/me/statuses/{number}"
        return {
            "id": f"{uri}/activity",
            "type": "Create",
            "actor": ACTOR["id"],
            "published": f"2019-03-{number:02}T10:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [ACTOR["followers"]],
            "object": {
                "id": uri,
                "type": "Note",
                "attributedTo": ACTOR["id"],
                "published": f"2019-03-{number:02}T10:00:00Z",
                "to": ["https://www.w3.org/ns/activitystreams#Public"],
                "cc": [ACTOR["followers"]],
                "content": f"<p>number {number}</p>",
                "attachment": [{"type": "Document", "mediaType": "image/png", "url": f"/media_attachments/files/{number}.png"}],
            },
        }

    items = [note(number) for number in range(1, 6)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("actor.json", json.dumps(ACTOR))
        archive.writestr("outbox.json", json.dumps({"type": "OrderedCollection", "orderedItems": items}))
        for number in range(1, pictures + 1):
            archive.writestr(f"media_attachments/files/{number}.png", png())


def test_posts_of_a_mastodon_come_with_their_dates_and_what_is_missing_is_told(server, tmp_path):
    person = server.person("mover")
    follower = server.person("follower")
    me = call(server, person, "GET", "/api/v1/accounts/verify_credentials")
    call(server, follower, "POST", f"/api/v1/accounts/{me['id']}/follow")
    file = tmp_path / "archive.zip"
    mastodon_zip(file, pictures=4)
    done = server.run("account", "import-posts", person.name, str(file), "--json", check=False)
    result = json.loads(done.stdout)
    assert done.returncode == 1, "something is missing"
    assert (result["posts"], result["media"], result["media_missing"]) == (5, 4, 1)
    posts = statuses(server, person)
    assert [post["created_at"][:10] for post in posts] == [f"2019-03-{day:02}" for day in range(5, 0, -1)]
    assert [len(post["media_attachments"]) for post in posts] == [0, 1, 1, 1, 1]
    assert call(server, follower, "GET", "/api/v1/timelines/home") == [], "nobody is told"


def test_what_is_no_archive_changes_nothing(server, tmp_path):
    person = server.person("careful")
    for name, content in {"text": b"hello", "empty": b"", "half": zip_half(tmp_path)}.items():
        file = tmp_path / name
        file.write_bytes(content)
        done = server.run("account", "import-posts", person.name, str(file), check=False)
        assert done.returncode == 1 and "archive" in done.stderr.lower(), done.stderr
    assert statuses(server, person) == []


def zip_half(folder) -> bytes:
    buffer = io.BytesIO()
    mastodon_zip(buffer, pictures=2)
    return buffer.getvalue()[:400]
