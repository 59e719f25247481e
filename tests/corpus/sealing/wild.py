"""Replies as they look after a way through the world: other quoting, lost marks, broken lines, mixed languages, long threads."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.corpus.sealing import desktop, mime, webmail
from tests.corpus.sealing.dress import (
    BLANK,
    Dressed,
    attribution_html,
    block,
    chance,
    esc,
    mail,
    original_html,
    original_text,
    quoted_lines,
    token,
)
from tests.corpus.sealing.machine import Made
from tests.corpus.sealing.voices import LANGUAGES, Letter, dumped, letter, moments, truth
from tests.corpus.sealing.webmail import closed, closing, written_bye

NBSP = "\u00a0"


def wild_replies() -> Iterator[Made]:
    """Yield name, mail and expectation of every reply of the second set."""
    for tongue in sorted(LANGUAGES):
        for shape, (position, dress) in SHAPES.items():
            key = f"wild-{shape}-{tongue}"
            written = letter(key, tongue, position)
            dressed = dress(written)
            found = truth(written, bye=dressed.bye, signature=dressed.signature)
            found.pop("pairs", None)
            meta = {"shape": f"wild {shape}", "tongue": tongue, "subject": dressed.reply + written.subject}
            yield key, mail(written, dressed), dumped({**found, **meta})


def _english(written: Letter, form: str) -> str:
    return str(LANGUAGES["en"][form]).format_map(moments(written, "en"))


def _html_alone(written: Letter) -> Dressed:
    program = (webmail.gmail, desktop.outlook_web, desktop.outlook_desktop, webmail.yahoo, webmail.samsung)[
        chance(written, "program", 5)
    ]
    return replace(program(written), text=None)


def _text_alone(written: Letter) -> Dressed:
    program = (webmail.yahoo, desktop.outlook_web, desktop.outlook_desktop, webmail.samsung, desktop.outlook_mobile)[
        chance(written, "program", 5)
    ]
    return replace(program(written), html=None)


def _english_program(written: Letter) -> Dressed:
    """An author whose program speaks English."""
    return (
        (desktop.outlook_desktop, desktop.apple, webmail.samsung, webmail.gmail_text, desktop.outlook_web)[
            chance(written, "program", 5)
        ]
    )(replace(written, words=_with_english_frame(written)))


def _with_english_frame(written: Letter) -> dict[str, object]:
    at = moments(written, "en")
    english = LANGUAGES["en"]
    frame = {
        name: english[name]
        for name in ("labels", "original", "samsung_original", "iphone", "galaxy", "outlook", "outlook_re")
    }
    said = {
        name: str(english[name]).format_map(at).replace("{", "{{")
        for name in ("gmail", "apple", "thunderbird", "yahoo", "sent")
    }
    return written.words | frame | said


def _broken_attribution(written: Letter) -> Dressed:
    """An attribution line broken by a relay, its second half with or without a mark."""
    form = ("gmail", "apple", "yahoo", "thunderbird")[chance(written, "form", 4)]
    lines = mime.wrapped(written.said(form), 34 + chance(written, "width", 26)).split("\n")
    marks = ("", "> ")[chance(written, "mark", 2)]
    line = "\n".join(marks + each for each in lines)
    return Dressed(
        BLANK.join([*closed(written), f"{line}\n{marks.strip()}\n{quoted_lines(original_text(written))}"]),
        None,
        (),
        bye=written_bye(written),
    )


def _lost_marks(written: Letter) -> Dressed:
    """Long quoted lines broken by a relay: the second halves have no mark."""
    rows = [f"> {line}" if line else ">" for line in original_text(written).split("\n")]
    quote = "\n".join(mime.wrapped(row, 60) for row in rows)
    line = written.said(("gmail", "thunderbird")[chance(written, "form", 2)])
    return Dressed(BLANK.join([*closed(written), f"{line}\n{quote}"]), None, (), bye=written_bye(written))


def _older(written: Letter) -> Letter:
    return letter(f"{written.key}-older", written.tongue, "top")


def _long_thread(written: Letter) -> Dressed:
    """A thread of three mails by different programs, all of it below the new words."""
    older = _older(written)
    inner = quoted_lines(BLANK.join(older.above))
    middle = f"{original_text(written)}\n\n{older.said('thunderbird')}\n{inner}"
    headed = "\n".join(f"{label} {value}" for label, value in block(written, "from", "sent", "to", "subject"))
    if chance(written, "outer", 2):
        quote = f"{headed}\n\n{middle}"
    else:
        quote = f"{written.said('gmail')}\n\n{quoted_lines(middle)}"
    return Dressed(BLANK.join([*closed(written), quote]), None, (), charset="", bye=written_bye(written))


def _below_thread(written: Letter) -> Dressed:
    """New words below a thread of two mails whose signature is quoted too."""
    older = _older(written)
    quote = f"{original_text(written)}\n\n-- \nAcme Support\nHarbour Street 7\n\n{older.said('apple')}\n{quoted_lines(BLANK.join(older.above))}"
    own = [*written.below, *closing(written)]
    return Dressed(
        BLANK.join([f"{written.said('thunderbird')}\n{quoted_lines(quote)}", *own]), None, (), bye=written_bye(written)
    )


def _outlook_mac(written: Letter) -> Dressed:
    """Outlook on a Mac and old Outlook: HTML alone, other borders, labels in spans, a signature and a disclaimer."""
    border, old = "#B5C4DF", chance(written, "old", 2) == 1
    rows = block(written, "from", "date", "to", "subject")
    shown = "<br>".join(
        f'<b><span style="font-size:12.0pt;color:black">{label} </span></b><span style="font-size:12.0pt;color:black">{esc(value)}</span>'
        for label, value in rows
    )
    divider = (
        '<div class="MsoNormal" align="center" style="text-align:center"><hr size="2" width="100%" align="center" tabindex="-1"></div>'
        if old
        else ""
    )
    style = "" if old else f' style="border:none;border-top:solid {border} 1.0pt;padding:3.0pt 0in 0in 0in"'
    sign = written.person.signature
    body = "".join(
        f'<p class="MsoNormal"><span style="font-size:11.0pt">{esc(each, quote=False)}<o:p></o:p></span></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        for each in written.above
    )
    ends = "".join(f'<p class="MsoNormal">{esc(line, quote=False)}<o:p></o:p></p>' for line in (written.bye[0], *sign))
    legal = f'<p class="MsoNormal"><i><span style="font-size:8.0pt;color:gray">{esc(str(written.words["disclaimer"]), quote=False)}</span></i></p>'
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit"/></xml><![endif]--></head>'
        f'<body><div class="WordSection1">{body}{ends}{legal}{divider}<div{style}><p class="MsoNormal">{shown}<o:p></o:p></p></div>'
        f"<div><p class=MsoNormal><o:p>&nbsp;</o:p></p></div>{original_html(written, '<p class=MsoNormal>{}</p>', '')}</div></body></html>"
    )
    return Dressed(
        None,
        html,
        (("User-Agent", "Microsoft-MacOutlook/16.89.24"),),
        "",
        "utf-8",
        (written.bye[0],),
        sign,
        cte="quoted-printable",
    )


def _ragged(written: Letter) -> Dressed:
    """A phone's text with no-break spaces, trailing blanks and many empty lines."""
    line = written.said("apple")
    mark = str(written.words["iphone"])
    above = "\n\n\n".join(each.replace(". ", f".{NBSP} ") + "  " for each in closed(written))
    quote = "\n".join(f">{NBSP}{each}" if each else ">" for each in original_text(written).split("\n"))
    text = f"{above}\n{NBSP}\n\n{mark}{NBSP}\n\n\n{line}{NBSP}\n\n{quote}\n\n\n"
    return Dressed(text, None, (), bye=written_bye(written), cte="base64")


