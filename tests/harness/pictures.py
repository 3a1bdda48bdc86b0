"""Small pictures made on the spot, so that no binary file lies in the repository."""

import os
import struct
import zlib


def png(width: int = 96, height: int = 64, color: tuple[int, int, int] = (40, 90, 160)) -> bytes:
    """A PNG with a gradient, so that a blurhash of it is not flat."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            shade = (x * 255 // width + y * 255 // height) // 2
            rows += bytes((color[0], (color[1] + shade) % 256, (color[2] + shade // 2) % 256))

    return _png(width, height, zlib.compress(bytes(rows)))


def large_file() -> bytes:
    """A PNG of nearly 16 MiB: noise, which does not get smaller."""
    side = 2_300
    rows = b"".join(b"\0" + os.urandom(side * 3) for _ in range(side))
    return _png(side, side, zlib.compress(rows, 0))


def large_picture() -> bytes:
    """A PNG of a few kilobytes that is 16 megapixels when decoded."""
    side = 4_000
    row = b"\0" + bytes(x * 255 // side for x in range(side) for _ in range(3))
    return _png(side, side, zlib.compress(row * side))


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
