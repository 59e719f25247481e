"""What the programs have in common: quoting in text and HTML, header blocks, putting the parts into one mail."""

import hashlib
import html
from dataclasses import dataclass, field

from tests.corpus.sealing import mime
from tests.corpus.sealing.voices import Letter

BLANK = "\n\n"
esc = html.escape


@dataclass(frozen=True, slots=True)
class Dressed:
    """A letter as a program writes it.

    Attributes:
        text: The text part, None where the program sends HTML alone.
        html: The HTML part, None where it sends text alone.
        headers: The program's own header fields.
        boundary: Of multipart/alternative.
        charset: Of both parts, "" for the language's old one.
        bye: The closing lines that stand in the mail.
        signature: Unmarked signature lines below them.
        cte: The transfer encoding of both parts, "" for the usual one.
        flowed: Whether the text part is format=flowed.
        reply: The subject's prefix.
    """

    text: str | None
    html: str | None
    headers: tuple[tuple[str, str], ...]
    boundary: str = "=_alt"
    charset: str = "utf-8"
    bye: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    cte: str = ""
    flowed: bool = False
    reply: str = "Re: "
    form: str = field(default="B")


def chance(written: Letter, what: str, of: int) -> int:
    """Return a number below `of` that hangs on the letter's name alone."""
    return int.from_bytes(hashlib.sha256(f"{written.key} {what}".encode()).digest()[:4]) % of


def token(written: Letter, what: str, length: int) -> str:
    """Return hex digits that hang on the letter's name alone."""
    return hashlib.sha256(f"{written.key} {what}".encode()).hexdigest()[:length]


def quoted_lines(text: str, width: int = 76) -> str:
    """Return text behind `> `, broken at the width; empty lines become `>`."""
    return "\n".join((">" if not line else f"> {line}") for line in mime.wrapped(text, width).split("\n"))


def thread_text(written: Letter, width: int = 76) -> str:
    """Return the thread with `> ` before what is quoted and the author's answers between."""
    blocks: list[str] = []
    run: list[str] = []
    for kind, text in written.thread:
        if kind == "quote":
            run.append(text)
            continue
        blocks += [quoted_lines(BLANK.join(run), width)] if run else []
        blocks, run = [*blocks, mime.wrapped(text, width)], []
    return BLANK.join([*blocks, *([quoted_lines(BLANK.join(run), width)] if run else [])])


def thread_html(written: Letter, opening: str, line: str, gap: str, closing: str = "</blockquote>") -> str:
    """Return the thread as HTML: runs of quoted paragraphs inside the opening, answers outside.

    Args:
        written: The letter.
        opening: The start tag of a quote.
        line: A template with {} for each paragraph.
        gap: What stands between two paragraphs.
        closing: What ends a quote.
    """
    blocks: list[str] = []
    run: list[str] = []
    for kind, text in written.thread:
        if kind == "quote":
            run.append(line.format(esc(text, quote=False)))
            continue
        blocks += [opening + gap.join(run) + closing] if run else []
        blocks, run = [*blocks, gap + line.format(esc(text, quote=False)) + gap], []
    return "\n".join([*blocks, *([opening + gap.join(run) + closing] if run else [])])


def original_text(written: Letter) -> str:
    """Return what was quoted without any marks."""
    return BLANK.join(text for kind, text in written.thread if kind == "quote")


def original_html(written: Letter, line: str, gap: str) -> str:
    """Return what was quoted as HTML."""
    return gap.join(line.format(esc(text, quote=False)) for kind, text in written.thread if kind == "quote")


def attribution_html(line: str, address: str, *, link: str = '<a href="mailto:{0}">{0}</a>') -> str:
    """Return an attribution line as HTML, the address as a link."""
    return esc(line, quote=False).replace(address, link.format(address))


def block(written: Letter, *names: str, sent: str = "") -> list[tuple[str, str]]:
    """Return label and value of a header block's lines, in the order of the names."""
    values = {
        "from": f"{written.agent[0]} <{written.agent[1]}>",
        "sent": sent or written.said("sent"), "date": sent or written.said("sent"),
        "to": f"{written.person.name} <{written.person.address}>",
        "subject": written.subject, "cc": "Archive <archive@acme.example>",
    }  # fmt: skip
    return [(written.marked(name), values[name]) for name in names]


def signed(written: Letter, dressed: Dressed) -> list[str]:
    """Return the closing and the unmarked signature as one block, [] where there is none."""
    lines = (*dressed.bye, *dressed.signature)
    return ["\n".join(lines)] if lines and written else []


def mail(written: Letter, dressed: Dressed) -> bytes:
    """Return the mail's octets."""
    charset = dressed.charset or str(written.words["charset"])
    extra = "; format=flowed" if dressed.flowed else ""
    parts = [mime.text_part(dressed.text, charset=charset, cte=dressed.cte, extra=extra)] if dressed.text else []
    parts += [mime.text_part(dressed.html, kind="html", charset=charset, cte=dressed.cte)] if dressed.html else []
    body = parts[0] if len(parts) == 1 else mime.multipart("alternative", dressed.boundary, tuple(parts))
    headers = (*envelope(written, dressed, charset), *dressed.headers, ("MIME-Version", "1.0"), *body.headers)
    return mime.Part(headers, body.body).octets


def envelope(written: Letter, dressed: Dressed, charset: str) -> tuple[tuple[str, str], ...]:
    """Return the header fields that every program writes."""
    person, at = written.person, written.at
    subject = dressed.reply + written.subject
    return (
        ("Return-Path", f"<{person.address}>"),
        ("Received", (f"from mx.{person.address.split('@')[1]} (mx.{person.address.split('@')[1]} [192.0.2.17])\r\n\t"
                     f"by mail.acme.example (Postfix) with ESMTPS id {token(written, 'q', 10).upper()}\r\n\t"
                     f"for <{written.agent[1]}>; {at:%a, %d %b %Y %H:%M:%S} +0000")),
        ("Date", f"{at:%a, %d %b %Y %H:%M:%S} +0000"),
        ("From", mime.mailbox(person.name, person.address, charset, form=dressed.form)),
        ("To", mime.mailbox(*written.agent)),
        ("Subject", mime.word(subject, charset, form=dressed.form)),
        ("Message-ID", f"<{token(written, 'id', 24)}@{person.address.split('@')[1]}>"),
        ("In-Reply-To", f"<t1042.o{chance(written, 'o', 9000)}.{token(written, 'mac', 10)}@acme.example>"),
        ("References", f"<t1042.o{chance(written, 'o', 9000)}.{token(written, 'mac', 10)}@acme.example>"),
    )  # fmt: skip
