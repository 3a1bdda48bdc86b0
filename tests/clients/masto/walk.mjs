// Walks the surface of masto.js against a running server, as two people. Each step says what it expects;
// the last line of output is JSON: how many steps there were, and what was wrong.
import assert from "node:assert/strict";
import { createRestAPIClient, createStreamingAPIClient } from "masto";

const [base, aliceToken, bobToken, pushKey, pushAuth] = process.argv.slice(2);
const client = (accessToken) => createRestAPIClient({ url: base, accessToken });
const alice = client(aliceToken);
const bob = client(bobToken);
const nobody = createRestAPIClient({ url: base });

const failures = [];
let steps = 0;
async function step(name, work) {
  steps += 1;
  try {
    return await work();
  } catch (error) {
    const cause = error?.statusCode ? `${error.statusCode} ${error.message}` : (error?.stack ?? String(error));
    failures.push(`${name}: ${cause}`);
    return undefined;
  }
}
// What another step needs and nothing can do without.
async function need(name, work) {
  const found = await step(name, work);
  if (found === undefined) {
    finish();
  }
  return found;
}
function finish() {
  console.log(JSON.stringify({ steps, failures }));
  process.exit(0);
}
const ids = (list) => list.map((one) => one.id);
async function eventually(work) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
async function all(paginator) {
  const found = [];
  for await (const page of paginator) found.push(...page);
  return found;
}

const me = await need("verify credentials", () => alice.v1.accounts.verifyCredentials());
const other = await need("verify the other's", () => bob.v1.accounts.verifyCredentials());
const theirs = alice.v1.accounts.$select(other.id);

await step("server, both versions", async () => {
  const v2 = await nobody.v2.instance.fetch();
  assert.ok(v2.configuration.statuses.supportedMimeTypes.includes("text/markdown"));
  assert.equal((await nobody.v1.instance.fetch()).uri, v2.domain);
});
await step("about the server", async () => {
  await nobody.v1.instance.activity.list();
  await nobody.v1.instance.peers.list();
  await nobody.v1.instance.languages.list();
  await nobody.v1.instance.extendedDescription.fetch();
  await nobody.v1.instance.translationLanguages.list();
  await nobody.v1.customEmojis.list();
  await nobody.v1.directory.list({ limit: 5 });
});
await step("trends that are off", async () => {
  for (const list of [nobody.v1.trends.tags, nobody.v1.trends.links, nobody.v1.trends.statuses]) {
    assert.deepEqual(await list.list(), []);
  }
});
await step("an app", async () => {
  const app = await nobody.v1.apps.create({ clientName: "walk", redirectUris: "urn:ietf:wg:oauth:2.0:oob", scopes: "read" });
  assert.ok(app.clientId && app.clientSecret);
});

await step("profile", async () => {
  const changed = await alice.v1.accounts.updateCredentials({
    displayName: "Alice of the walk",
    note: "walks",
    fieldsAttributes: [{ name: "a", value: "b" }],
    source: { language: "en" },
  });
  assert.equal(changed.displayName, "Alice of the walk");
  assert.equal(changed.source.fields[0].name, "a");
  assert.equal((await alice.v1.preferences.fetch())["posting:default:language"], "en");
});
await step("finding an account", async () => {
  assert.equal((await alice.v1.accounts.lookup({ acct: other.acct })).id, other.id);
  assert.equal((await theirs.fetch()).id, other.id);
  assert.deepEqual(ids(await alice.v1.accounts.fetch({ id: [other.id] })), [other.id]);
  assert.ok(ids(await alice.v1.accounts.search.list({ q: other.username })).includes(other.id));
});

await step("follow and relationship", async () => {
  await bob.v1.accounts.$select(me.id).follow();
  assert.equal((await theirs.follow({ notify: true })).following, true);
  const [relation] = await alice.v1.accounts.relationships.fetch({ id: [other.id] });
  assert.equal(relation.notifying && relation.followedBy, true);
  assert.equal((await theirs.note.create({ comment: "kind" })).note, "kind");
  assert.deepEqual(ids(await alice.v1.accounts.$select(me.id).following.list()), [other.id]);
  assert.deepEqual(ids(await alice.v1.accounts.$select(me.id).followers.list()), [other.id]);
  assert.deepEqual(await alice.v1.accounts.familiarFollowers.fetch({ id: [other.id] }).then(ids), [other.id]);
});

