"""Feeds, manifest and robots, as programs read them."""

import xml.etree.ElementTree as ElementTree

import requests
from test_web_day import api

ATOM = "{http://www.w3.org/2005/Atom}"


def test_feeds_carry_what_everybody_may_read(server):
    person = server.person("writer")
    hostile = "One < two & <script>alert(1)</script> #feeds"
    shown = api(person, server, "POST", "/api/v1/statuses", json={"status": hostile})
    api(person, server, "POST", "/api/v1/statuses", json={"status": "the ending #feeds", "spoiler_text": "A film"})
    api(person, server, "POST", "/api/v1/statuses", json={"status": "for followers #feeds", "visibility": "private"})
    for path, kind in [
        (f"/@{person.name}/feed.atom", "application/atom+xml"),
        (f"/@{person.name}.rss", "application/rss+xml"),
        ("/tags/feeds/feed.atom", "application/atom+xml"),
        ("/tags/feeds.rss", "application/rss+xml"),
    ]:
        answer = requests.get(server.base + path, timeout=5)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(kind), path
        tree = ElementTree.fromstring(answer.content)
        text = "".join(tree.itertext())
        assert "&lt;script&gt;" in text and "One &lt; two" in text, path
        assert "for followers" not in text and "the ending" not in text and "A film" in text, path
        entries = tree.findall(f"{ATOM}entry") or tree.findall("channel/item")
        assert len(entries) == 2, path
    atom = ElementTree.fromstring(requests.get(f"{server.base}/@{person.name}/feed.atom", timeout=5).content)
    links = [link.get("href") for link in atom.iter(f"{ATOM}link")]
    assert shown["url"] in links
    assert requests.get(f"{server.base}/@nobody-here/feed.atom", timeout=5).status_code == 404


def test_the_client_can_be_installed(server):
    answer = requests.get(f"{server.base}/manifest.webmanifest", timeout=5)
    manifest = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert manifest["start_url"] == "/home" and manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        picture = requests.get(server.base + icon["src"], timeout=5)
        assert picture.status_code == 200 and picture.headers["Content-Type"] == icon["type"]
    robots = requests.get(f"{server.base}/robots.txt", timeout=5).text
    assert "Disallow: /home" in robots and "User-agent: *" in robots
