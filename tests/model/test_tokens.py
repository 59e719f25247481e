import string
from base64 import b64decode, b64encode
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailgateway.model.ticket import Visibility
from mailgateway.model.tokens import (
    ALPHABET,
    CHECK_LETTERS,
    Key,
    Keyring,
    ReplyToken,
    SignedId,
    bounce_token,
    message_id,
    plus_address,
    plus_suffix,
    read_bounce_token,
    read_message_id,
    read_reply_token,
    read_thread_index,
    reply_token,
    thread_index,
    ticket_ref,
)

KEYRING = Keyring((Key("a", b"first secret"),))
ROTATED = Keyring((Key("b", b"second secret"), Key("a", b"first secret")))
RETIRED = Keyring((Key("b", b"second secret"),))
AGENTS = ("anna", "bert")
TODAY = date(2025, 3, 1)
TOKEN = ReplyToken(1042, 7, "", Visibility.PUBLIC, date(2025, 6, 1))

numbers = st.integers(0, 10**18 - 1)
small_numbers = st.integers(0, 2**35 - 1)
tokens = st.builds(
    ReplyToken,
    ticket=small_numbers,
    contact=st.none() | small_numbers,
    agent=st.sampled_from(("", *AGENTS)),
    visibility=st.sampled_from(Visibility),
    expires=st.dates(min_value=TODAY),
)
letters = st.sampled_from(string.ascii_letters + string.digits + string.punctuation + "\u212a\u017f\u0660\uff10\xe9\0 ")


@st.composite
def changes(draw: st.DrawFn, text: str) -> str:
    """One character replaced, left out or put in, other than by its other case."""
    at = draw(st.integers(0, len(text) - 1))
    kept = draw(st.integers(0, 1))
    changed = text[:at] + draw(letters | st.just("")) + text[at + 1 - kept :]
    assume(changed != text and not (changed.isascii() and changed.lower() == text.lower()))
    return changed


@given(tokens)
def test_a_reply_token_reads_back_in_any_case(token: ReplyToken) -> None:
    text = reply_token(KEYRING, token)

    read = [read_reply_token(KEYRING, form, AGENTS, TODAY) for form in (text, text.upper(), text.title())]

    assert read == [token, token, token]


@given(tokens)
def test_a_reply_address_stays_within_64_octets_with_a_name_of_24(token: ReplyToken) -> None:
    address = plus_address("s" * 24 + "@example.org", reply_token(KEYRING, token))

    local = address.rpartition("@")[0]

    assert len(local.encode()) <= 64


@given(tokens)
def test_a_reply_token_is_lower_case_without_look_alikes(token: ReplyToken) -> None:
    text = reply_token(KEYRING, token)

    assert set(text) <= set(ALPHABET)


def test_the_alphabets_have_no_look_alikes() -> None:
    assert (len(set(ALPHABET)), set(ALPHABET) & set("l1o0")) == (32, set())
    assert set(CHECK_LETTERS) & set("AEIOUL10") == set()


@given(st.data(), tokens)
def test_a_changed_reply_token_is_refused(data: st.DataObject, token: ReplyToken) -> None:
    changed = data.draw(changes(reply_token(KEYRING, token)))

    assert read_reply_token(KEYRING, changed, AGENTS, TODAY) is None


def test_a_reply_token_counts_on_its_last_day_and_not_after() -> None:
    text = reply_token(KEYRING, TOKEN)

    assert read_reply_token(KEYRING, text, AGENTS, TOKEN.expires) == TOKEN
    assert read_reply_token(KEYRING, text, AGENTS, TOKEN.expires + timedelta(days=1)) is None


def test_the_token_of_somebody_who_is_no_agent_any_more_is_refused() -> None:
    token = ReplyToken(1042, None, "carl", Visibility.INSIDE, TOKEN.expires)

    text = reply_token(KEYRING, token)

    assert read_reply_token(KEYRING, text, (*AGENTS, "carl"), TODAY) == token
    assert read_reply_token(KEYRING, text, AGENTS, TODAY) is None