const media = await step("upload", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const made = await alice.v2.media.create({ file: new Blob([png], { type: "image/png" }), description: "a dot" });
  assert.equal((await alice.v1.media.$select(made.id).update({ description: "one dot" })).description, "one dot");
  assert.equal((await alice.v1.media.$select(made.id).fetch()).id, made.id);
  return made;
});
const status = await need("post", () =>
  alice.v1.statuses.create({
    status: `walking #walk${me.id} @${other.username}`,
    mediaIds: media ? [media.id] : undefined,
    language: "en",
  }),
);
const mine = alice.v1.statuses.$select(status.id);
const seen = bob.v1.statuses.$select(status.id);
await step("what a post is", async () => {
  assert.equal(status.mentions[0].id, other.id);
  assert.equal((await mine.source.fetch()).text.startsWith("walking"), true);
  assert.equal((await nobody.v1.statuses.$select(status.id).fetch()).id, status.id);
  assert.deepEqual(ids(await alice.v1.statuses.fetch({ id: [status.id] })), [status.id]);
});
await step("an edit and its history", async () => {
  const edited = await mine.update({ status: `walked #walk${me.id} @${other.username}`, mediaIds: media ? [media.id] : undefined });
  assert.ok(edited.editedAt);
  assert.equal((await mine.history.list()).length, 2);
});
const reply = await need("answer", () => bob.v1.statuses.create({ status: `@${me.username} so it is`, inReplyToId: status.id }));
await step("thread", async () => {
  const context = await mine.context.fetch();
  assert.deepEqual(ids(context.descendants), [reply.id]);
});
for (const [verb, back, flag] of [
  ["favourite", "unfavourite", "favourited"],
  ["bookmark", "unbookmark", "bookmarked"],
  ["mute", "unmute", "muted"],
]) {
  await step(`${verb} and back`, async () => {
    assert.equal((await seen[verb]())[flag], true);
    assert.equal((await seen[back]())[flag], false);
    await seen[verb]();
  });
}
await step("lists of what was marked", async () => {
  assert.deepEqual(ids(await bob.v1.favourites.list()), [status.id]);
  assert.deepEqual(ids(await bob.v1.bookmarks.list()), [status.id]);
  assert.deepEqual(ids(await mine.favouritedBy.list()), [other.id]);
});
await step("boost and back", async () => {
  assert.equal((await seen.reblog()).reblog.id, status.id);
  assert.deepEqual(ids(await mine.rebloggedBy.list()), [other.id]);
  assert.equal((await seen.unreblog()).reblogged, false);
});
await step("pin and back", async () => {
  assert.equal((await mine.pin()).pinned, true);
  const pinned = await alice.v1.accounts.$select(me.id).statuses.list({ pinned: true });
  assert.deepEqual(ids(pinned), [status.id]);
  assert.equal((await mine.unpin()).pinned, false);
});
await step("quote", async () => {
  const quote = await bob.v1.statuses.create({ status: "as was said", quotedStatusId: status.id });
  assert.equal(quote.quote.quotedStatus.id, status.id);
  assert.deepEqual(ids(await mine.quotes.list()), [quote.id]);
});
await step("poll", async () => {
  const asked = await alice.v1.statuses.create({ status: "which?", poll: { options: ["a", "b"], expiresIn: 3600 } });
  const voted = await bob.v1.polls.$select(asked.poll.id).votes.create({ choices: [1] });
  assert.deepEqual([voted.voted, voted.ownVotes], [true, [1]]);
  assert.equal((await alice.v1.polls.$select(asked.poll.id).fetch()).votesCount, 1);
});
await step("scheduled", async () => {
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const later = await alice.v1.statuses.create({ status: "later", scheduledAt: at });
  const one = alice.v1.scheduledStatuses.$select(later.id);
  assert.equal((await one.fetch()).params.text, "later");
  await one.update({ scheduledAt: new Date(Date.now() + 7_200_000).toISOString() });
  assert.deepEqual(ids(await alice.v1.scheduledStatuses.list()), [later.id]);
  await one.remove();
  assert.deepEqual(await alice.v1.scheduledStatuses.list(), []);
});

