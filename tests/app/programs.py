"""Replies as people's mail programs write them, with what each does to the mail that it quotes."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from html import escape

Program = Callable[[EmailMessage, str], tuple[str, str]]
"""Takes the mail that is answered and the new words; returns the content type and the text of the reply."""

_WROTE = "On Sun, Mar 1, 2026 at 1:00 PM Support <support@acme.example> wrote:"
_HEAD = (("From", "Support <support@acme.example>"), ("Sent", "Sunday, March 1, 2026 1:00 PM"), ("To", "Carla"))
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


def _text(answered: EmailMessage, kind: str) -> str:
    part = answered.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _marked(answered: EmailMessage) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _text(answered, "plain").splitlines())


def _shown(answered: EmailMessage) -> str:
    found = _BODY.search(_text(answered, "html"))
    assert found is not None
    return found[1]


def thunderbird(answered: EmailMessage, words: str) -> tuple[str, str]:
    return "text/plain", f"{words}\n\n{_WROTE}\n{_marked(answered)}\n"


def thunderbird_below(answered: EmailMessage, words: str) -> tuple[str, str]:
    """Return a reply below the quote."""
    return "text/plain", f"{_WROTE}\n{_marked(answered)}\n\n{words}\n"


def gmail(answered: EmailMessage, words: str) -> tuple[str, str]:
    quote = f'<blockquote class="gmail_quote">{_shown(answered)}</blockquote>'
    above = f'<div dir="ltr" class="gmail_attr">{escape(_WROTE)}<br></div>'
    return "text/html", f'<div dir="ltr">{escape(words)}</div><br><div class="gmail_quote">{above}{quote}</div>'


def outlook(answered: EmailMessage, words: str) -> tuple[str, str]:
    """Return a reply above a quote without any mark but its block of header fields."""
    head = "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in (*_HEAD, ("Subject", answered["Subject"])))
    block = f'<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">{head}</p></div>'
    new = f'<p class="MsoNormal">{escape(words)}<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
    return "text/html", f'<body lang="EN-US"><div class="WordSection1">{new}{block}{_shown(answered)}</div></body>'


def outlook_plain(answered: EmailMessage, words: str) -> tuple[str, str]:
    head = "\n".join(f"{name}: {value}" for name, value in (*_HEAD, ("Subject", answered["Subject"])))
    return "text/plain", f"{words}\n\n{head}\n\n{_text(answered, 'plain')}"


def telephone(answered: EmailMessage, words: str) -> tuple[str, str]:
    """Return a reply with the signature of a telephone between the words and the quote."""
    return "text/plain", f"{words}\n\nSent from my iPhone\n\n> {_WROTE}\n>\n{_marked(answered)}\n"


PROGRAMS: tuple[Program, ...] = (thunderbird, thunderbird_below, gmail, outlook, outlook_plain, telephone)