def test_the_reply_token_of_one_agent_differs_from_that_of_another() -> None:
    anna, bert = (
        reply_token(KEYRING, ReplyToken(1042, None, agent, Visibility.PUBLIC, TOKEN.expires)) for agent in AGENTS
    )

    assert anna != bert


@given(st.text())
def test_arbitrary_text_is_no_token_and_never_raises(text: str) -> None:
    read = (
        read_reply_token(KEYRING, text, AGENTS, TODAY),
        read_bounce_token(KEYRING, text),
        read_message_id(KEYRING, text),
    )

    assert read == (None, None, None)


@given(st.from_regex(r"\A[bt][0-9]{1,20}\.(o[0-9]{1,20}\.)?a[a-z2-9]{16}(@x)?\Z"))
def test_a_guessed_signature_is_refused(text: str) -> None:
    assert (read_bounce_token(KEYRING, text), read_message_id(KEYRING, text)) == (None, None)


@given(numbers)
def test_a_bounce_token_reads_back_in_any_case(outbox: int) -> None:
    text = bounce_token(KEYRING, outbox)

    assert text.startswith(f"b{outbox}.")
    assert [read_bounce_token(KEYRING, form) for form in (text, text.upper())] == [outbox, outbox]


@given(numbers)
def test_a_bounce_address_stays_within_64_octets_with_a_name_of_24(outbox: int) -> None:
    address = plus_address("s" * 24 + "@example.org", bounce_token(KEYRING, outbox))

    assert len(address.rpartition("@")[0]) <= 64


@given(st.data(), numbers)
def test_a_changed_bounce_token_is_refused(data: st.DataObject, outbox: int) -> None:
    changed = data.draw(changes(bounce_token(KEYRING, outbox)))

    assert read_bounce_token(KEYRING, changed) is None


@given(st.none() | numbers, numbers)
def test_a_message_id_reads_back_in_any_case(ticket: int | None, outbox: int) -> None:
    text = message_id(KEYRING, ticket, outbox, "Mail.Example.org")

    read = [read_message_id(KEYRING, form) for form in (text, text.upper(), text.lower())]

    assert read == [SignedId(ticket, outbox)] * 3


def test_a_message_id_names_ticket_and_outbox_row() -> None:
    assert message_id(KEYRING, 1042, 5512, "example.org").startswith("t1042.o5512.a")
    assert message_id(KEYRING, None, 5512, "example.org").startswith("o5512.a")


@given(st.data(), st.none() | numbers, numbers)
def test_a_changed_message_id_is_refused(data: st.DataObject, ticket: int | None, outbox: int) -> None:
    changed = data.draw(changes(message_id(KEYRING, ticket, outbox, "example.org")))

    assert read_message_id(KEYRING, changed) is None


def test_a_signature_for_one_purpose_never_verifies_for_another() -> None:
    signatures = {
        bounce_token(KEYRING, 5512)[-17:],
        message_id(KEYRING, None, 5512, "example.org").partition("@")[0][-17:],
        reply_token(KEYRING, ReplyToken(5512, None, "", Visibility.PUBLIC, TOKEN.expires))[-17:],
    }

    swapped = [
        (read_bounce_token(KEYRING, f"b5512.{s}"), read_message_id(KEYRING, f"o5512.{s}@example.org"))
        for s in signatures
    ]

    assert len(signatures) == 3
    assert sorted(swapped, key=str) == [(5512, None), (None, None), (None, SignedId(None, 5512))]


def test_a_token_made_with_an_old_key_verifies_while_the_key_is_in_the_ring() -> None:
    reply, bounce = reply_token(KEYRING, TOKEN), bounce_token(KEYRING, 5)
    sent = message_id(KEYRING, 1, 5, "h")

    def read(ring: Keyring) -> tuple[ReplyToken | None, int | None, SignedId | None]:
        return (
            read_reply_token(ring, reply, AGENTS, TODAY),
            read_bounce_token(ring, bounce),
            read_message_id(ring, sent),
        )

    assert read(ROTATED) == (TOKEN, 5, SignedId(1, 5))
    assert read(RETIRED) == (None, None, None)


