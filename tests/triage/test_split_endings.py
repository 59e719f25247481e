"""What an item is called, and that the thanks and the name that end it are not of it."""

import pytest

from mailgateway.triage.split import segments

PRINTER = "The printer in Leeds prints blank pages."
INVOICE = "The invoice of May has a wrong total."


def titles(text: str) -> list[str]:
    """Return the titles of the items of a text."""
    found = segments(text, subject="Two issues")
    return [one.title for one in found.items] if found else []


def cut(text: str) -> tuple[list[str], list[str]]:
    """Return the items of a text, and what belongs to all."""
    found = segments(text, subject="Two issues")
    assert found is not None
    return [one.text for one in found.items], [text[start:end] for start, end in found.shared]


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("the printer fails, and", "the printer fails"),
        ("der Drucker druckt nicht und", "der Drucker druckt nicht"),
        ("der Drucker druckt keinen Bon", "der Drucker druckt keinen Bon"),
        ("принтер не печатает;", "принтер не печатает"),
        ("*** \nThe printer fails.", "The printer fails."),
        ("Hejsan! skrivaren fungerar inte.", "skrivaren fungerar inte."),
        ("Hi there", "Hi there"),
        (
            "The printer on the second floor prints only\nblank pages. It is new.",
            "The printer on the second floor prints only blank pages. It is new.",
        ),
        (
            "The printer on the second floor fails. I tried\n   a) another cable",
            "The printer on the second floor fails. I tried",
        ),
        (
            "The printer on the second floor fails. I tried\na) another cable",
            "The printer on the second floor fails. I tried",
        ),
        ("Printer\nblank pages come out of it.", "Printer"),
        (f"{'word ' * 23}six45 behind", f"{'word ' * 23}six45"),
        ("x" * 300, "x" * 120),
    ],
)
def test_a_title_is_a_line_of_words_and_ends_with_one(item: str, title: str) -> None:
    assert titles(f"1. {item}\n2. {INVOICE}") == [title, INVOICE]


def test_an_item_without_a_word_is_none() -> None:
    assert titles(f"1. {PRINTER}\n2. {INVOICE}\n3. ---") == [PRINTER, INVOICE]


def test_a_picture_before_another_matter_is_no_matter() -> None:
    assert segments("\U0001f4e7\n\nAnother question: how do we add a user?") is None


@pytest.mark.parametrize(
    "farewell",
    [
        "/Jonas",
        "Danke und Gruß\nRalf",
        "Tack för snabb hjälp!\n/Lotta Hjelm",
        "Спасибо, Костя",
        "Merci\nKév",
        "Ha det fint\nTom",
        "Many thanks,\n\nAnna Smith\nHead of IT",
    ],
)
def test_thanks_and_a_name_are_of_no_item(farewell: str) -> None:
    text = f"# Printer\n{PRINTER}\n\n# Invoice\n{INVOICE}\n{farewell}"

    assert cut(text) == ([f"Printer\n{PRINTER}", f"Invoice\n{INVOICE}"], [farewell])


def test_thanks_before_a_postscript_are_of_no_item() -> None:
    text = f"{PRINTER} Could you send somebody?\n\nMany thanks,\nTom\n\nPS: Completely different matter: {INVOICE}"

    assert cut(text) == (
        [f"{PRINTER} Could you send somebody?", f"PS: Completely different matter: {INVOICE}"],
        ["Many thanks,\nTom"],
    )


def test_a_single_name_ends_the_last_matter_whatever_else_it_means() -> None:
    text = f"{PRINTER} Could you send somebody?\n\nA completely different matter: {INVOICE} It is lost.\n\nTom"

    assert cut(text)[1] == ["Tom"]


@pytest.mark.parametrize(
    "behind",
    ["Thanks to the update it fails.", "Danke, bitte auch Toner.", "Thanks?", "Thanks. Why is it so?", "It is new."],
)
def test_what_asks_or_tells_something_stays_with_its_item(behind: str) -> None:
    text = f"# Printer\n{PRINTER}\n\n# Invoice\n{INVOICE} {behind}"

    assert cut(text) == ([f"Printer\n{PRINTER}", f"Invoice\n{INVOICE} {behind}"], [])


def test_the_last_section_keeps_its_words_though_they_begin_like_the_end_of_a_mail() -> None:
    text = f"# Printer\n{PRINTER}\n\n# Export\nThe first column is missing.\nBoth reports are wrong."

    assert cut(text) == ([f"Printer\n{PRINTER}", "Export\nThe first column is missing.\nBoth reports are wrong."], [])


def test_the_last_heading_keeps_the_paragraph_below_it() -> None:
    text = f"1. Printer\n\n{PRINTER}\n\n2. Door\n\nAll of the badges are rejected.\n\nAll of this is urgent."

    assert cut(text) == (
        [f"Printer\n\n{PRINTER}", "Door\n\nAll of the badges are rejected."],
        ["All of this is urgent."],
    )


def test_a_line_that_was_broken_within_a_sentence_belongs_to_the_last_item() -> None:
    text = f"1. {PRINTER}\n2. We need two more licences for\nboth of our people\nRegards"

    assert cut(text) == ([PRINTER, "We need two more licences for\nboth of our people"], ["Regards"])


@pytest.mark.parametrize("closing", ["These are unrelated.", "thx", "Dank im Voraus"])
def test_a_line_below_the_last_item_closes_the_mail(closing: str) -> None:
    text = f"- the printer fails\n- the invoice has a wrong total\n{closing}"

    assert cut(text) == (["the printer fails", "the invoice has a wrong total"], [closing])
