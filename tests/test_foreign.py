"""A foreign peer made of Fedify's library: it knocks with either kind of signature first, over plain
http and over TLS with an authority of the test's own, and signs with RSA and Ed25519 keys.
"""

import subprocess

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from conftest import ENGINES, keep_log, start_server
from harness.fedify import Fedify
from harness.waiting import eventually

SECONDS = 20


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """An authority and a certificate for localhost: paths of CA, certificate and key."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "peer.key", "-out", "peer.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n", encoding="ascii")
    openssl("x509", "-req", "-in", "peer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names", "-out", "peer.pem")  # fmt: skip
    return folder / "ca.pem", folder / "peer.pem", folder / "peer.key"


@pytest.fixture(params=["rfc9421-http", "draft-cavage-http-signatures-12-http", "rfc9421-https", "draft-cavage-http-signatures-12-https"])
def peer(request, certificate):
    first_knock, scheme = request.param.rsplit("-", 1)
    authority, cert, key = certificate
    tls = scheme == "https"
    peer = Fedify(first_knock, (cert, key) if tls else None, authority if tls else None)
    yield peer
    peer.stop()


@pytest.fixture(scope="module", params=ENGINES)
def house(request, tmp_path_factory, certificate):
    settings = {"SSL_CERT_FILE": str(certificate[0])}
    server = start_server(request.param, tmp_path_factory.mktemp(f"{request.param}-foreign"), settings).start()
    yield server
    try:
        server.stop()
    finally:
        keep_log(server)
        server.clean_up()


def test_the_whole_conversation(house, peer):
    person = house.person("alice")
    alice = Mastodon(access_token=person.token, api_base_url=house.base, ratelimit_method="throw")
    actor = f"{house.base}/users/{person.name}"

    def arrived(kind, **wanted):
        return [
            activity
            for activity in peer.received()
            if activity["type"] == kind and all(activity.get(name) == value for name, value in wanted.items())
        ]

    # it is found by its handle, and a follow is accepted
    (fed,) = alice.account_search(f"@{peer.handle}", resolve=True)
    assert (fed.acct, fed.display_name, fed.uri) == (peer.handle, "Fed of Fedify", peer.actor)
    alice.account_follow(fed)
    eventually(lambda: alice.account_relationships(fed)[0].following, "Fedify accepts the follow", SECONDS)

    # it follows back
    peer.tell("follow", actor=actor)
    eventually(lambda: alice.account_relationships(fed)[0].followed_by, "Fedify follows", SECONDS)
    eventually(lambda: arrived("Accept"), "Fedify hears the Accept", SECONDS)

    # what it posts, edits and removes is seen
    post = peer.tell("post", text="greetings from elsewhere", mention=actor)["id"]
    look = lambda: next((s for s in alice.timeline_home() if "greetings from elsewhere" in s.content), None)
    seen = eventually(look, "its post arrives", SECONDS)
    assert seen.uri == post and seen.account.id == fed.id
    eventually(lambda: [n for n in alice.notifications() if n.type == "mention"], "the mention is told", SECONDS)
    peer.tell("edit", id=post, text="greetings, edited")
    eventually(lambda: "edited" in alice.status(seen.id).content, "the edit arrives", SECONDS)

    # what is said here reaches it: reply, favourite, boost, and each taken back
    reply = alice.status_post(f"@{peer.handle} well met", in_reply_to_id=seen.id)
    (created,) = eventually(lambda: arrived("Create"), "Fedify gets the reply", SECONDS)
    assert created["object"] == reply.uri and "well met" in created["content"]
    alice.status_favourite(seen.id)
    eventually(lambda: arrived("Like", object=post), "Fedify gets the favourite", SECONDS)
    alice.status_reblog(seen.id)
    eventually(lambda: arrived("Announce", object=post), "Fedify gets the boost", SECONDS)
    alice.status_unfavourite(seen.id)
    alice.status_unreblog(seen.id)
    eventually(lambda: len(arrived("Undo")) >= 2, "Fedify gets both taken back", SECONDS)
    alice.status_update(reply.id, f"@{peer.handle} very well met")
    eventually(lambda: arrived("Update", object=reply.uri), "Fedify gets the edit", SECONDS)

    # what it thinks of it is told
    peer.tell("like", id=reply.uri, author=actor)
    peer.tell("boost", id=reply.uri, author=actor)
    for kind in ("favourite", "reblog"):
        eventually(lambda: [n for n in alice.notifications() if n.type == kind], f"the {kind} is told", SECONDS)
    counts = alice.status(reply.id)
    assert (counts.favourites_count, counts.reblogs_count) == (1, 1)

    alice.status_delete(reply.id)
    eventually(lambda: arrived("Delete", object=reply.uri), "Fedify gets the deletion", SECONDS)
    peer.tell("remove", id=post)

    def is_gone():
        try:
            alice.status(seen.id)
        except MastodonNotFoundError:
            return True
        return False

    eventually(is_gone, "its deletion arrives", SECONDS)
    alice.account_unfollow(fed)
    eventually(lambda: len(arrived("Undo")) >= 3, "Fedify gets the end of the follow", SECONDS)

    # what is open to everybody could have been passed on: it is signed inside, and well
    signed = peer.signed()
    assert all(activity["good"] for activity in signed), signed
    assert {activity["type"] for activity in signed} == {"Create", "Announce", "Undo", "Update", "Delete"}
