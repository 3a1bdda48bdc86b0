// A small foreign server on Fedify's library, driven by the tests over /control.
//
// It signs with RSA and Ed25519 keys (HTTP signatures by the spec that PEER_FIRST_KNOCK names, LD
// signatures, object integrity proofs) and notes every activity that its inboxes accept.
//
// Environment: PEER_PORT, PEER_FIRST_KNOCK (rfc9421 | draft-cavage-http-signatures-12), and for TLS
// PEER_CERT and PEER_KEY (files).
import { readFileSync } from "node:fs";
import { createServer as createPlain } from "node:http";
import { createServer as createTls } from "node:https";
import { Temporal } from "@js-temporal/polyfill";
import {
  createFederation,
  exportJwk,
  generateCryptoKeyPair,
  getDocumentLoader,
  importJwk,
  MemoryKvStore,
  verifyJsonLd,
} from "@fedify/fedify";
import {
  Accept,
  Announce,
  Create,
  Delete,
  Endpoints,
  Follow,
  Like,
  Mention,
  Note,
  Person,
  PUBLIC_COLLECTION,
  Tombstone,
  Undo,
  Update,
} from "@fedify/vocab";

const port = Number(process.env.PEER_PORT);
const tls = process.env.PEER_CERT
  ? { cert: readFileSync(process.env.PEER_CERT), key: readFileSync(process.env.PEER_KEY) }
  : null;
const origin = `${tls ? "https" : "http"}://localhost:${port}`;
const name = "fed";

const received = [];
// What came with an LD signature, and whether that was good: { type, good }.
const signed = [];
const followers = new Map();
const notes = new Map();
const keys = [];
for (const kind of ["RSASSA-PKCS1-v1_5", "Ed25519"]) {
  const pair = await generateCryptoKeyPair(kind);
  keys.push({
    privateKey: await importJwk(await exportJwk(pair.privateKey), "private"),
    publicKey: await importJwk(await exportJwk(pair.publicKey), "public"),
  });
}

const federation = createFederation({
  kv: new MemoryKvStore(),
  origin,
  allowPrivateAddress: true,
  firstKnock: process.env.PEER_FIRST_KNOCK || undefined,
});

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (identifier !== name) return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Fed of Fedify",
      summary: "<p>Another kind of server</p>",
      inbox: ctx.getInboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      url: new URL(`${origin}/@${identifier}`),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher((_ctx, identifier) => (identifier === name ? keys : []));

federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({
  items: [...followers.values()],
}));
federation.setObjectDispatcher(Note, "/notes/{id}", (_ctx, values) => notes.get(values.id) ?? null);

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Follow, async (ctx, follow) => {
    await note(ctx, follow);
    const follower = await follow.getActor(ctx);
    followers.set(follower.id.href, follower);
    await ctx.sendActivity(
      { identifier: name },
      follower,
      new Accept({
        id: new URL(`${origin}/accepts/${crypto.randomUUID()}`),
        actor: ctx.getActorUri(name),
        object: follow,
      }),
    );
  })
  .on(Accept, note)
  .on(Create, note)
  .on(Update, note)
  .on(Delete, note)
  .on(Undo, note)
  .on(Like, note)
  .on(Announce, note);

async function note(ctx, activity) {
  const object = await activity.getObject({ ...ctx, suppressError: true });
  received.push({
    type: activity.constructor.name,
    id: activity.id?.href,
    actor: activity.actorId?.href,
    object: activity.objectId?.href,
    objectType: object?.constructor.name,
    content: object?.content?.toString(),
  });
}

async function actorAt(ctx, url) {
  const loader = await ctx.getDocumentLoader({ identifier: name });
  const actor = await ctx.lookupObject(url, { documentLoader: loader });
  if (actor == null) throw new Error(`nothing at ${url}`);
  return actor;
}

const send = (ctx, to, activity) => ctx.sendActivity({ identifier: name }, to, activity);
const fresh = (kind) => new URL(`${origin}/${kind}/${crypto.randomUUID()}`);

