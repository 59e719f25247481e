"""Where a person cuts a mail: at its items, or at lines that the person names. Values in, values out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailgateway.app.ports import Words
from mailgateway.errors import PermanentError
from mailgateway.model.decision import Facts
from mailgateway.model.segments import Span, spans_of
from mailgateway.rules.parts import texts_of, with_unnamed
from mailgateway.triage.split import text_without
from mailgateway.triage.split.courtesy import is_closing, is_greeting
from mailgateway.triage.split.items import named_in
from mailgateway.triage.split.page import Page, page_of

MAX_TITLE = 120
_MARK = re.compile(r"[\s*_#>\-\u2022]*(?:\(?(?:\d{1,3}|[A-Za-z])[.):]\s+)?")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a mail.

    Attributes:
        title: What a ticket of it is called; "" where it is several items, or what stands before a line.
        text: Its own words: what the rules see.
        piece: The same in the mail, with what all parts need: greeting, environment, closing.
        files: The names of the attachments that it names, and of those that no part names.
        named: Those that it names.
        stays: Whether it stays on the ticket; of one section at least that is not so, and of one it is.
    """

    title: str
    text: str
    piece: str
    files: tuple[str, ...]
    named: tuple[str, ...]
    stays: bool


@dataclass(frozen=True, slots=True)
class _Rough:
    """A section before it is known what the others are."""

    title: str
    text: str
    spans: tuple[Span, ...]
    named: tuple[str, ...]
    stays: bool


def has_items(facts: Facts | None) -> bool:
    """Return whether items were found in a mail when it was decided."""
    return facts is not None and len(texts_of(facts, "list.item_texts")) > 1


def by_items(words: Words, items: Sequence[int] = ()) -> tuple[Section, ...]:
    """Return the parts of a mail that was found to have items.

    Args:
        words: The mail.
        items: The numbers, from 1, of those that get tickets of their own; all else stays. Where none is named, or
            all are, every item but the first gets one.

    Raises:
        PermanentError: No items were found in it, or it has no such item.
    """
    facts = words.facts
    if facts is None or not has_items(facts):
        raise PermanentError("no items were found in this mail: name the lines at which it is to be cut (--at)")
    found = list(_items(words, facts))
    for item in items:
        if not 1 <= item <= len(found):
            raise PermanentError(f"there is no item {item}: {len(found)} were found in this mail")
    own = set(items)
    if not own or len(own) == len(found):
        own = set(range(2, len(found) + 1))
    rest = [one for number, one in enumerate(found, start=1) if number not in own]
    rough = [one for number, one in enumerate(found, start=1) if number in own]
    rough.insert(sum(one.spans < rest[0].spans for one in rough), _together(rest))
    return _sections(words, rough)


def _items(words: Words, facts: Facts) -> Iterator[_Rough]:
    titles, texts, files = (texts_of(facts, f"list.item_{name}") for name in ("titles", "texts", "files"))
    spans = spans_of(texts_of(facts, "list.item_spans"))
    for title, text, span, names in zip(titles, texts, spans, files, strict=True):
        named = tuple(name for name in names.split("\n") if name in words.files)
        yield _Rough(title, text, (span,), named, stays=False)


def _together(rest: Sequence[_Rough]) -> _Rough:
    """Return items that stay on the ticket as one section."""
    spans = tuple(span for one in rest for span in one.spans)
    named = tuple(dict.fromkeys(name for one in rest for name in one.named))
    title = rest[0].title if len(rest) == 1 else ""
    return _Rough(title, "\n\n".join(one.text for one in rest), spans, named, stays=True)


def by_lines(words: Words, lines: Sequence[str]) -> tuple[Section, ...]:
    """Return the parts of a mail that a person cuts at lines; what stands before the first of them stays.

    Greeting and closing are no part: all parts need them.

    Args:
        words: The mail.
        lines: How each line begins at which a part does, with its number or bullet or without; case and blanks do not
            matter.

    Raises:
        PermanentError: No line, or more than one, begins so, or nothing stands before the first.
    """
    text = words.text
    starts = sorted({_line(text, begins) for begins in lines})
    page = page_of(text, ())
    head, tail = _greeting_end(page), _closing_start(page, starts[-1])
    if not text[head : starts[0]].strip():
        raise PermanentError("nothing would stay on the ticket: nothing stands before the first of these lines")
    edges = (head, *starts, tail)
    return _sections(words, [_cut_out(words, edges[at], edges[at + 1], stays=at == 0) for at in range(len(edges) - 1)])


def _cut_out(words: Words, start: int, end: int, *, stays: bool) -> _Rough:
    text = words.text[start:end].strip()
    start = words.text.index(text, start)
    first = " ".join(text.split("\n", 1)[0].split())
    title = "" if stays else first[_mark_end(first) :].strip("*_#: ")[:MAX_TITLE]
    return _Rough(title, text, ((start, start + len(text)),), named_in(text, words.files), stays)


def _mark_end(line: str) -> int:
    found = _MARK.match(line)
    return found.end() if found else 0


def _line(text: str, begins: str) -> int:
    """Return where the one line begins that a person means."""
    wanted = _plain(begins)
    if not wanted:
        raise PermanentError("a line is named by the words with which it begins: there are none")
    found, at = [], 0
    for line in text.split("\n"):
        if _plain(line).startswith(wanted) or _plain(line[_mark_end(line) :]).startswith(wanted):
            found.append(at)
        at += len(line) + 1
    if len(found) != 1:
        count = f"{len(found)} lines of the mail begin" if found else "no line of the mail begins"
        more = ": give more of the one that is meant" if found else ""
        raise PermanentError(f'{count} with "{begins}"{more}')
    return found[0]


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _greeting_end(page: Page) -> int:
    """Return where the words begin that follow a greeting."""
    rows = [row for row in page.rows if not row.is_blank]
    return rows[0].end if rows and is_greeting(rows[0]) else 0


def _closing_start(page: Page, last: int) -> int:
    """Return where the closing paragraphs begin, behind the line at which the last part does; else the end."""
    start = len(page.text)
    for paragraph in reversed(page.paragraphs):
        if paragraph[0].start <= last or not is_closing(paragraph[0].text):
            break
        start = paragraph[0].start
    return start


def _sections(words: Words, rough: Sequence[_Rough]) -> tuple[Section, ...]:
    """Return the sections, each with what all need."""
    has = with_unnamed([one.named for one in rough], words.files)
    return tuple(
        Section(
            title=one.title,
            text=one.text,
            piece=text_without(words.text, (span for other in rough if other is not one for span in other.spans)),
            files=files,
            named=one.named,
            stays=one.stays,
        )
        for one, files in zip(rough, has, strict=True)
    )
