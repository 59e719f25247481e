"""What of a text is new, quoted or signature. In doubt it is new."""

import pytest

from mailgateway.model.message import Body
from mailgateway.parsers.reply import is_forward_mark, split_reply

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

    assert (body.text, body.quoted) == (
        "The left one.\n\nSince Monday.",
        "Anna wrote:\n> Which one?\n> Since when?",
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
    ["> only a quote", "-----Original Message-----\nFrom: a\n\nold", "-- \nAnna", "", "On 3.3.2025 a@b wrote:\n> x"],
)
def test_where_nothing_is_new_all_of_it_is(text: str) -> None:
    assert split_reply(text) == Body(text=text, quoted="", signature="", full_text=text)


def test_a_sentence_above_an_attribution_stays_new() -> None:
    body = split_reply("On 3 servers it fails.\nOn Mon, 3 Mar 2025 Anna <a@b.example> wrote:\n> Where?\n")

    assert body.text == "On 3 servers it fails."


@pytest.mark.parametrize("signature", ["-- \nAnna\nAcme Ltd", "Sent from my iPhone", "Von meinem iPhone gesendet"])
def test_a_signature_is_told_from_the_words_above_it(signature: str) -> None:
    body = split_reply(f"{NEW}\n\n{signature}\n\n> old")

    assert (body.text, body.signature, body.quoted) == (NEW, signature, "> old")


def test_a_rule_of_dashes_far_above_the_end_is_no_signature() -> None:
    text = "First.\n--\n" + "Many more words.\n" * 50

    assert split_reply(text).signature == ""


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
