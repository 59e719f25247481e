"""What ends or heads a mail and says nothing new: signatures, phones' lines, legal texts, banners."""

import pytest

from mailgateway.parsers.reply import split_reply

NEW = "It works now, thanks."


@pytest.mark.parametrize("signature", ["-- \nAnna\nAcme Ltd", "Sent from my iPhone", "Von meinem iPhone gesendet"])
def test_a_signature_is_told_from_the_words_above_it(signature: str) -> None:
    body = split_reply(f"{NEW}\n\n{signature}\n\n> old")

    assert (body.text, body.signature, body.quoted) == (NEW, signature, "> old")


def test_a_rule_of_dashes_far_above_the_end_is_no_signature() -> None:
    text = "First.\n--\n" + "Many more words.\n" * 50

    assert split_reply(text).signature == ""


@pytest.mark.parametrize(
    "text",
    [
        "It works.\n\nThanks,\nAnna",
        "My address is:\nAnna Lind\nAcme Ltd\n+46 8 123 456",
        "Please call me:\n\nAnna Lind\n+46 8 123 456",
        "I sent it from my iPhone yesterday.",
        "We travel.\n\nFrom: Berlin\nTo: Hamburg\nDate: 3 March",
        "Here are its fields:\nFrom: a@b.example\nTo: c@d.example\nSubject: x\n\nIt never came.",
        "The confidential text on the screen is\nmeant for the recipient, it says.",
        "Then he confirmed at 10:05 on 3.3.2025 what Tom wrote:\nrestart\n\nThat did not help.",
        "Works\n\nSupport wrote:\n\nDid you try",
        "We pressed\n---- Reset ----\nand it came up.",
        "First part.\n\n***\n\nThe second part is a sentence of its own.",
        "First part.\n-\nSecond part",
    ],
)
def test_what_only_looks_like_quote_or_signature_stays_new(text: str) -> None:
    assert split_reply(text, "Anna Lind").text == text


@pytest.mark.parametrize(
    "signature",
    [
        "Best regards\nAnna",
        "Cheers, Anna",
        "Med vänlig hälsning,\n\nAnna Lind\nAcme AB\nTel. +46 8 123 456\nwww.acme.example",
        "Anna Lind\n+46 8 123 456",
        "---\nAnna Lind\nAcme AB",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Aurinkoinen Outlook iOS-laitteille<https://aka.ms/o0ukef>",
        "MfG\nA. Lind\n\nGesendet mit der GMX iPhone App",
        "This e-mail is confidential and intended for its recipient. If you are not it, notify us and delete it.",
        "Virus-free. www.avast.example",
    ],
)
def test_a_sure_signature_is_split_off(signature: str) -> None:
    body = split_reply(f"{NEW}\n\n{signature}\n", "Anna Lind")

    assert (body.text, body.signature) == (NEW, signature)


def test_a_banner_of_the_mail_server_is_no_word_of_the_author() -> None:
    banner = "CAUTION: This email originated from outside of the organization."

    body = split_reply(f"{banner}\n\n{NEW}\n")

    assert (body.text, body.signature) == (NEW, banner)


def test_a_postscript_below_a_signature_is_new() -> None:
    body = split_reply(f"{NEW}\n\n-- \nAnna\n\nP.S. One more thing.\n")

    assert (body.text, body.signature) == (f"{NEW}\n\nP.S. One more thing.", "-- \nAnna")


def test_phones_lines_and_sign_offs_may_be_several() -> None:
    phones = "\n".join(("Sent from my iPhone",) * 3)

    body = split_reply(f"{NEW}\n\nKind regards,\nBest wishes\nAnna\n\n{phones}\n")

    assert (body.text, body.signature) == (NEW, f"Kind regards,\nBest wishes\nAnna\n\n{phones}")


def test_long_lines_and_questions_below_a_sign_off_are_no_name() -> None:
    texts = [
        f"{NEW}\n\nRegards\n{below}"
        for below in ("This is far more than anybody's name", "Anna?", "See @x", "On 3 May")
    ]

    assert [split_reply(text).text for text in texts] == texts


def test_legal_texts_in_several_languages_below_a_rule_are_split_off() -> None:
    legal = (
        "______\nDiese E-Mail enthält vertrauliche Informationen und ist nur für den Empfänger bestimmt; bitte löschen."
    )
    legal += "\n\nCe message est confidentiel et destiné à ses destinataires ; en cas d'erreur, supprimez-le."

    body = split_reply(f"{NEW}\n\n{legal}")

    assert (body.text, body.signature) == (NEW, legal)


def test_a_question_in_the_last_lines_is_no_signature() -> None:
    text = f"{NEW}\n\nBest regards\nAnna\nCan you call me back?"

    assert split_reply(text).text == text
