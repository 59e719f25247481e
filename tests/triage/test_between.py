"""Words between the lines of a quote of ours that no mail program marked."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Body, Pair
from mailgateway.parsers.reply.split import split_reply
from mailgateway.triage.between import MAX_CHARS, with_answers

LINES = (
    "[SUP-1042-QX] Printer",
    "[SUP-1043-QX] Scanner that does not wake up in the morning",
    "[SUP-1044-QX] Toner",
)
OURS = f"""Hello Carla,

your mail has arrived. It holds 3 issues, and each has a ticket of its own:

{LINES[0]}
{LINES[1]}
{LINES[2]}

Subject: Several things

You wrote:
> Hello,
> there are three things

What happens next: a person will read your mail. Each ticket is handled on its
own: in an answer, write the number of the one it is about as it stands above.

Acme Support
support@acme.example
"""
HEADER = """From: Acme Support <support@acme.example>
Sent: Monday, 2 March 2026 10:00
To: Carla <carla@customer.example>
Subject: [SUP-1042-QX] Re: Several things

"""
HEADS = [HEADER, f"-----Original Message-----\n{HEADER}", "On 2 Mar 2026, at 10:00, Acme Support wrote:\n\n"]


def answered(*below: str, top: str = "See below.\n\n", head: str = HEADER, ours: str = OURS) -> Body:
    """Return an answer with words below some of our lines: (line, words, line, words, ...)."""
    quote = ours
    for line, words in zip(below[::2], below[1::2], strict=True):
        quote = quote.replace(line, f"{line}\n{words}")
    return split_reply(f"{top}{head}{quote}")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("words", ["That one is solved.", "Yes", "Toner?", "It is the one\n\nin the cellar."])
def test_words_below_the_line_of_a_ticket_answer_it(head: str, line: str, words: str) -> None:
    body = answered(line, words, head=head)

    found = with_answers(body, OURS)

    assert (found.text, found.pairs) == (f"See below.\n\n{words}", (Pair(line, words),))
    assert (found.quoted, found.full_text) == (body.quoted, body.full_text)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("top", ["", "My answers are inline.\n\n"])
def test_a_quote_that_passed_for_new_words_is_told_from_them(top: str, head: str) -> None:
    body = answered(LINES[1], "That one is solved.", LINES[2], "Black.", top=top, head=head)

    found = with_answers(body, OURS)

    assert found.pairs == (Pair(LINES[1], "That one is solved."), Pair(LINES[2], "Black."))
    assert found.text == f"{top}That one is solved.\n\nBlack."
    assert found.has_new


def test_words_on_the_line_itself_answer_it() -> None:
    body = split_reply("See below.\n\n" + HEADER + OURS.replace(LINES[2], f"{LINES[2]} -> black, please"))

    assert with_answers(body, OURS).pairs == (Pair(LINES[2], "black, please"),)


@pytest.mark.parametrize("width", [30, 45, 76, 200])
@pytest.mark.parametrize("mark", ["", "> "])
def test_a_quote_that_was_wrapped_anew_is_still_ours(width: int, mark: str) -> None:
    lines = [piece for line in OURS.split("\n") for piece in textwrap.wrap(line, width) or [""]]
    quote = "\n".join(f"{mark}{line}".rstrip() for line in lines)
    at = quote.index(f"{mark}[SUP-1044-QX]")

    whole = with_answers(split_reply(f"See below.\n\n{HEADER}{quote}"), OURS)
    written = with_answers(split_reply(f"See below.\n\n{HEADER}{quote[:at]}{mark}Solved.\n{quote[at:]}"), OURS)

    assert (whole.text, whole.pairs) == ("See below.", ())
    assert (written.text, written.pairs) == ("See below.\n\nSolved.", (Pair(LINES[1], "Solved."),))


def test_a_quote_that_is_as_it_was_has_no_answers() -> None:
    body = answered()

    assert with_answers(body, OURS) == body


def test_words_below_the_list_answer_no_ticket() -> None:
    body = answered("You wrote:", "And what of the fax?")

    assert with_answers(body, OURS) == body


def test_words_below_the_list_are_kept_where_the_quote_passed_for_new_words() -> None:
    found = with_answers(answered("Subject: Several things", "And what of the fax?", top=""), OURS)

    assert (found.text, found.pairs) == ("And what of the fax?", ())


def test_a_title_that_was_changed_on_the_way_is_no_answer() -> None:
    body = split_reply("Thanks.\n\n" + HEADER + OURS.replace("wake up", "wa?e up"))

    assert with_answers(body, OURS) == body


@pytest.mark.parametrize(
    "ours", ["", "Hello", f"your mail has arrived.\n{LINES[0]}\n"], ids=["none", "short", "one ticket"]
)
def test_only_an_acknowledgement_that_lists_tickets_is_compared(ours: str) -> None:
    body = answered(LINES[1], "That one is solved.")

    assert with_answers(body, ours) == body


def test_a_marked_quote_with_answers_stays_as_it_was_read() -> None:
    body = split_reply(f"> {LINES[0]}\n> {LINES[1]}\nSolved.\n> {LINES[2]}\n")

    assert body.pairs
    assert with_answers(body, OURS) == body


def test_a_very_long_answer_stays_as_it_was_read() -> None:
    body = answered(LINES[1], "word " * (MAX_CHARS // 5))

    assert with_answers(body, OURS) == body


@given(st.text(), st.text())
def test_any_text_is_read(text: str, quote: str) -> None:
    whole = f"{text}\n{HEADER}{quote}{OURS}"

    found = with_answers(split_reply(whole), OURS)

    assert found.full_text == split_reply(whole).full_text
