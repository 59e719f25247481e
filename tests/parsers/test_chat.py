"""Chats: who says what, in the shapes that services send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Chat, Speaker, Turn
from mailgateway.parsers.chat import MAX_TURNS, read_chat

HELLO = Turn("Bob", Speaker.VISITOR, "hello")
ANSWER = Turn("Anna", Speaker.OPERATOR, "hi")


@pytest.mark.parametrize(
    "line",
    [
        "[10:00] {}: {}",
        "(10:00:01 AM) {}: {}",
        "10:00 {}: {}",
        "10:00 - {}: {}",
        "[2025-03-03 10:00:01] {} : {}",
        "{} (10:00): {}",
        "{} (Mar 3, 2025 10:00 AM): {}",
        "{} - 10:00\n{}",
        "{} · 10:00\n{}",
        "{} [10:00]:\n{}",
    ],
)
def test_a_turn_begins_with_a_name_and_a_time_in_any_order(line: str) -> None:
    text = "\n".join(
        ("Name: Bob", "Email: bob@client.example", "", line.format("Bob", "hello"), line.format("Anna", "hi"))
    )

    assert read_chat(text) == Chat("chat", Address("Bob", "bob@client.example"), (HELLO, ANSWER))


@pytest.mark.parametrize(
    ("first", "second", "operators"),
    [
        ("Bob", "Anna", ("Anna",)),
        ("Visitor 81", "Bob", ()),
        ("V12345678", "Anna", ()),
        ("Bob", "Operator", ()),
        ("Besucher", "Berater", ()),
        ("посетитель", "оператор", ()),
        ("Bob (visitor)", "Anna (agent)", ()),
    ],
)
@pytest.mark.parametrize("operator_begins", [True, False])
def test_the_visitor_is_told_from_the_operator(
    first: str, second: str, operators: tuple[str, ...], *, operator_begins: bool
) -> None:
    turns = [f"[10:00] {first}: hello", f"[10:01] {second}: hi"]
    text = "\n".join(reversed(turns) if operator_begins else turns)

    chat = read_chat(text, operators)

    assert chat is not None
    assert {turn.text: turn.role for turn in chat.turns} == {"hello": Speaker.VISITOR, "hi": Speaker.OPERATOR}


def test_who_speaks_first_is_the_visitor_where_nothing_else_says_so() -> None:
    chat = read_chat("[10:00] Bob: hello\n[10:01] Anna: hi")

    assert chat is not None
    assert chat.turns == (HELLO, ANSWER)
    assert chat.visitor == Address("Bob", "")


def test_the_services_own_lines_are_nobodys() -> None:
    chat = read_chat(
        "[10:00] Bob: hello\n[10:01] Anna joined the chat\n*** Anna has left ***\n[10:02] Bob: bye\n\nSent via x"
    )

    assert chat is not None
    assert [(turn.role, turn.text) for turn in chat.turns] == [
        (Speaker.VISITOR, "hello"),
        (Speaker.SYSTEM, "Anna joined the chat"),
        (Speaker.SYSTEM, "Anna has left"),
        (Speaker.VISITOR, "bye"),
    ]


def test_lines_with_colons_inside_a_turn_stay_in_it() -> None:
    chat = read_chat("[10:00] Bob: see\nError: 500\nTime: 10:30\n\nmore: words\n[10:01] Anna: hi")

    assert chat is not None
    assert chat.turns[0].text == "see\nError: 500\nTime: 10:30\n\nmore: words"


@pytest.mark.parametrize(
    ("hint", "text", "service"),
    [
        ("transcripts@olark.com", "", "olark"),
        ("noreply@tawk.to", "", "tawk"),
        ("x@y.example", "powered by crisp.chat", "crisp"),
        ("x@y.example", "", "chat"),
    ],
)
def test_the_service_is_known_by_its_address_or_its_words(hint: str, text: str, service: str) -> None:
    chat = read_chat(f"{text}\n[10:00] Bob: hello\n[10:01] Anna: hi", hint=hint)

    assert chat is not None
    assert chat.service == service


def test_reply_to_is_the_visitors_where_the_text_has_no_address() -> None:
    chat = read_chat("[10:00] Bob: hello\n[10:01] Anna: hi", (), (Address("Bob", "bob@client.example"),))

    assert chat is not None
    assert chat.visitor == Address("Bob", "bob@client.example")


@pytest.mark.parametrize(
    "text", ["", "Hello\nplease help: it fails\nBye: Bob", "We meet at 10:30.", "Name: Bob\nEmail: b@x"]
)
def test_a_mail_without_turns_is_no_chat(text: str) -> None:
    assert read_chat(text) is None


@given(st.text(alphabet=st.sampled_from("Bob: \n[]()10.3-|·*@éV9：PAM"), max_size=400))
def test_any_text_is_read_and_bounded(text: str) -> None:
    chat = read_chat(text)

    assert chat is None or len(chat.turns) <= MAX_TURNS + 1


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "(" * 1_000_000,
        "1:11 " * 200_000,
        "[10:00] x: y\n" * 100_000,
        ("a (1:11" * 40 + "\n") * 5_000,
        " " * 1_000_000,
        "a: b\n" * 100_000,
        ("," * 300 + "\n") * 5_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_hostile_text_is_read_in_a_moment(text: str) -> None:
    begin = time.process_time()

    read_chat(text)

    assert time.process_time() - begin < 1
