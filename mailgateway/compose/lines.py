"""Text of any origin made safe to put into a header or a body."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
# Overrides and isolates turn the order of what follows: a name must not rewrite the line it stands in.
_BIDI = "\u202a-\u202e\u2066-\u2069"
_NOT_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}]")
_BIDI_CONTROL = re.compile(f"[{_BIDI}]")
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


def valid_unicode(text: str) -> str:
    """Return the text with U+FFFD for every lone surrogate, so that it can be encoded."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def one_line(text: str, limit: int = 0) -> str:
    """Return the text on one line, fit for a header.

    Controls and line ends become spaces, runs of white space one space, bidirectional overrides go, lone
    surrogates become U+FFFD.

    Args:
        text: Anything.
        limit: Characters at most, the last an ellipsis where the text was cut; 0 for no limit.
    """
    if not text.isprintable():  # true for all that the patterns below look for
        text = _NOT_IN_LINE.sub(" ", _BIDI_CONTROL.sub("", valid_unicode(text)))
    line = " ".join(text.split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def body_text(text: str) -> str:
    r"""Return the text as a body may hold it: lines ended by "\n", no controls but tab, valid Unicode.

    Bidirectional controls stay: they end with their line.
    Trailing white space of the whole goes, and one line end is at the end. "" stays "\n".
    """
    if _ODD.search(text):
        text = _NOT_IN_TEXT.sub("", _LINE_END.sub("\n", valid_unicode(text)))
    return text.rstrip() + "\n"
