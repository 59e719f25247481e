"""Bytes to text: the ladder of character sets. Always an answer, always valid Unicode without NULs.

The order: declared with its superset, strict UTF-8, ISO-2022-JP by its escapes, detected, windows-1252.
"""

import re
from encodings import normalize_encoding
from encodings.aliases import aliases

from charset_normalizer import from_bytes

# What senders declare and what they really use: the superset decodes everything the declared one does.
_SUPERSETS = {
    "ascii": "utf_8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "latin_1": "cp1252",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
    "iso2022_jp_1": "iso2022_jp_ext",
    "big5": "big5hkscs",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
}
# Names seen in mail that Python does not know as aliases.
_SPELLINGS = {
    "x_gbk": "gb18030",
    "x_gb2312": "gb18030",
    "ks_c_5601": "cp949",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_roman": "mac_roman",
    "x_sjis": "cp932",
    "x_euc_jp": "euc_jp",
    "x_windows_949": "cp949",
    "cp_850": "cp850",
    "utf8mb4": "utf_8",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "unicode_1_1_utf_7": "utf_7",
    "dos_866": "cp866",
}
# Codecs that are no character sets, or whose decoding takes quadratic time.
_NO_CHARSETS = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs")
)
_CODECS = (
    frozenset(aliases.values()) | {"koi8_u", "koi8_t", "cp720", "cp737", "cp856", "cp874", "cp1006", "utf_8_sig"}
) - _NO_CHARSETS
# Of one octet to a character. UTF-8 makes sense in none of the first; in the others two letters may look like it.
_LATIN = frozenset((
    *("cp1250", "cp1252", "cp1254", "cp1257", "cp437", "cp850", "cp852", "cp858", "mac_roman"),
    *(f"iso8859_{number}" for number in (1, 2, 3, 4, 9, 10, 13, 14, 15, 16)),
))  # fmt: skip
_SINGLE_OCTETS = re.compile(r"cp(?:125\d|8\d\d|437|7\d\d|10\d\d)|iso8859_\d+|koi8_[rtu]|mac_\w+|tis_620")
_LEAST_SEQUENCES = 8
_DETECTED = ["cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1250", "cp1253", "cp1255", "cp1256"]
_DETECT_BYTES = 4096
_DETECT_LEAST = 4
_JAPANESE = b"\x1b$"
_SURROGATES = re.compile("[\ud800-\udfff]")
# C0 controls except tab and line feed, and DEL: they mean nothing in a text and can drive a terminal.
_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), 127)) | {0x0C: "\n"}


def clean(text: str) -> str:
    """Return the text as valid Unicode, with line feeds as line ends and without control characters.

    Lone surrogates become U+FFFD; tabs stay.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text if text.isprintable() else text.translate(_CONTROLS)
    return _SURROGATES.sub("\ufffd", text.translate(_CONTROLS))


def codec_named(declared: str) -> str:
    """Return the Python codec for a declared charset, "" where it is unknown or no charset at all.

    Names are looked up in a table, never through the import machinery: a sender chooses them.
    """
    name = normalize_encoding(declared.strip(" \t\"'").lower()[:60]) if declared.isascii() else ""
    name = _SPELLINGS.get(name, name)
    codec = aliases.get(name, name)
    if codec not in _CODECS:
        return ""
    return _SUPERSETS.get(codec, codec)


def decode_text(raw: bytes, declared: str) -> tuple[str, str]:
    """Return bytes as text, and what was wrong with them.

    Args:
        raw: Of any length.
        declared: The charset the part names, "" where it names none.

    Returns:
        The text (see `clean`), and a defect for a person, "" where the declared charset (or none with UTF-8) was right.
    """
    codec = codec_named(declared) if declared else "utf_8"
    # In UTF-8 and ASCII an escape means nothing: the text is ISO-2022-JP without its name
    text = _strictly(raw, codec) if codec and not (codec == "utf_8" and _JAPANESE in raw) else None
    if text is not None and not _is_utf_8(raw, codec):
        return clean(text), ""
    text, used = _guessed(raw, codec)
    wrong = f"charset {declared[:40]!r} does not fit" if declared else "8-bit text without a charset"
    return clean(text), f"{clean(wrong)}, read as {used}"


def _is_utf_8(raw: bytes, codec: str) -> bool:
    """Return whether octets are UTF-8 although a charset of single octets is declared, which decodes anything."""
    if raw.isascii() or not (codec in _LATIN or _SINGLE_OCTETS.fullmatch(codec)):
        return False
    text = _strictly(raw, "utf_8")
    if text is None:
        return False
    return codec in _LATIN or len(text.encode("ascii", "ignore")) <= len(text) - _LEAST_SEQUENCES


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _guessed(raw: bytes, codec: str) -> tuple[str, str]:
    if _JAPANESE in raw and (text := _strictly(raw, "iso2022_jp_ext")) is not None:
        return text, "ISO-2022-JP"
    text = _strictly(raw, "utf_8")
    if text is not None:
        return text, "UTF-8"
    if codec == "utf_8":
        text = raw.decode("utf_8", "replace")
        # A few broken bytes in what is UTF-8 otherwise: a character cut in half, a footer in another charset.
        if text.count("\ufffd") * 50 <= len(text) or len(raw.translate(None, _ASCII)) > 4 * text.count("\ufffd"):
            return _mended(raw), "UTF-8 with replacements"
    found = _detected(raw)
    text = _strictly(raw, found) if found else None
    if text is not None:
        return text, found
    return raw.decode("cp1252", "replace"), "windows-1252"


_ASCII = bytes(range(128))
_STRAY = re.compile("[\udc80-\udcff]+(?=(.?))", re.DOTALL)


def _mended(raw: bytes) -> str:
    """Return what is UTF-8 but for a few octets: one alone among letters is windows-1252, others are replaced."""

    def mended(match: re.Match[str]) -> str:
        stray = match[0].encode("utf-8", "surrogateescape")
        alone = len(stray) == 1 and match[1].isalpha()
        return stray.decode("cp1252", "replace") if alone else "\ufffd"

    return _STRAY.sub(mended, raw.decode("utf-8", "surrogateescape"))


def _detected(raw: bytes) -> str:
    """Return the codec detected for text that is mostly outside ASCII, "" where it is not (Western, then)."""
    sample = raw[:_DETECT_BYTES]
    letters = len(sample.translate(None, bytes(range(0x41))))
    foreign = len(sample.translate(None, _ASCII))
    if foreign < _DETECT_LEAST or foreign * 3 < letters:
        return ""
    best = from_bytes(sample, cp_isolation=_DETECTED, threshold=0.5).best()
    return best.encoding if best is not None else ""
