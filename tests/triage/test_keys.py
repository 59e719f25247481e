from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Keys
from mailgateway.model.message import Address, Body
from mailgateway.model.people import Authentication
from mailgateway.model.ticket import Visibility
from mailgateway.model.tokens import ReplyToken, bounce_token, message_id, plus_address, reply_token, thread_index
from mailgateway.triage.keys import MAX_IDS, MAX_REFS, keys, ticket_refs
from tests.factories import CUSTOMER_ADDRESS, KEYRING, SUPPORT, message, report, site

TODAY = date(2025, 3, 1)
TOKEN = ReplyToken(1042, 7, "", Visibility.PUBLIC, date(2025, 6, 1))
AGENT_TOKEN = ReplyToken(1043, None, "anna", Visibility.INSIDE, date(2025, 6, 1))
BOUNCE = plus_address(SUPPORT, bounce_token(KEYRING, 5512))


def to(*addresses: str) -> tuple[Address, ...]:
    return tuple(Address("", address) for address in addresses)


def reply_address(token: ReplyToken) -> str:
    return plus_address(SUPPORT, reply_token(KEYRING, token))


def test_a_plain_mail_is_looked_up_by_its_own_ids_and_sender() -> None:
    mail = message(sender="Carla@Customer.example")

    looked_up = keys(mail, site(), TODAY, Authentication.PASS)

    assert looked_up == Keys(
        "support", "m1@customer.example", "d1", CUSTOMER_ADDRESS, authentication=Authentication.PASS
    )


def test_ids_are_looked_up_newest_first_each_once() -> None:
    mail = message(in_reply_to="c@x", references=("a@x", "b@x", "c@x"), reports=(report(original_message_id="o@x"),))

    assert keys(mail, site(), TODAY).message_ids == ("c@x", "b@x", "a@x", "o@x")


def test_the_number_of_ids_is_bounded() -> None:
    mail = message(references=tuple(f"{n}@x" for n in range(500)))

    looked_up = keys(mail, site(), TODAY).message_ids

    assert (len(looked_up), looked_up[0]) == (MAX_IDS, "499@x")


# --- the ticket ID


@pytest.mark.parametrize(
    "subject",
    [
        "[SUP-1042-QX] The printer",
        "Re: [SUP-1042-QX] The printer",
        "AW: AW: [SUP-1042-QX] Drucker",
        "SV: [SUP-1042-QX] Skrivaren",
        "Отв: [SUP-1042-QX] Принтер",
        "re: [sup-1042-qx] the printer",
        "Re: SUP-1042-QX",
        "Re:SUP-1042-QX, please",
        "关于SUP-1042-QX的问题",
        "SUP\u20111042\u2011QX",
    ],
)
def test_a_ticket_id_is_found_in_the_subject(subject: str) -> None:
    assert ticket_refs(message(subject=subject)) == ("SUP-1042-QX",)


@pytest.mark.parametrize(
    "subject", ["SUP-1042", "SUP-1042-AE", "SUP-1042-QXZ", "XSUPPORTERS-1042-QX", "SUP-x-QX", "SUP-1042-\u212aX", ""]
)
def test_what_only_looks_like_a_ticket_id_is_none(subject: str) -> None:
    assert ticket_refs(message(subject=subject)) == ()


def test_an_id_from_before_the_prefix_changed_is_found() -> None:
    assert ticket_refs(message(subject="Re: [OLD-7-BC]")) == ("OLD-7-BC",)


def test_the_first_lines_of_the_new_text_are_searched_after_the_subject() -> None:
    mail = message(subject="about SUP-2-BC", text="Hello,\n\nthis is sup-1-bc and SUP-2-BC\n1\n2\n3\nSUP-3-BC")

    assert ticket_refs(mail) == ("SUP-2-BC", "SUP-1-BC")


def test_quoted_text_is_not_searched() -> None:
    mail = message(body=Body("Hello", "> SUP-1-BC", "SUP-2-BC", "Hello\n> SUP-1-BC\nSUP-2-BC"))

    assert ticket_refs(mail) == ()


def test_the_number_of_ticket_ids_is_bounded() -> None:
    mail = message(subject=" ".join(f"SUP-{n}-BC" for n in range(50)))

    assert ticket_refs(mail) == tuple(f"SUP-{n}-BC" for n in range(MAX_REFS))