// What the tests ask this server to do.
const commands = {
  async follow(ctx, { actor }) {
    const target = await actorAt(ctx, actor);
    await send(ctx, target, new Follow({ id: fresh("follows"), actor: ctx.getActorUri(name), object: target.id }));
  },
  async post(ctx, { text, mention, reply_to: replyTo }) {
    const id = crypto.randomUUID();
    const mentioned = mention ? await actorAt(ctx, mention) : null;
    const post = new Note({
      id: ctx.getObjectUri(Note, { id }),
      attribution: ctx.getActorUri(name),
      content: `<p>${text}</p>`,
      to: PUBLIC_COLLECTION,
      ccs: [ctx.getFollowersUri(name), ...(mentioned ? [mentioned.id] : [])],
      tags: mentioned ? [new Mention({ href: mentioned.id, name: "@somebody" })] : [],
      replyTarget: replyTo ? new URL(replyTo) : null,
      published: Temporal.Now.instant(),
      url: new URL(`${origin}/@${name}/${id}`),
    });
    notes.set(id, post);
    const recipients = [...followers.values(), ...(mentioned ? [mentioned] : [])];
    await send(ctx, recipients, new Create({
      id: new URL(`${post.id.href}#create`),
      actor: ctx.getActorUri(name),
      object: post,
      to: PUBLIC_COLLECTION,
      ccs: [ctx.getFollowersUri(name), ...(mentioned ? [mentioned.id] : [])],
    }));
    return { id: post.id.href };
  },
  async edit(ctx, { id, text }) {
    const key = id.split("/").at(-1);
    const post = notes.get(key).clone({ content: `<p>${text}</p>`, updated: Temporal.Now.instant() });
    notes.set(key, post);
    await send(ctx, [...followers.values()], new Update({
      id: fresh("updates"),
      actor: ctx.getActorUri(name),
      object: post,
      to: PUBLIC_COLLECTION,
    }));
  },
  async remove(ctx, { id }) {
    notes.delete(id.split("/").at(-1));
    await send(ctx, [...followers.values()], new Delete({
      id: fresh("deletes"),
      actor: ctx.getActorUri(name),
      object: new Tombstone({ id: new URL(id) }),
      to: PUBLIC_COLLECTION,
    }));
  },
  async like(ctx, { id, author }) {
    await send(ctx, await actorAt(ctx, author), new Like({
      id: fresh("likes"),
      actor: ctx.getActorUri(name),
      object: new URL(id),
    }));
  },
  async boost(ctx, { id, author }) {
    const to = [...followers.values(), await actorAt(ctx, author)];
    await send(ctx, to, new Announce({
      id: fresh("boosts"),
      actor: ctx.getActorUri(name),
      object: new URL(id),
      to: PUBLIC_COLLECTION,
      published: Temporal.Now.instant(),
    }));
  },
};

async function checkSignature(body) {
  const activity = JSON.parse(body.toString());
  if (!activity.signature) return;
  const loader = getDocumentLoader({ allowPrivateAddress: true });
  const good = await verifyJsonLd(activity, { documentLoader: loader, contextLoader: loader });
  signed.push({ type: activity.type, good });
}

async function control(request, url) {
  const command = url.pathname.slice("/control/".length);
  if (command === "received") return Response.json(received);
  if (command === "signed") return Response.json(signed);
  if (!(command in commands)) return new Response("no such command", { status: 404 });
  const ctx = federation.createContext(new URL(origin), undefined);
  const result = await commands[command](ctx, await request.json());
  return Response.json(result ?? {});
}

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname.startsWith("/control/")) return control(request, url);
  return federation.fetch(request, { contextData: undefined });
}

async function onRequest(message, response) {
  try {
    const chunks = [];
    for await (const chunk of message) chunks.push(chunk);
    const body = chunks.length ? Buffer.concat(chunks) : undefined;
    if (body && message.url.endsWith("/inbox")) await checkSignature(body);
    const request = new Request(new URL(message.url, origin), {
      method: message.method,
      headers: message.headers,
      body,
    });
    const found = await answer(request);
    response.writeHead(found.status, Object.fromEntries(found.headers));
    response.end(Buffer.from(await found.arrayBuffer()));
  } catch (error) {
    console.error(error);
    response.writeHead(500);
    response.end(String(error));
  }
}

const server = tls ? createTls(tls, onRequest) : createPlain(onRequest);
server.listen(port, "127.0.0.1", () => console.log(`peer at ${origin}`));
