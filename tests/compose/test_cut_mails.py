"""A mail that was cut: one acknowledgement for all its tickets, and notices that show each ticket's part alone."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.acknowledgement import acknowledgement
from mailgateway.compose.answer import AnswerRequest, PartLine
from mailgateway.compose.notification import Happening, NotificationRequest, notification
from mailgateway.model.cut import Piece
from mailgateway.model.message import Address, Attachment, Body, Forwarded, Message, Pair, Relay, Through
from mailgateway.model.tokens import plus_suffix, read_reply_token
from mailgateway.parsers.message import parse
from mailgateway.rules.kinds.split import MAX_PARTS
from tests.compose.test_notification import HAPPENING
from tests.compose.test_notification import REQUEST as NOTICE
from tests.compose.values import MESSAGE, NOW, SITE, TEMPLATES, TICKET, headers, part

GOLDEN = Path(__file__).with_name("acknowledgement-of-parts.eml")
PARTS = (PartLine("SUP-1042-QX", "Drucker läuft nicht"), PartLine("SUP-1043-AB", "Konto für Eva"))
MAIL = replace(MESSAGE, subject="Zwei Dinge")
REQUEST = AnswerRequest(ticket=TICKET, message=MAIL, outbox=5512, now=NOW, parts=PARTS)
LONG = "Printer " * 100


def titled(*titles: str, message: Message = MAIL) -> AnswerRequest:
    parts = tuple(PartLine(f"SUP-{1042 + place}-QX", title) for place, title in enumerate(titles))
    return replace(REQUEST, parts=parts, message=message)


def listed(request: AnswerRequest) -> list[str]:
    """Return the lines of the list as the text has them."""
    text = acknowledgement(TEMPLATES, SITE, request).mail.text
    return [line for line in text.split("\n") if line.startswith("[SUP-")]


def test_acknowledgement_of_parts_is_these_bytes() -> None:
    composed = acknowledgement(TEMPLATES, SITE, REQUEST)

    assert composed.mail.raw == GOLDEN.read_bytes()
    assert composed.fallback == ""


def test_answer_goes_to_the_first_ticket_where_it_names_none() -> None:
    composed = acknowledgement(TEMPLATES, SITE, REQUEST)

    suffix = plus_suffix(headers(composed)["Reply-To"].addresses[0].addr_spec, SITE.address)
    token = read_reply_token(SITE.keyring, suffix or "", (), NOW.date())
    assert token is not None
    assert (token.ticket, composed.mail.ticket) == (1042, 1042)
    assert composed.mail.message_id.startswith("t1042.")


def test_subject_is_the_mail_s_with_the_id_of_the_first() -> None:
    assert acknowledgement(TEMPLATES, SITE, REQUEST).mail.subject == "[SUP-1042-QX] Re: Zwei Dinge"


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Konto für Eva", "[SUP-1043-QX] Konto für Eva"),
        ("", "[SUP-1043-QX]"),
        ("two\r\nlines\u2028more", "[SUP-1043-QX] two lines more"),
        ("Re: [SUP-1042-QX] Printer", "[SUP-1043-QX] Printer"),
        ("\u202eesrever\u2066 \x00\x1b[31m", "[SUP-1043-QX] esrever [31m"),
        ("\udcff", "[SUP-1043-QX] \ufffd"),
        ("{{ 7*7 }}", "[SUP-1043-QX] {{ 7*7 }}"),
        (LONG, "[SUP-1043-QX] " + LONG[:59].rstrip() + "…"),
    ],
)
def test_each_ticket_has_one_line_with_its_id_in_brackets(title: str, line: str) -> None:
    assert listed(titled("Printer", title)) == ["[SUP-1042-QX] Printer", line]


def test_lines_fit_into_a_quote_of_a_quote() -> None:
    assert max(map(len, listed(titled(LONG.replace(" ", ""), "x" * 5000)))) <= 78 - len("> ")


def test_hostile_title_is_inert_in_html() -> None:
    page = part(acknowledgement(TEMPLATES, SITE, titled("<img src=x>", "</p><b>")).mail.raw, "html")

    assert "<strong>[SUP-1042-QX]</strong> &lt;img src=x&gt;</p>" in page
    assert "<strong>[SUP-1043-QX]</strong> &lt;/p&gt;&lt;b&gt;</p>" in page


def test_typed_address_gets_the_numbers_and_none_of_the_visitor_s_words() -> None:
    relay = Relay(Through.FORM, Address("", "form@acme.example"), "web")

    composed = acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=replace(MAIL, relay=relay)))

    assert "\n[SUP-1042-QX]\n[SUP-1043-AB]\n" in composed.mail.text
    raw = composed.mail.text + part(composed.mail.raw, "html") + composed.mail.subject
    assert [word for word in ("Drucker", "Eva", "Dinge", "Jörg", "Fehler") if word in raw] == []


def test_one_part_alone_is_acknowledged_as_a_whole_mail() -> None:
    alone = acknowledgement(TEMPLATES, SITE, replace(REQUEST, parts=PARTS[:1]))

    assert alone == acknowledgement(TEMPLATES, SITE, replace(REQUEST, parts=()))


@pytest.mark.parametrize(("named", "is_said"), [("SUP-1042-QX", False), ("sup-1043-ab", False), ("SUP-7-AB", True)])
def test_reply_that_is_cut_is_not_told_of_its_own_number(named: str, *, is_said: bool) -> None:
    reply = replace(REQUEST, message=replace(MAIL, subject=f"Re: [{named}] Zwei Dinge"))

    assert ("names a ticket number" in acknowledgement(TEMPLATES, SITE, reply).mail.text) == is_said


@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=2, max_size=5))
def test_any_titles_make_as_many_lines(titles: list[str]) -> None:
    request = titled(*titles)

    composed = acknowledgement(TEMPLATES, SITE, request)

    assert composed.fallback == ""
    assert [line[:13] for line in listed(request)] == [f"[{one.ref}]" for one in request.parts]


def answered(text: str) -> tuple[Pair, ...]:
    """Return what an answer holds between the lines that it quotes."""
    head = "From: Jo <jo@example.com>\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return parse(f"{head}Support <support@acme.example> wrote:\n{text}".encode()).message.body.pairs


@pytest.mark.parametrize(("language", "place"), [*product(("de", "en", "fr", "ru", "sv"), (0, 1))])
def test_answer_below_a_line_of_the_list_is_an_answer_to_that_line(language: str, place: int) -> None:
    text = acknowledgement(TEMPLATES, SITE, replace(REQUEST, language=language)).mail.text
    line = listed(REQUEST)[place]
    quoted = "".join(f"> {one}\n" for one in text.rstrip("\n").split("\n"))

    (pair,) = answered(quoted.replace(f"> {line}\n", f"> {line}\n\nIt is for Monday.\n\n"))

    assert (pair.question.rpartition("\n")[2], pair.answer) == (line, "It is for Monday.")


FILES = tuple(
    Attachment(name, "text/plain", 1000, inline=False, content_id="", digest=name) for name in ("a.log", "b.log", "")
)
WHOLE = "Hello,\n\n1. The printer jams.\n2. Eva needs an account.\n\nThanks"
PIECE = Piece(1043, 2, "Hello,\n\n2. Eva needs an account.\n\nThanks", ("b.log", ""))
CUT = replace(
    HAPPENING,
    message=replace(MAIL, attachments=FILES, body=Body(WHOLE, "", "", WHOLE)),
    piece=PIECE,
    siblings=("SUP-1043-AB", "SUP-1044-CD"),
)


def told(happening: Happening) -> str:
    return notification(TEMPLATES, SITE, replace(NOTICE, happening=happening)).mail.text


def test_notice_shows_the_words_and_files_of_its_ticket_s_part() -> None:
    text = told(CUT)

    assert text.endswith("---\nHello,\n\n2. Eva needs an account.\n\nThanks\n")
    assert "\nFile:    b.log (1 kB)\nFile:    unnamed file (1 kB)\nReply: " in text


def test_notice_of_a_part_still_shows_what_was_forwarded() -> None:
    forwarded = Forwarded(Address("Zoe", "zoe@example.com"), "", "", "Zoe's words")

    shown = told(replace(CUT, message=replace(CUT.message, forwarded=forwarded)))

    assert shown.endswith("\nThanks\n\nForwarded:\nZoe's words\n")


def test_notice_names_the_other_tickets_of_the_mail() -> None:
    new = told(replace(CUT, siblings=("SUP-1042-QX", *CUT.siblings)))
    posted = told(replace(CUT, is_new=False))

    others = "SUP-1043-AB, SUP-1044-CD\n"
    assert f"of 3 tickets made of one mail: below is the part of this one;\n         the others: {others}" in new
    assert f"the part of the mail that is about this ticket;\n         the rest: {others}" in posted


def test_notice_suggests_a_cut_and_says_how_it_is_made() -> None:
    composed = notification(TEMPLATES, SITE, replace(NOTICE, happening=replace(HAPPENING, suggested=3)))

    for shown in (composed.mail.text, part(composed.mail.raw, "html")):
        assert "perhaps 3 issues: #split makes 3 tickets of it" in shown
        assert "mailgateway ticket split SUP-1042-QX)" in shown


@pytest.mark.parametrize(("more", "is_possible"), [(0, True), (1, False)])
def test_notice_promises_no_more_tickets_than_a_mail_is_cut_into(more: int, *, is_possible: bool) -> None:
    composed = notification(TEMPLATES, SITE, replace(NOTICE, happening=replace(HAPPENING, suggested=MAX_PARTS + more)))

    for text in (composed.mail.text, part(composed.mail.raw, "html")):
        words = " ".join(text.split())
        assert (f"#split makes {MAX_PARTS + more} tickets" in words) is is_possible
        assert ("ticket split SUP-1042-QX --items 1,3" in words) is not is_possible


@pytest.mark.parametrize("suggested", [0, 1])
def test_notice_of_a_mail_with_one_issue_says_nothing_of_it(suggested: int) -> None:
    assert told(replace(HAPPENING, suggested=suggested)) == told(HAPPENING)
    assert "#split" not in told(HAPPENING)


@given(st.text(st.characters(exclude_categories=())))
def test_any_piece_is_told(text: str) -> None:
    request: NotificationRequest = replace(NOTICE, happening=replace(CUT, piece=replace(PIECE, text=text)))

    assert notification(TEMPLATES, SITE, request).fallback == ""