# --- tokens and bounce addresses


@pytest.mark.parametrize("header", ["delivered-to", "x-original-to", "envelope-to"])
def test_a_token_is_found_in_the_headers_of_the_servers_on_the_way(header: str) -> None:
    mail = message((header, f"<{reply_address(TOKEN).upper()}>"))

    looked_up = keys(mail, site(), TODAY)

    assert (looked_up.tokens, looked_up.ticket_numbers, looked_up.contacts) == ((TOKEN,), (1042,), (7,))


def test_a_token_is_found_in_to_and_cc() -> None:
    mail = message(to=to("x@y.example", reply_address(TOKEN)), cc=to(reply_address(AGENT_TOKEN)))

    looked_up = keys(mail, site(), TODAY)

    assert (looked_up.tokens, looked_up.ticket_numbers, looked_up.contacts) == (
        (TOKEN, AGENT_TOKEN),
        (1042, 1043),
        (7,),
    )


def test_a_token_at_an_alias_counts() -> None:
    mail = message(to=to(plus_address("help@acme.example", reply_token(KEYRING, TOKEN))))

    assert keys(mail, site(), TODAY).tokens == (TOKEN,)


@pytest.mark.parametrize(
    ("address", "today"),
    [
        (plus_address("support@other.example", reply_token(KEYRING, TOKEN)), TODAY),
        (plus_address(SUPPORT, "x" * 30), TODAY),
        (SUPPORT, TODAY),
        (reply_address(TOKEN), date(2025, 6, 2)),
    ],
)
def test_a_foreign_wrong_or_expired_token_is_none(address: str, today: date) -> None:
    assert keys(message(to=to(address)), site(), today).tokens == ()


def test_a_bounce_address_names_its_delivery() -> None:
    assert keys(message(("delivered-to", BOUNCE)), site(), TODAY).deliveries == (5512,)


def test_the_envelope_id_of_a_report_names_its_delivery() -> None:
    mail = message(reports=(report(envelope_id=bounce_token(KEYRING, 5512)), report(envelope_id="x")))

    assert keys(mail, site(), TODAY).deliveries == (5512,)


def test_a_signed_message_id_names_ticket_and_delivery() -> None:
    ours, without_ticket = message_id(KEYRING, 1042, 5512, "acme.example"), message_id(KEYRING, None, 5513, "h")

    looked_up = keys(message(in_reply_to=ours, references=(without_ticket, "x@y")), site(), TODAY)

    assert (looked_up.message_ids, looked_up.ticket_numbers, looked_up.deliveries) == (
        (ours, "x@y", without_ticket),
        (1042,),
        (5512, 5513),
    )


def test_the_envelope_sender_of_a_returned_mail_names_its_delivery() -> None:
    mail = message(reports=(report(original_sender=BOUNCE), report(original_sender="x@y.example")))

    assert keys(mail, site(), TODAY).deliveries == (5512,)


def test_the_subject_and_every_id_of_a_returned_mail_are_looked_up() -> None:
    returned = report(original_subject="Re: [SUP-7-BC] Hi", original_message_id="a@x", other_ids=("b@x",))
    mail = message(subject="Undelivered", reports=(returned, returned))

    looked_up = keys(mail, site(), TODAY)

    assert (looked_up.refs, looked_up.message_ids) == (("SUP-7-BC",), ("a@x", "b@x"))


def test_a_conversation_index_that_outlook_kept_names_its_ticket() -> None:
    headers = (("thread-index", value) for value in ("AQ==", thread_index(KEYRING, 1042), thread_index(KEYRING, 7)))

    looked_up = keys(message(*headers), site(), TODAY)

    assert (looked_up.conversations, looked_up.ticket_numbers) == ((1042, 7), (1042, 7))


@given(st.text(), st.text(), st.text())
def test_keys_are_read_from_any_text(subject: str, text: str, delivered_to: str) -> None:
    looked_up = keys(message(("delivered-to", delivered_to), subject=subject, text=text), site(), TODAY)

    assert (looked_up.tokens, looked_up.deliveries, len(looked_up.refs) <= MAX_REFS) == ((), (), True)