def test_the_first_key_signs() -> None:
    assert bounce_token(ROTATED, 5) == bounce_token(RETIRED, 5)


def test_the_key_id_is_signed_too() -> None:
    same_secret_twice = Keyring((Key("a", b"secret"), Key("b", b"secret")))

    text = bounce_token(same_secret_twice, 5)

    assert read_bounce_token(same_secret_twice, text.replace(".a", ".b")) is None


@given(numbers)
def test_a_ticket_id_ends_in_two_check_letters(number: int) -> None:
    ref = ticket_ref(KEYRING, "SUP", number)

    head, _, check = ref.rpartition("-")
    assert (head, len(check), set(check) <= set(CHECK_LETTERS)) == (f"SUP-{number}", 2, True)


def test_check_letters_depend_on_the_key_and_the_number() -> None:
    refs = [ticket_ref(ring, "SUP", number)[-2:] for ring in (KEYRING, RETIRED) for number in range(1, 60)]

    assert refs[:59] != refs[59:]
    assert len(set(refs)) > 59


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ((), "at least one key"),
        ((Key("ab", b"x"),), "one character"),
        ((Key("A", b"x"),), "one character"),
        ((Key("", b"x"),), "one character"),
        ((Key("a", b"x"), Key("a", b"y")), "same id"),
        ((Key("a", b""),), "empty"),
    ],
)
def test_a_keyring_that_could_not_sign_is_refused(keys: tuple[Key, ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Keyring(keys)


def test_a_key_never_shows_its_secret() -> None:
    assert "first" not in repr(KEYRING)


@pytest.mark.parametrize(
    ("recipient", "suffix"),
    [
        ("support@example.org", ""),
        ("Support@EXAMPLE.org", ""),
        ("SUPPORT+b5.Xy@Example.ORG", "b5.xy"),
        ("support+a+b@example.org", "a+b"),
        ("support+@example.org", ""),
        ("supporter@example.org", None),
        ("support+x@example.com", None),
        ("support", None),
        ("", None),
    ],
)
def test_a_plus_address_of_a_mailbox_is_split(recipient: str, suffix: str | None) -> None:
    assert plus_suffix(recipient, "Support@example.org") == suffix


def test_a_plus_address_is_split_where_it_was_put_together() -> None:
    assert plus_suffix(plus_address("support@example.org", "b5.xy"), "support@example.org") == "b5.xy"


# --- Outlook's conversations


@given(st.integers(0, 2**40 - 1), st.binary(max_size=100))
def test_a_conversation_index_reads_back_whatever_outlook_adds(ticket: int, added: bytes) -> None:
    index = b64decode(thread_index(KEYRING, ticket))

    answered = b64encode(index + added).decode()

    assert len(index) == 22
    assert read_thread_index(KEYRING, answered) == ticket
    assert read_thread_index(KEYRING, f" {answered[:20]} {answered[20:]}") == ticket


@given(st.data(), st.integers(0, 2**40 - 1))
def test_a_changed_conversation_index_is_refused(data: st.DataObject, ticket: int) -> None:
    index = bytearray(b64decode(thread_index(KEYRING, ticket)))
    index[data.draw(st.integers(6, 21))] ^= data.draw(st.integers(1, 255))

    assert read_thread_index(KEYRING, b64encode(index).decode()) is None


@given(st.text() | st.binary().map(lambda raw: b64encode(raw).decode()))
def test_any_other_conversation_index_is_none_of_ours(text: str) -> None:
    assert read_thread_index(KEYRING, text) is None


def test_a_number_that_does_not_fit_into_an_index_has_none() -> None:
    assert (thread_index(KEYRING, 2**40), len(thread_index(KEYRING, 2**40 - 1))) == ("", 32)
