"""Names that others give: numbers of ticket systems, ids of relays, indexes of Outlook."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.parsers.references import MAX_RELAY_IDS, conversation_index, regionless_id, relay_ids
from mailgateway.parsers.subject import MAX_FOREIGN_REFS, foreign_refs

SES = "0102018c5e1b2a3f-0a1b2c3d-1111-2222-3333-444455556666-000000"
BLOCK = bytes.fromhex("01d5c0366905" + "ab" * 16)


# --- numbers of other ticket systems


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: [Ticket#99] Printer", ("99",)),
        ("[#12345] Printer", ("12345",)),
        ("[##12345##] Printer", ("12345",)),
        ("[rt.example.com #1234] Printer", ("1234",)),
        ("[Ticket: 2024010210000017] Printer", ("2024010210000017",)),
        ("Case 00123 has been opened", ("00123",)),
        ("Printer (INC0012345)", ("INC0012345",)),
        ("Your mail, ref: abc-123", ("ABC-123",)),
        ("[ABC-123] Printer", ("ABC-123",)),
        ("Vorgangsnummer: 4711", ("4711",)),
        ("Ärendenr. 8812", ("8812",)),
        ("Заявка № 5512: Принтер", ("5512",)),
        ("【工单号：4455】", ("4455",)),
        ("お問い合わせ番号:12345", ("12345",)),
        ("[Ticket#99] [#99] case 12345", ("99", "12345")),
    ],
)
def test_a_number_of_another_system_is_read_in_its_usual_shapes(subject: str, numbers: tuple[str, ...]) -> None:
    assert foreign_refs(subject, "SUP") == numbers


@pytest.mark.parametrize(
    "subject",
    [
        "Printer",
        "[EXTERNAL] Printer",
        "Case 12 has no power",
        "Invoice 20240102",
        "request 2024 budget",
        "(2024)",
        "Prince123 and tickets45678",
        "[#7] of 9",
        "the basecase 123456",
        "",
    ],
)
def test_words_and_other_numbers_are_no_ticket_numbers(subject: str) -> None:
    assert foreign_refs(subject, "SUP") == ()


@pytest.mark.parametrize(
    "subject", ["[SUP-1042-QX]", "Ref: SUP-1042-QX", "[SUP-77]", "(#HELP-1042-QX)", "Case sup-1042"]
)
def test_our_own_numbers_are_no_other_systems(subject: str) -> None:
    assert foreign_refs(subject, "SUP") == ()


def test_no_more_than_three_numbers_are_read() -> None:
    assert foreign_refs(" ".join(f"[#{number}]" for number in range(100, 900)), "SUP") == ("100", "101", "102")


@given(st.text() | st.lists(st.sampled_from(["[", "#", "ticket ", "12345", "]", "(", "A-", " "])).map("".join))
def test_numbers_are_read_from_any_text(subject: str) -> None:
    found = foreign_refs(subject, "SUP")

    assert len(found) <= MAX_FOREIGN_REFS
    assert [ref for ref in found if not any(digit in ref for digit in "0123456789") or len(ref) > 31] == []


# --- ids that relays give


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        (f"Ok {SES}", (f"{SES}@amazonses.com",)),
        (f"2.6.0 <{SES}@eu-west-1.amazonses.com>", (f"{SES}@amazonses.com",)),
        (
            "2.6.0 <AM9PR01MB1@eur.prod.example> [InternalId=1] Queued mail for delivery",
            ("AM9PR01MB1@eur.prod.example",),
        ),
        ("2.0.0 OK: queued as <202401021234.12345678@relay.example>", ("202401021234.12345678@relay.example",)),
        ("2.0.0 Ok: queued as 4F1A22C3D", ()),
        ("2.0.0 <customer@example.com> saved", ()),
        ("", ()),
    ],
)
def test_an_answer_of_a_relay_names_the_id_that_it_gave(answer: str, ids: tuple[str, ...]) -> None:
    assert relay_ids(answer) == ids


@pytest.mark.parametrize("host", ["eu-west-1.amazonses.com", "email.amazonses.com", "amazonses.com"])
def test_an_id_of_amazon_ses_is_the_same_in_every_region(host: str) -> None:
    assert regionless_id(f"{SES.upper()}@{host}") == f"{SES}@amazonses.com"


@pytest.mark.parametrize(
    "name",
    [f"{SES}@evil.example", f"{SES}@amazonses.com.evil.example", f"{SES[:-1]}@amazonses.com", f"x{SES}@amazonses.com"],
)
def test_what_only_looks_like_an_id_of_amazon_ses_is_none(name: str) -> None:
    assert regionless_id(name) == ""


@given(st.text())
def test_ids_are_read_from_any_answer(answer: str) -> None:
    assert len(relay_ids(answer)) <= MAX_RELAY_IDS


# --- conversations of Outlook


@given(st.binary(max_size=50))
def test_every_mail_of_a_conversation_has_its_first_22_bytes(more: bytes) -> None:
    assert conversation_index(b64encode(BLOCK + more).decode()) == BLOCK.hex()


@pytest.mark.parametrize("index", [b"", BLOCK[:-1], b"\x02" + BLOCK[1:], b"\x01" + bytes(21)])
def test_what_is_no_header_block_names_no_conversation(index: bytes) -> None:
    assert conversation_index(b64encode(index).decode()) == ""


@given(st.text())
def test_an_index_is_read_from_any_text(field: str) -> None:
    assert len(conversation_index(field)) in {0, 44}
