"""What an independent implementation (apsig) signs is accepted, what it was not asked to sign is
refused, and what this server signs it accepts.
"""

import email.utils
import hashlib
import json
import time
import urllib.request
from base64 import b64encode

import pytest
import requests
from apsig.draft.sign import Signer
from apsig.rfc9421 import RFC9421Signer
from harness.puppets import TYPE, Puppets, post
from harness.waiting import eventually


@pytest.fixture(scope="module")
def puppets():
    puppets = Puppets()
    yield puppets
    puppets.close()


@pytest.fixture
def alice(server):
    person = server.person("alice")
    person.actor = f"{server.base}/users/{person.name}"
    person.inbox = f"{person.actor}/inbox"
    return person


def cavage(puppets, inbox, activity, headers=None, signed=None, tamper=False):
    body = json.dumps(activity).encode()
    key_id = f"{puppets.actor(1)}#main-key"
    given = {"Content-Type": TYPE} | (headers or {})
    made = Signer(given, puppets.key, "POST", inbox, key_id, body, signed_headers=signed).sign()
    if tamper:
        body = body.replace(b"Follow", b"Fallow")
    return urllib.request.Request(inbox, data=body, headers=made, method="POST")


def rfc9421(puppets, inbox, activity, covered):
    body = json.dumps(activity).encode()
    path, host = "/" + inbox.split("/", 3)[3], inbox.split("/")[2]
    signer = RFC9421Signer(puppets.key, f"{puppets.actor(1)}#main-key")
    signer.sign_headers = covered
    digest = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
    headers = signer.sign("POST", path, host, {"Content-Type": TYPE, "Content-Digest": digest}, body)
    # apsig puts a digest of another form over the one that it has signed
    headers = {name: value for name, value in headers.items() if name != "content-length"} | {"content-digest": digest}
    return urllib.request.Request(inbox, data=body, headers=headers, method="POST")


def test_both_kinds_are_accepted(server, alice, puppets):
    follow = puppets.activity(1, "Follow", alice.actor)
    assert post(cavage(puppets, alice.inbox, follow)) == 202
    again = puppets.activity(1, "Follow", alice.actor)
    covered = ["@method", "@path", "@authority", "content-digest"]
    assert post(rfc9421(puppets, alice.inbox, again, covered)) == 202


def test_f06_what_is_not_covered_is_refused(server, alice, puppets):
    follow = puppets.activity(1, "Follow", alice.actor)
    for signed in (["(request-target)", "host", "date"], ["(request-target)", "host", "digest"]):
        assert post(cavage(puppets, alice.inbox, follow, signed=signed)) == 401, signed
    assert post(cavage(puppets, alice.inbox, follow, tamper=True)) == 401
    for covered in (["@method", "@path", "@authority"], ["@method", "@authority", "content-digest"], ["@path", "@authority", "content-digest"]):
        assert post(rfc9421(puppets, alice.inbox, follow, covered)) == 401, covered


def test_f07_old_and_future_dates_are_refused(server, alice, puppets):
    follow = puppets.activity(1, "Follow", alice.actor)
    for hours in (-13, 2):
        date = email.utils.formatdate(time.time() + hours * 3600, usegmt=True)
        assert post(cavage(puppets, alice.inbox, follow, {"Date": date})) == 401, hours
    date = email.utils.formatdate(time.time() - 1800, usegmt=True)
    assert post(cavage(puppets, alice.inbox, follow, {"Date": date})) == 202


def test_f05_one_puppet_does_not_speak_for_another(server, alice, puppets):
    forged = puppets.activity(2, "Follow", alice.actor)
    assert post(cavage(puppets, alice.inbox, forged)) == 401


def test_what_is_sent_verifies(server, alice, puppets):
    headers = {"Authorization": f"Bearer {alice.token}"}
    assert puppets.send(3, alice.inbox, puppets.activity(3, "Follow", alice.actor)) == 202
    inbox = "/users/p3/inbox"
    came = lambda wanted: any(path == inbox and kind == wanted for path, kind, _ in puppets.received)
    eventually(lambda: came("Accept"), "the Accept comes and verifies", 20)
    requests.post(f"{server.base}/api/v1/statuses", headers=headers, json={"status": "signed words"}, timeout=10)
    eventually(lambda: came("Create"), "the post comes and verifies", 20)
    assert not puppets.refused, puppets.refused
