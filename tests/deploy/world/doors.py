"""The doors of AWS and of Let's Encrypt in a network of the test's own: they end TLS under the real names and hand on what is said,
to moto and to pebble.

`python doors.py SETTINGS`, a JSON file: certificate, key, doors: [{"address", "port", "to", "tls", "rename"}].
"""

import asyncio
import json
import ssl
import sys

CHUNK = 256 * 1024


async def pump(reader, writer, rename):
    try:
        while chunk := await reader.read(CHUNK):
            for theirs, ours in rename:
                if chunk.startswith(theirs):
                    chunk = ours + chunk[len(theirs) :]
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def serve(door, context):
    inner = ssl.create_default_context() if door["tls"] else None
    if inner:
        # Pebble behind its door: its own certificate is nobody's business here.
        inner.check_hostname, inner.verify_mode = False, ssl.CERT_NONE
    # What Let's Encrypt and pebble call by different names.
    rename = [(f"GET {theirs} ".encode(), f"GET {ours} ".encode()) for theirs, ours in door["rename"].items()]

    async def connected(reader, writer):
        try:
            host, port = door["to"].rsplit(":", 1)
            there = await asyncio.open_connection(host, int(port), ssl=inner)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, there[1], rename), pump(there[0], writer, []))

    return await asyncio.start_server(connected, door["address"], door["port"], ssl=context, limit=CHUNK)


async def main(settings):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings["certificate"], settings["key"])
    doors = [await serve(door, context) for door in settings["doors"]]
    print("ready", flush=True)
    await asyncio.gather(*(door.serve_forever() for door in doors))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asyncio.run(main(json.load(file)))
