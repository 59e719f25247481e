"""Items that are counted within a paragraph: which numbers count, and where the last item ends."""

import pytest

from mailgateway.model.segments import ListKind
from mailgateway.triage.split import segments


def items(text: str) -> list[str]:
    """Return the words of the items of a text, without their marks."""
    found = segments(text)
    return [one.text for one in found.items] if found else []


@pytest.mark.parametrize(
    "text",
    [
        "Wir haben zwei Probleme: am 1. März fiel der Server aus, am 2. April druckte der Drucker nicht mehr.",
        "The printer fails (see 1) of the manual), and the second one as well (see 2) of the manual).",
        "§ 1) says that somebody answers within two hours and § 2) that he comes within four hours.",
        "Customers who press 1) hear nothing at all, those who press 2) are asked to wait for us.",
        "It prints wrong colours (e.g. (a) red where blue should be, (b) green where grey should be).",
        "Two issues: driver 8.1) prints blank pages since Monday, driver 9.2) prints a wrong total.",
        "It prints wrong colours :-( (for example a) red where blue should be, b) green where grey should be).",
    ],
)
def test_a_date_a_reference_and_an_aside_count_no_items(text: str) -> None:
    found = segments(text)

    assert found is None or found.kind not in (ListKind.NUMBERED, ListKind.LETTERED)


def test_the_numbers_within_an_aside_belong_to_its_item() -> None:
    text = "Two issues: (1) it prints wrong colours (e.g. (1) red, (2) green), (2) the invoice has a wrong total."

    assert items(text) == ["it prints wrong colours (e.g. (1) red, (2) green),", "the invoice has a wrong total."]


def test_a_word_may_stand_at_its_number() -> None:
    text = "We have two issues: 1.The printer prints blank pages. 2.The invoice has a wrong total."

    assert items(text) == ["The printer prints blank pages.", "The invoice has a wrong total."]


def test_a_version_and_an_address_of_a_host_count_nothing() -> None:
    text = "Two issues: 1. Host 10.1.2.3 does not answer on 2.1.0 of the client, 2. v2.2 prints a wrong total."

    assert items(text) == ["Host 10.1.2.3 does not answer on 2.1.0 of the client,", "v2.2 prints a wrong total."]


@pytest.mark.parametrize("behind", ["Thanks in advance, Anna", "Version 8.2 in both cases.", "Let me know."])
def test_what_closes_the_mail_is_not_of_the_last_item_of_a_line(behind: str) -> None:
    text = f"Two issues: (a) the printer prints blank pages, (b) the invoice of May has a wrong total. {behind}"

    assert items(text) == ["the printer prints blank pages,", "the invoice of May has a wrong total."]


def test_items_of_several_sentences_keep_theirs() -> None:
    text = "Two issues: (a) it prints blank pages. Version 8 did not. (b) the total is wrong. Version 8 had it right."

    assert items(text) == ["it prints blank pages. Version 8 did not.", "the total is wrong. Version 8 had it right."]