await step("timelines", async () => {
  await eventually(async () => assert.ok(ids(await bob.v1.timelines.home.list()).includes(status.id)));
  assert.ok(ids(await bob.v1.timelines.public.list({ local: true })).includes(status.id));
  assert.deepEqual(ids(await bob.v1.timelines.tag.$select(`walk${me.id}`).list()), [status.id]);
});
await step("pages by the library's own walk", async () => {
  for (let number = 0; number < 4; number += 1) await alice.v1.statuses.create({ status: `page ${number}` });
  const walked = await all(alice.v1.accounts.$select(me.id).statuses.list({ limit: 2 }));
  const whole = await alice.v1.accounts.$select(me.id).statuses.list({ limit: 40 });
  assert.deepEqual(ids(walked), ids(whole));
});
await step("lists", async () => {
  const list = await alice.v1.lists.create({ title: "walkers" });
  const one = alice.v1.lists.$select(list.id);
  await one.accounts.create({ accountIds: [other.id] });
  assert.deepEqual(ids(await one.accounts.list()), [other.id]);
  assert.deepEqual(ids(await theirs.lists.list()), [list.id]);
  assert.ok(ids(await alice.v1.timelines.list.$select(list.id).list()).includes(reply.id));
  assert.equal((await one.update({ title: "runners", repliesPolicy: "none" })).title, "runners");
  await one.accounts.remove({ accountIds: [other.id] });
  assert.deepEqual(ids(await alice.v1.lists.list()), [list.id]);
  await one.remove();
});
await step("conversations", async () => {
  await bob.v1.statuses.create({ status: `@${me.username} between us`, visibility: "direct" });
  const talk = await eventually(async () => {
    const [found] = await alice.v1.conversations.list();
    assert.equal(found.unread, true);
    return found;
  });
  assert.equal((await alice.v1.conversations.$select(talk.id).read()).unread, false);
  await alice.v1.conversations.$select(talk.id).remove();
});

