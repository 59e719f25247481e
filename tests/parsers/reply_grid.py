"""Replies of many programs in many languages with what is new in them: language x program x position x signature."""

import html
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import Template

_DATA = tomllib.loads((Path(__file__).parent / "reply_grid.toml").read_text("utf-8"))
_SHAPES: dict[str, str] = tomllib.loads((Path(__file__).parent / "reply_grid_html.toml").read_text("utf-8"))
OTHER, ADDRESS = "Support Team", "support@example.com"
AUTHOR = "Anna Lindqvist"
LANGUAGES = tuple(_DATA)
_CONTACT = f"{AUTHOR}\nAcme Ltd\n+46 8 123 45 67\nwww.acme.example"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply and the truth about it.

    Attributes:
        name: Of the case.
        language: Its language.
        body: Plain text, or HTML where it begins with "<".
        new: The author's words, lines to compare without regard to white space.
        pairs: Questions and answers, None where that is not said.
    """

    name: str
    language: str
    body: str
    new: str
    pairs: tuple[tuple[str, str], ...] | None = None


def replies() -> Iterator[Reply]:
    """Yield every case of the grid."""
    for language in LANGUAGES:
        yield from _text_replies(language)
        yield from _html_replies(language)


def _words(language: str) -> tuple[list[str], list[str]]:
    return _DATA[language]["words"], _DATA[language]["asked"]


def _signatures(language: str) -> Iterator[tuple[str, str]]:
    data = _DATA[language]
    yield "unsigned", ""
    for at, line in enumerate(data["mobile"]):
        yield f"mobile{at}", f"\n\n{line}"
    yield "dashes", f"\n\n-- \n{_CONTACT}"
    yield "sign_off", f"\n\n{data['sign_off']}\n{AUTHOR}"
    yield "sign_off_contact", f"\n\n{data['sign_off']},\n\n{_CONTACT}"


def _attributions(language: str) -> Iterator[tuple[str, str]]:
    for at, form in enumerate(_DATA[language]["attribution"]):
        line = form.format(n=OTHER, a=ADDRESS)
        yield f"a{at}", line
        if f" <{ADDRESS}" in line:
            yield f"a{at}wrapped", line.replace(f" <{ADDRESS}", f"\n<{ADDRESS}")
        middle = line.find(" ", len(line) // 2)
        if middle > 0:
            yield f"a{at}middle", line[:middle] + "\n" + line[middle + 1 :]


def _headers(language: str) -> str:
    who, sent, to, subject, when = _DATA[language]["labels"]
    return f"{who}: {OTHER} <{ADDRESS}>\n{sent}: {when}\n{to}: {AUTHOR}\n{subject}: Printer"


def _text_replies(language: str) -> Iterator[Reply]:
    words, asked = _words(language)
    new = "\n\n".join(words)
    marked = "".join(f"> {line}\n" for line in ("Hello Anna,", "", *asked, "", OTHER)).strip()
    plain = "\n".join(("Hello Anna,", "", *asked, "", OTHER))
    for (form, line), (sign, signature) in product(_attributions(language), _signatures(language)):
        name = f"{language}-{form}-{sign}"
        yield Reply(f"{name}-top", language, f"{new}{signature}\n\n{line}\n\n{marked}\n", new)
        yield Reply(f"{name}-bottom", language, f"{line}\n{marked}\n\n{new}{signature}\n", new)
        yield Reply(f"{name}-unmarked", language, f"{new}{signature}\n\n{line}\n\n{plain}\n", new)
        inline = f"{line}\n> Hello Anna,\n> {asked[0]}\n\n{words[0]}\n\n> {asked[1]}\n\n{words[1]}{signature}\n"
        pairs = ((f"Hello Anna,\n{asked[0]}", words[0]), (asked[1], words[1]))
        yield Reply(f"{name}-inline", language, inline, new, pairs)
    blocks = {
        "block": _headers(language),
        "rule": "_" * 32 + "\n" + _headers(language),
        "original": f"-----{_DATA[language]['original']}-----\n{_headers(language)}",
        "spaced": f"-------- {_DATA[language]['original']} --------\n",
        "bold": "\n".join(
            f"*{line.partition(':')[0]}:*{line.partition(':')[2]}" for line in _headers(language).split("\n")
        ),
    }
    for (form, block), (sign, signature) in product(blocks.items(), _signatures(language)):
        yield Reply(f"{language}-{form}-{sign}", language, f"{new}{signature}\n\n{block}\n\n{plain}\n", new)


def _html_replies(language: str) -> Iterator[Reply]:
    words, asked = _words(language)
    data = _DATA[language]
    new = "\n\n".join(words)
    shown = "".join(f"<div>{html.escape(line)}</div>" for line in words)
    line = html.escape(data["attribution"][0].format(n=OTHER, a=ADDRESS))
    old = f"<div>Hello Anna,</div><div>{html.escape(' '.join(asked))}</div><p>{OTHER}</p>"
    fields = [html.escape(each) for each in _headers(language).split("\n")]
    block = "<br>".join(f"<b>{each.partition(':')[0]}:</b>{each.partition(':')[2]}" for each in fields)
    filled = {"new": shown, "line": line, "block": block, "old": old, "mobile": data["mobile"][0]}
    filled["original"] = html.escape(data["original"])
    for name, shape in _SHAPES.items():
        markup = Template(shape).substitute(filled)
        yield Reply(f"{language}-html-{name}", language, f"<html><body>{markup}</body></html>", new)
    answers = (
        f'<div class="gmail_quote"><div class="gmail_attr">{line}</div><blockquote class="gmail_quote">{asked[0]}'
        f"</blockquote><div>{words[0]}</div><blockquote class=gmail_quote>{asked[1]}</blockquote>"
        f"<div>{words[1]}</div></div>"
    )
    pairs = tuple(zip(asked, words, strict=True))
    yield Reply(f"{language}-html-inline", language, f"<html><body>{answers}</body></html>", new, pairs)
