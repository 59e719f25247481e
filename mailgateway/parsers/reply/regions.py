"""What a line of a mail may be, and the text as lines with what is known of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailgateway.parsers.html_quotes import (
    MARKS,
    QUOTE_CLOSE,
    QUOTE_OPEN,
    QUOTE_REST,
    SIGNATURE_CLOSE,
    SIGNATURE_OPEN,
)

LINE_CHARS: Final = 400
"""What is looked at of a line."""
FRAME: Final = "-_*=~+#>\u2014\u2013\u2015\u2500 \t"
"""What delimiters are framed with."""

# No-break and other wide spaces count as spaces; marks without width, and the dot that lower() leaves of a Turkish I,
# do not count at all.
_FOLDED = {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x3000: " ", 0x307: None, 0xFEFF: None, 0xAD: None} | dict.fromkeys(
    (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), None
)
_STRIPPED = str.maketrans("", "", MARKS)


class Region(Enum):
    """What a line is."""

    NEW = "new"
    QUOTED = "quoted"
    ATTRIBUTION = "attribution"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of a text and what they are; only `regions` changes while they are told apart.

    Attributes:
        lines: As they stand, without the marks of parsers.html_quotes.
        keys: The first 400 characters of each in lower case, stripped, with plain spaces.
        regions: One per line.
    """

    lines: list[str]
    keys: list[str]
    regions: list[Region]

    def mark(self, start: int, end: int, region: Region) -> None:
        """Say what the lines from `start` up to `end` are."""
        self.regions[start:end] = [region] * (end - start)

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield where runs of new lines begin and end."""
        start = 0
        for at in range(len(self.regions) + 1):
            if at == len(self.regions) or self.regions[at] is not Region.NEW:
                if at > start:
                    yield start, at
                start = at + 1

    def joined(self, wanted: Sequence[Region]) -> str:
        """Return the lines of these regions, stripped."""
        pairs = zip(self.lines, self.regions, strict=True)
        return "\n".join(line for line, region in pairs if region in wanted).strip()


def read_text(full_text: str) -> Text:
    """Return the lines of a text; those between the marks of the HTML and those with ">" are told apart already."""
    if any(mark in full_text for mark in MARKS):
        lines, regions = _marked_lines(full_text)
    else:
        lines = full_text.split("\n")
        regions = [Region.NEW] * len(lines)
    keys = [folded(line[:LINE_CHARS]) for line in lines]
    for at, key in enumerate(keys):
        if key.startswith(">"):
            regions[at] = Region.QUOTED
    return Text(lines, keys, regions)


def folded(line: str) -> str:
    """Return a line as phrases are compared with it: in lower case, with plain spaces, stripped."""
    if line.isascii():
        return line.strip().lower()
    return line.lower().translate(_FOLDED).strip()


def _marked_lines(full_text: str) -> tuple[list[str], list[Region]]:
    """Return the lines without marks, and without those that held nothing else; a line counts by its beginning."""
    lines: list[str] = []
    regions: list[Region] = []
    quotes, signatures, rest = 0, 0, False
    for line in full_text.split("\n"):
        words = line.translate(_STRIPPED)
        marked = len(words) != len(line)
        lead = line[: len(line) - len(line.lstrip(MARKS + "> \t"))] if marked else ""
        quotes += lead.count(QUOTE_OPEN)
        signatures += lead.count(SIGNATURE_OPEN)
        rest = rest or QUOTE_REST in lead
        if not marked or words.strip("> \t"):
            lines.append(words)
            regions.append(_certain(quotes > 0 or rest, signatures > 0))
        if marked:
            quotes = max(0, quotes + line[len(lead) :].count(QUOTE_OPEN) - line.count(QUOTE_CLOSE))
            signatures = max(0, signatures + line[len(lead) :].count(SIGNATURE_OPEN) - line.count(SIGNATURE_CLOSE))
            rest = rest or QUOTE_REST in line
    return lines, regions


def _certain(quoted: bool, signature: bool) -> Region:
    if quoted:
        return Region.ATTRIBUTION
    return Region.SIGNATURE if signature else Region.NEW
