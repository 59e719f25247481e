"""winmail.dat (MS-OXTNEF): the files and the text that Outlook hid in it.

A reader of its own: the libraries for it copy the rest of the file for every attribute, follow messages inside each
other without end and lose all files for one wrong octet. Here what was read before a fault is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

from mailgateway.parsers.charset import codec_named, decode_text
from mailgateway.parsers.rtf import decompressed, rtf_text

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTE = Struct("<BHHI")
_PROPERTY = Struct("<HH")
_LONG = Struct("<I")
_MAX_FILES = 200
_MAX_ATTRIBUTES = 20_000
_MAX_PROPERTIES = 5_000
_MAX_DEPTH = 3
_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_BODY, _PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_MANY = 0x1000
_NAMED = 0x8000
_INTERFACE = 16  # Octets before the content of an embedded message
_TEXT, _HTML, _RICH, _HTML_PAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _CONTENT, _MIME, _ID = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712


@dataclass(slots=True)
class TnefFile:
    """A file in it: as far as it says, with its content type and Content-ID ("" where it does not)."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What is in a winmail.dat.

    Attributes:
        text: Its text, "" where it has none.
        is_html: Whether that is HTML.
        files: In their order, those of messages inside it included.
        whole: Whether it could be read to its end.
    """

    text: str = ""
    is_html: bool = False
    files: list[TnefFile] = field(default_factory=list)
    whole: bool = True


def read_tnef(octets: bytes) -> Tnef | None:
    """Return what is in a winmail.dat, None where it is none. Never fails; linear in its size."""
    return _read(octets, 0) if octets.startswith(_SIGNATURE) else None


def _read(octets: bytes, depth: int) -> Tnef:
    found = Tnef()
    codec = "cp1252"
    for name, content in _attributes(octets, found):
        if name == _CODE_PAGE and len(content) >= _LONG.size:
            codec = codec_named(f"cp{_LONG.unpack_from(content)[0]}") or codec
        elif name == _RENDERING and len(found.files) < _MAX_FILES:
            found.files.append(TnefFile())
        elif name == _BODY:
            found.text = found.text or _string(content, codec)
        elif name == _PROPERTIES:
            _take_text(found, dict(_properties(content)), codec)
        elif found.files:
            _take_file(found, name, content, codec, depth)
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _attributes(octets: bytes, found: Tnef) -> Iterator[tuple[int, bytes]]:
    """Yield (name, content) of each attribute (MS-OXTNEF section 2.1.2)."""
    at = 6
    seen = 0
    while at + _ATTRIBUTE.size <= len(octets) and (seen := seen + 1) <= _MAX_ATTRIBUTES:
        level, name, _kind, size = _ATTRIBUTE.unpack_from(octets, at)
        at += _ATTRIBUTE.size
        if level not in (1, 2) or at + size > len(octets):
            found.whole = False
            yield name, octets[at:]
            return
        yield name, octets[at : at + size]
        at += size + 2  # The checksum: what it would tell, the content does


def _properties(octets: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield (id, (type, value)) of each property; of one with many values the first (MS-OXTNEF section 2.1.3.4)."""
    at = _LONG.size
    seen = 0
    while at + _PROPERTY.size <= len(octets) and (seen := seen + 1) <= _MAX_PROPERTIES:
        kind, name = _PROPERTY.unpack_from(octets, at)
        at = _after_name(octets, at + _PROPERTY.size) if name >= _NAMED else at + _PROPERTY.size
        values, at = _values(octets, at, kind)
        if at < 0:
            return
        if values and name < _NAMED:
            yield name, (kind & ~_MANY, values[0])


def _after_name(octets: bytes, at: int) -> int:
    """Return where the value of a named property begins."""
    by_name = octets[at + 16 : at + 20]
    if by_name[:1] != b"\x01":
        return at + 24
    return at + 24 + _padded(int.from_bytes(octets[at + 20 : at + 24], "little"))


def _values(octets: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    """Return the values of a property (the first of them) and where they end, -1 where they do not."""
    size = _FIXED.get(kind & ~_MANY, 0)
    count = 1
    if kind & _MANY or not size:
        if at + _LONG.size > len(octets):
            return [], -1
        count = _LONG.unpack_from(octets, at)[0]
        at += _LONG.size
    if size:
        return [octets[at : at + size]], at + size * min(count, len(octets))
    values: list[bytes] = []
    for _ in range(min(count, _MAX_PROPERTIES)):
        if at + _LONG.size > len(octets):
            return values, -1 if not values else len(octets)
        length = _LONG.unpack_from(octets, at)[0]
        at += _LONG.size
        if not values:
            values.append(octets[at : at + length])
        at += _padded(length)
    return values, at


def _padded(size: int) -> int:
    return size + -size % 4


def _string(octets: bytes, codec: str) -> str:
    return decode_text(octets.rstrip(b"\0"), codec)[0]


def _text_of(value: tuple[int, bytes] | None, codec: str) -> str:
    if value is None:
        return ""
    kind, octets = value
    if kind == _UNICODE:
        return decode_text(octets[: len(octets) & ~1].removesuffix(b"\0\0"), "utf-16-le")[0]
    return _string(octets, codec)


def _take_text(found: Tnef, properties: dict[int, tuple[int, bytes]], codec: str) -> None:
    """Take the message's text: HTML, else rich text, else plain."""
    page = properties.get(_HTML_PAGE, (0, b""))[1]
    html_codec = codec_named(_page_name(int.from_bytes(page, "little"))) or codec
    markup = _text_of(properties.get(_HTML), html_codec)
    rich, is_html = rtf_text(decompressed(properties[_RICH][1])) if _RICH in properties else ("", False)
    plain = _text_of(properties.get(_TEXT), codec) or found.text
    if markup:
        found.text, found.is_html = markup, True
    elif rich.strip() and (is_html or not plain.strip()):
        found.text, found.is_html = rich, is_html
    else:
        found.text, found.is_html = plain, False


def _page_name(page: int) -> str:
    return {65001: "utf-8", 28591: "iso-8859-1", 20127: "us-ascii"}.get(page, f"cp{page}")


def _take_file(found: Tnef, name: int, content: bytes, codec: str, depth: int) -> None:
    file = found.files[-1]
    if name == _TITLE:
        file.name = file.name or _string(content, codec)
    elif name == _DATA:
        file.content = file.content or content
    elif name == _ATTACHMENT:
        properties = dict(_properties(content))
        names = (_text_of(properties.get(each), codec) for each in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME))
        file.name = next((each for each in names if each), file.name)
        file.content_type = _text_of(properties.get(_MIME), codec).strip().lower()
        file.content_id = _text_of(properties.get(_ID), codec).strip(" <>")
        kind, octets = properties.get(_CONTENT, (0, b""))
        if kind == _OBJECT:
            _take_message(found, file, octets[_INTERFACE:], depth)
        elif octets:
            file.content = octets


def _take_message(found: Tnef, file: TnefFile, octets: bytes, depth: int) -> None:
    """Take an embedded message: its text becomes a file, its files become files of the whole."""
    file.content = octets
    if not octets.startswith(_SIGNATURE) or depth >= _MAX_DEPTH:
        return
    inner = _read(octets, depth + 1)
    file.content = inner.text.encode()
    file.content_type = "text/html" if inner.is_html else "text/plain"
    file.name = f"{file.name or 'message'}{'.html' if inner.is_html else '.txt'}"
    found.files[-1:-1] = inner.files[: _MAX_FILES - len(found.files)]  # The file itself stays the last one