await step("notifications", async () => {
  const list = await eventually(async () => {
    const found = await alice.v1.notifications.list({ types: ["mention", "favourite"] });
    assert.ok(found.some((one) => one.type === "mention") && found.some((one) => one.type === "favourite"));
    return found;
  });
  assert.equal((await alice.v1.notifications.$select(list[0].id).fetch()).id, list[0].id);
  assert.ok((await alice.v1.notifications.unreadCount.fetch()).count > 0);
  const groups = await alice.v2.notifications.list();
  const group = groups.notificationGroups[0];
  assert.equal((await alice.v2.notifications.$select(group.groupKey).fetch()).notificationGroups.length, 1);
  await alice.v2.notifications.$select(group.groupKey).accounts.fetch();
  assert.ok((await alice.v2.notifications.unreadCount.fetch()).count > 0);
  await alice.v1.notifications.$select(list[0].id).dismiss();
  await alice.v2.notifications.$select(group.groupKey).dismiss();
  await alice.v1.markers.create({ notifications: { lastReadId: list[0].id } });
  assert.equal((await alice.v1.markers.fetch({ timeline: ["notifications"] })).notifications.lastReadId, list[0].id);
});
await step("notification policy and requests", async () => {
  const policy = await alice.v2.notifications.policy.update({ forPrivateMentions: "filter" });
  assert.equal(policy.forPrivateMentions, "filter");
  assert.deepEqual(await alice.v1.notifications.requests.list(), []);
  assert.equal((await alice.v1.notifications.requests.merged.fetch()).merged, true);
  await alice.v2.notifications.policy.update({ forPrivateMentions: "accept" });
});
await step("filters, both versions", async () => {
  const filter = await alice.v2.filters.create({
    title: "no news",
    context: ["home"],
    filterAction: "warn",
    keywordsAttributes: [{ keyword: "news", wholeWord: true }],
  });
  const one = alice.v2.filters.$select(filter.id);
  assert.equal((await one.keywords.list())[0].keyword, "news");
  const word = await one.keywords.create({ keyword: "more", wholeWord: false });
  assert.equal((await alice.v2.filters.keywords.$select(word.id).update({ keyword: "less" })).keyword, "less");
  await alice.v2.filters.keywords.$select(word.id).remove();
  const hidden = await one.statuses.create({ statusId: status.id });
  assert.equal((await alice.v2.filters.statuses.$select(hidden.id).fetch()).statusId, status.id);
  await alice.v2.filters.statuses.$select(hidden.id).remove();
  assert.equal((await one.update({ title: "still none" })).title, "still none");
  assert.equal((await alice.v1.filters.list())[0].phrase, "news");
  await one.remove();
  assert.deepEqual(await alice.v2.filters.list(), []);
});
await step("tags", async () => {
  const tag = alice.v1.tags.$select("walking");
  assert.equal((await tag.follow()).following, true);
  assert.equal((await alice.v1.followedTags.list())[0].name, "walking");
  assert.equal((await tag.unfollow()).following, false);
  const featured = await alice.v1.featuredTags.create({ name: `walk${me.id}` });
  assert.deepEqual(ids(await alice.v1.featuredTags.list()), [featured.id]);
  assert.deepEqual(ids(await bob.v1.accounts.$select(me.id).featuredTags.list()), [featured.id]);
  await alice.v1.featuredTags.suggestions.list();
  await alice.v1.featuredTags.$select(featured.id).remove();
});
await step("endorsements and suggestions", async () => {
  await theirs.endorse();
  assert.deepEqual(ids(await alice.v1.endorsements.list()), [other.id]);
  await theirs.unendorse();
  await alice.v2.suggestions.list();
});
await step("search", async () => {
  const found = await alice.v2.search.list({ q: other.username, type: "accounts" });
  assert.ok(ids(found.accounts).includes(other.id));
});
await step("mutes, blocks, domains", async () => {
  assert.equal((await theirs.mute({ notifications: true })).muting, true);
  assert.deepEqual(ids(await alice.v1.mutes.list()), [other.id]);
  assert.equal((await theirs.unmute()).muting, false);
  await alice.v1.domainBlocks.create({ domain: "bad.test" });
  assert.deepEqual(await alice.v1.domainBlocks.list(), ["bad.test"]);
  await alice.v1.domainBlocks.remove({ domain: "bad.test" });
  assert.equal((await theirs.block()).blocking, true);
  assert.deepEqual(ids(await alice.v1.blocks.list()), [other.id]);
  assert.equal((await theirs.unblock()).blocking, false);
});
await step("follow requests", async () => {
  await alice.v1.accounts.updateCredentials({ locked: true });
  await bob.v1.accounts.$select(me.id).follow();
  assert.deepEqual(ids(await alice.v1.followRequests.list()), [other.id]);
  assert.equal((await alice.v1.followRequests.$select(other.id).authorize()).followedBy, true);
  assert.equal((await theirs.removeFromFollowers()).followedBy, false);
  await bob.v1.accounts.$select(me.id).follow();
  await alice.v1.followRequests.$select(other.id).reject();
  await alice.v1.accounts.updateCredentials({ locked: false });
});
await step("report", async () => {
  const report = await alice.v1.reports.create({ accountId: other.id, comment: "only a walk", statusIds: [reply.id] });
  assert.equal(report.targetAccount.id, other.id);
});
await step("push subscription", async () => {
  const made = await alice.v1.push.subscription.create({
    subscription: { endpoint: "https://push.test/x", keys: { p256dh: pushKey, auth: pushAuth } },
    data: { alerts: { mention: true }, policy: "all" },
  });
  assert.equal(made.endpoint, "https://push.test/x");
  assert.equal((await alice.v1.push.subscription.update({ data: { alerts: { follow: true } } })).alerts.follow, true);
  await alice.v1.push.subscription.remove();
});
await step("announcements", async () => assert.ok(Array.isArray(await alice.v1.announcements.list())));
await step("errors are the library's own", async () => {
  await assert.rejects(async () => alice.v1.statuses.$select("1").fetch(), (error) => error.statusCode === 404);
  await assert.rejects(async () => nobody.v1.timelines.home.list(), (error) => error.statusCode === 401);
});
await step("streaming", async () => {
  const instance = await alice.v2.instance.fetch();
  const streaming = createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming,
    accessToken: aliceToken,
  });
  await streaming.prepare();
  const events = streaming.user.subscribe();
  const heard = (async () => {
    for await (const event of events) {
      if (event.event === "update" && event.payload.content.includes("live")) return event.payload;
    }
    return undefined;
  })();
  // The subscription travels beside the post: say it until it is heard.
  const saying = setInterval(() => alice.v1.statuses.create({ status: "live" }).catch(() => {}), 1_000);
  const limit = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing came")), 60_000).unref());
  try {
    assert.equal((await Promise.race([heard, limit])).account.id, me.id);
  } finally {
    clearInterval(saying);
    events.unsubscribe();
    streaming.close();
  }
});
await step("deleting", async () => {
  const gone = await mine.remove();
  assert.ok(gone.text.startsWith("walked"));
});
finish();
