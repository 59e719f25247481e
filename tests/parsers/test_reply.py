"""What of a text is new, quoted or signature. In doubt it is new."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Body, Pair
from mailgateway.parsers.html_quotes import MARKS, QUOTE_CLOSE, QUOTE_OPEN, QUOTE_REST, SIGNATURE_OPEN
from mailgateway.parsers.reply import is_forward_mark, split_reply

MARKED = re.compile(f"[{MARKS}]")
NEW = "It works now, thanks."


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Mar 3, 2025 at 10:05 AM Support <support@example.com> wrote:",
        "On Mon, Mar 3, 2025 at 10:05 AM Support\n<support@example.com> wrote:",
        "Am 03.03.2025 um 10:05 schrieb Support <support@example.com>:",
        "Am Mo., 3. März 2025 um 10:05 Uhr schrieb Support\n<support@example.com>:",
        "Den mån 3 mars 2025 kl 10:05 skrev Support <support@example.com>:",
        "пн, 3 мар. 2025 г. в 10:05, Support <support@example.com>:",
        "3 марта 2025, 10:05, Support <support@example.com> написал(а):",
        "Le lun. 3 mars 2025 à 10:05, Support <support@example.com> a écrit :",
        "El lun, 3 mar 2025 a las 10:05, Support (<support@example.com>) escribió:",
        "Il giorno lun 3 mar 2025 alle ore 10:05 Support <support@example.com> ha scritto:",
        "Op ma 3 mrt 2025 om 10:05 schreef Support <support@example.com>:",
    ],
)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_an_attribution_and_what_it_announces_is_quote(attribution: str, mark: str) -> None:
    quote = f"{attribution}\n\n{mark}Did you try this?\n{mark}Support"

    body = split_reply(f"{NEW}\n\n{quote}\n")

    assert body == Body(text=NEW, quoted=quote, signature="", full_text=f"{NEW}\n\n{quote}\n")


@pytest.mark.parametrize(
    "separator",
    [
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "----- Исходное сообщение -----",
        "From: Support <support@example.com>\nSent: Monday\nTo: Tom\nSubject: Printer",
        "*Von:* Support\n*Gesendet:* Montag\n*An:* Tom\n*Betreff:* Drucker",
        "________________________________\nFrån: Support\nSkickat: måndag\nTill: Tom\nÄmne: Skrivare",
        "От: Support\nОтправлено: понедельник\nКому: Tom\nТема: Принтер",
    ],
)
def test_everything_below_a_separator_is_quote(separator: str) -> None:
    body = split_reply(f"{NEW}\n\n{separator}\n\nDid you try this?")

    assert (body.text, body.quoted) == (NEW, f"{separator}\n\nDid you try this?")


def test_answers_between_and_below_quoted_lines_are_new() -> None:
    body = split_reply("Anna wrote:\n> Which one?\nThe left one.\n\n> Since when?\nSince Monday.\n")

    assert (body.text, body.quoted, body.pairs) == (
        "The left one.\n\nSince Monday.",
        "Anna wrote:\n> Which one?\n> Since when?",
        (Pair("Which one?", "The left one."), Pair("Since when?", "Since Monday.")),
    )


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nplease help",
        "The docs say, as Anna wrote:\nrestart it.",
        "Date: Monday\nTime: 10:00\nAddress: Main Street 1",
        "On 3 servers it fails.\nAm I right?",
        "Original message\nis what the button says",
        "a -- b\n--- a/file\n+++ b/file",
    ],
)
def test_running_text_is_no_quote(text: str) -> None:
    assert split_reply(text) == Body(text=text, quoted="", signature="", full_text=text)


@pytest.mark.parametrize(
    "text",
    [
        "> only a quote",
        "-----Original Message-----\nFrom: a\n\nold",
        "",
        "On 3.3.2025 a@b wrote:\n> x",
        "Sent from my iPhone\n\n> On 3.3.2025 a@b wrote:\n> x",
        "From: Anna\nSent: Monday, March 3, 2025 10:00\nTo: Bo\nSubject: Printer\n\nIt prints nothing.",
    ],
)
def test_where_nothing_is_new_all_of_it_is_shown(text: str) -> None:
    assert split_reply(text) == Body(text=text, quoted="", signature="", full_text=text, has_new=False)


def test_a_name_alone_is_new() -> None:
    assert split_reply("-- \nAnna") == Body(text="-- \nAnna", quoted="", signature="", full_text="-- \nAnna")


def test_words_above_a_quote_without_marks_are_new() -> None:
    quote = "From: Anna\nSent: Monday, March 3, 2025 10:00\nTo: Bo\nSubject: Printer\n\nIt prints nothing."

    body = split_reply(f"Thank you!\n\n{quote}")

    assert (body.text, body.quoted, body.has_new) == ("Thank you!", quote, True)


def test_a_sentence_above_an_attribution_stays_new() -> None:
    body = split_reply("On 3 servers it fails.\nOn Mon, 3 Mar 2025 Anna <a@b.example> wrote:\n> Where?\n")

    assert body.text == "On 3 servers it fails."


@pytest.mark.parametrize(
    ("line", "forwarded"),
    [
        ("---------- Forwarded message ---------", True),
        ("Begin forwarded message:", True),
        ("-------- Weitergeleitete Nachricht --------", True),
        ("forwarded message", False),
        ("I got a forwarded message from him", False),
    ],
)
def test_the_line_above_a_forwarded_mail_is_known(line: str, forwarded: bool) -> None:
    assert is_forward_mark(line) is forwarded


def test_a_sentence_above_an_attribution_over_two_lines_stays_new() -> None:
    body = split_reply("On 3 servers it fails.\nOn 3 March Anna\n<a@b.example> wrote:\n> Where?\n")

    assert body.text == "On 3 servers it fails."


def test_a_line_with_a_colon_above_a_quote_stays_new() -> None:
    body = split_reply("You said this:\n> It works.\n")

    assert (body.text, body.quoted) == ("You said this:", "> It works.")


def test_an_answer_below_the_only_question_is_a_pair_and_one_below_a_whole_mail_is_none() -> None:
    question = split_reply("> > Old.\n> Which one?\n\nThe left one.\n")
    mail = split_reply("> Hello,\n> Which one?\n> Support\n\nThe left one.\n")

    assert question.pairs == (Pair("Which one?", "The left one."),)
    assert mail.pairs == ()


def test_a_signature_belongs_to_no_answer() -> None:
    body = split_reply("> Which?\n\nThe left one.\n\n> When?\n\nToday.\n\nBest regards\nAnna\n")

    assert body.pairs == (Pair("Which?", "The left one."), Pair("When?", "Today."))


def test_where_the_answers_are_said_to_stand_in_the_quote_it_stays_new() -> None:
    body = split_reply(
        "My answers in red.\n\nFrom: Support <s@b.example>\nSent: Monday\nSubject: x\n\nWhich? The left.\n"
    )

    assert body.text == "My answers in red.\n\n\nWhich? The left."


def test_a_marked_quote_below_a_header_block_ends_where_its_marks_end() -> None:
    body = split_reply(
        "-----Original Message-----\nFrom: S <s@b.example>\nSent: x\nSubject: y\n\n> Which?\n\nThe left.\n"
    )

    assert body.text == "The left."


def test_a_comment_with_the_authors_name_in_an_unmarked_quote_is_new() -> None:
    quote = "From: Support <s@b.example>\nSent: Monday\nSubject: x\n\nWhich one?"

    body = split_reply(f"{NEW}\n\n{quote}\n[Anna Lind] The left one.\nSupport", "Anna Lind")

    assert (body.text, body.quoted) == (f"{NEW}\n\n[Anna Lind] The left one.", f"{quote}\nSupport")


def test_the_end_of_a_quoted_line_that_a_gateway_broke_is_quote() -> None:
    quote = f"> {'Please tell us which of the printers on the second floor of the'}\nnew building it is.\n> Support"

    body = split_reply(f"{NEW}\n\n{quote}")

    assert (body.text, body.quoted) == (NEW, quote)


def test_a_block_in_an_unknown_language_below_a_rule_is_quote() -> None:
    block = "-----Xabar asli-----\nKimdan: S <s@b.example>\nYuborildi: x\nMavzu: y\n\nOld."

    body = split_reply(f"{NEW}\n\n{block}\n")

    assert (body.text, body.quoted) == (NEW, block)


LINES = st.lists(
    st.sampled_from(
        (
            *(
                "",
                "Hello",
                "> old",
                ">> older",
                "On 3 Mar 2025 10:05, A <a@b.example> wrote:",
                "-- ",
                "--",
                "Anna",
                "---",
            ),
            *("Best regards", "Sent from my iPhone", "From: A <a@b.example>", "Sent: Monday", "Subject: x", "P.S. x"),
            *("-----Original Message-----", "+46 8 123 456", QUOTE_OPEN, QUOTE_CLOSE, QUOTE_REST, SIGNATURE_OPEN),
            *("CAUTION: This email originated from outside", "Virus-free.", "> Which?", "wrote:", f"{QUOTE_OPEN}x"),
        )
    )
    | st.text(max_size=20),
    max_size=25,
)


@given(LINES)
def test_every_line_is_in_one_region(lines: list[str]) -> None:
    text = "\n".join(lines)

    body = split_reply(text, "Anna Lind")

    whole = Counter(line.strip() for line in body.full_text.split("\n") if line.strip())
    parts = f"{body.text}\n{body.quoted}\n{body.signature}".split("\n")
    assert Counter(line.strip() for line in parts if line.strip()) == whole
    assert body.full_text.split() == MARKED.sub("", text).split()


def test_a_paragraph_above_an_attribution_stays_new() -> None:
    paragraph = "word " * 74 + "word"

    swallowed = split_reply(f"{paragraph}\n<a@b.example> wrote:\n> old")
    joined = split_reply(f"{NEW}\n\n{paragraph}\n{paragraph}\nsee this:\n> old")

    assert swallowed.text == paragraph
    assert joined.text == f"{NEW}\n\n{paragraph}\n{paragraph}\nsee this:"


def test_a_name_above_the_address_belongs_to_the_attribution_and_a_sentence_does_not() -> None:
    name = split_reply(f"{NEW}\n\nSupport\n<a@b.example> wrote:\n> old")
    sentence = split_reply(f"{NEW}\n<a@b.example> wrote:\n> old")

    assert (name.text, sentence.text) == (NEW, NEW)


def test_blank_lines_within_a_quote_ask_one_question() -> None:
    body = split_reply("> Hello,\n\n> Which one?\n\nThe left one.\n")

    assert body.pairs == (Pair("Hello,\n\nWhich one?", "The left one."),)


@pytest.mark.parametrize(
    "rule",
    [
        "##- Please type your reply above this line -##",
        "Please reply above this line.",
        "=== svara ovanför den här raden ===",
    ],
)
def test_below_the_line_to_write_above_all_is_quote(rule: str) -> None:
    body = split_reply(f"{NEW}\n\n{rule}\n\nYour request SUP-1042-QX\n")

    assert (body.text, body.quoted) == (NEW, f"{rule}\n\nYour request SUP-1042-QX")


def test_a_sentence_about_the_line_to_write_above_stays_new() -> None:
    text = "Your mail says please reply above this line but there is none."

    assert split_reply(f"Hello\n{text}\nBye").text == f"Hello\n{text}\nBye"


def test_a_delimiter_at_the_end_is_quote_and_amid_words_is_none() -> None:
    end = split_reply(f"{NEW}\n\nBegin forwarded message:\n")
    amid = split_reply("Press\n---- Original message ----\nand then OK.")

    assert (end.text, amid.text) == (NEW, "Press\n---- Original message ----\nand then OK.")
