"""Small pictures made on the spot, so that no binary file lies in the repository."""

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

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