def _stub_text(written: Letter) -> Dressed:
    """HTML with a text part that says nothing but that there is HTML."""
    name, address = written.agent
    line = attribution_html(written.said("gmail"), address)
    body = "<br><br>".join(esc(each, quote=False).replace("\n", "<br>") for each in closed(written))
    html = f'<html><body><div>{body}</div><br><div class="quote"><div>{line}</div><blockquote style="border-left:2px solid blue">{original_html(written, "<p>{}</p>", "")}</blockquote></div></body></html>'
    return Dressed(
        "This message contains HTML. Please use a mail program that shows it.",
        html,
        (("X-Mailer", f"Webmail for {name}"),),
        token(written, "b", 20),
        bye=written_bye(written),
    )


def _mixed_answers(written: Letter) -> Dressed:
    """Answers right below each question, tight, some behind a mark of the author's own."""
    picked = random.Random(written.key)  # noqa: S311 -- test mails
    rows = [f"{written.said('thunderbird')}"]
    for kind, text in written.thread:
        rows += [quoted_lines(text, 400)] if kind == "quote" else [text, *([""] if picked.random() < 0.5 else [])]
    text = "\n".join(rows)
    own = BLANK.join(written.above)
    return Dressed(
        BLANK.join([*([own] if own else []), text, *written.below, *closing(written)]),
        None,
        (),
        charset="",
        bye=written_bye(written),
    )


SHAPES: dict[str, tuple[str, Callable[[Letter], Dressed]]] = {
    "htmlalone": ("top", _html_alone),
    "textalone": ("top", _text_alone),
    "english": ("top", _english_program),
    "broken": ("top", _broken_attribution),
    "lostmarks": ("top", _lost_marks),
    "thread": ("top", _long_thread),
    "below": ("bottom", _below_thread),
    "outlookmac": ("top", _outlook_mac),
    "ragged": ("top", _ragged),
    "stub": ("top", _stub_text),
    "tight": ("inline", _mixed_answers),
}
