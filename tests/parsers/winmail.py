"""Makes winmail.dat files for tests: attributes and properties as Outlook writes them (MS-OXTNEF)."""

from struct import pack

SIGNATURE = b"\x78\x9f\x3e\x22\x01\x00"
BODY, PROPERTIES, CODE_PAGE = 0x2800C, 0x69003, 0x69007
RENDERING, TITLE, CONTENT, ATTACHMENT = 0x69002, 0x18010, 0x6800F, 0x69005


def attribute(level: int, name: int, content: bytes) -> bytes:
    return pack("<BII", level, name, len(content)) + content + pack("<H", sum(content) & 0xFFFF)


def padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)


def variable(kind: int, name: int, value: bytes) -> bytes:
    return pack("<HHI", kind, name, 1) + pack("<I", len(value)) + padded(value)


def unicode(name: int, value: str) -> bytes:
    return variable(0x1F, name, value.encode("utf-16-le") + b"\0\0")


def number(name: int, value: int) -> bytes:
    return pack("<HHI", 3, name, value)


def properties(*each: bytes) -> bytes:
    return pack("<I", len(each)) + b"".join(each)


def rich(text: bytes) -> bytes:
    """Return rich text as an uncompressed stream (MS-OXRTFCP section 2.1.3.1)."""
    return variable(0x102, 0x1009, pack("<II4sI", len(text) + 12, len(text), b"MELA", 0) + text)


def file(name: str, content: bytes, *more: bytes) -> bytes:
    return (
        attribute(2, RENDERING, bytes(14))
        + attribute(2, TITLE, b"SHORT~1.DAT\0")
        + attribute(2, CONTENT, content)
        + attribute(2, ATTACHMENT, properties(unicode(0x3707, name), *more))
    )


def winmail(*parts: bytes, code_page: int = 1252) -> bytes:
    return SIGNATURE + attribute(1, CODE_PAGE, pack("<II", code_page, 0)) + b"".join(parts)


def text(*each: bytes) -> bytes:
    return attribute(1, PROPERTIES, properties(*each))
