"""Whose words a mail holds: only what is configured changes the person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Body, Message, Relay, Through
from mailgateway.model.site import Channel
from mailgateway.parsers.listcopy import list_author
from mailgateway.parsers.originator import NO_ADDRESS, Here, look_alike, through_channel
from tests.factories import message, report

WEB = "noreply@web.example"
FORM = "Name: Bob\nEmail: bob@client.example\nMessage: Hello"
CHAT = "Email: bob@client.example\n\n[10:00] Bob: hello\n[10:01] Anna: hi\n[10:02] Bob: bye"
CHANNELS = (
    Channel("web", Through.FORM, (WEB,)),
    Channel("chat", Through.CHAT, ("*@chat.example",)),
    Channel("group", Through.LIST, ("help@groups.example",), ("help.acme.example",)),
)
HERE = Here(CHANNELS, frozenset({"support@acme.example"}), ("Anna",))
BOB = Address("Bob", "bob@client.example")


def test_a_forms_visitor_is_the_sender_and_everything_is_kept() -> None:
    read = message(sender=WEB, text=FORM)

    found = through_channel(read, HERE)

    assert found.sender == BOB
    assert found.relay == Relay(Through.FORM, read.sender, "web")
    assert found.body == Body("Hello", "", "", FORM)
    assert found.form is not None


def test_a_chats_visitor_is_the_sender_and_his_words_the_text() -> None:
    found = through_channel(message(sender="transcripts@chat.example", text=CHAT), HERE)

    assert (found.sender, found.body.text, found.body.full_text) == (BOB, "hello\nbye", CHAT)
    assert found.relay == Relay(Through.CHAT, Address("Carla", "transcripts@chat.example"), "chat")


def test_what_is_left_for_nobody_in_a_chat_is_a_form() -> None:
    found = through_channel(message(sender="transcripts@chat.example", text=FORM), HERE)

    assert (found.sender, found.body.text) == (BOB, "Hello")


def test_the_author_of_a_groups_copy_is_the_sender() -> None:
    headers = (("list-id", "Help <help.acme.example>"), ("x-original-from", "Bob <bob@client.example>"))
    read = replace(message(*headers, text="Hi"), sender=Address("'Bob' via Help", "help@groups.example"))

    assert through_channel(read, HERE).sender == BOB


@pytest.mark.parametrize("text", [FORM, CHAT])
def test_a_look_alike_of_nothing_configured_changes_nobody(text: str) -> None:
    read = message(sender="eve@elsewhere.example", text=text)

    assert through_channel(read, HERE) == read


@pytest.mark.parametrize(
    "changed",
    [
        {"reports": (report(),)},
        {"headers": (("auto-submitted", "auto-replied (vacation)"),)},
        {"headers": (("content-type", "multipart/report; report-type=delivery-status"),)},
    ],
)
def test_robots_that_answer_or_report_are_no_channel(changed: dict[str, object]) -> None:
    read = replace(message(sender=WEB, text=FORM), **changed)  # type: ignore[arg-type]  # fields of Message

    assert through_channel(read, HERE) == read


@pytest.mark.parametrize("typed", ["support@acme.example", "Support+x@acme.example", "call me", ""])
def test_an_address_that_is_ours_or_none_is_nobodys(typed: str) -> None:
    found = through_channel(message(sender=WEB, text=f"Name: Bob\nEmail: {typed}\nMessage: Hello"), HERE)

    assert found.sender == Address("Bob", "")
    assert NO_ADDRESS in found.defects


def test_reply_to_is_the_visitor_where_the_form_has_no_fields() -> None:
    read = message(sender=WEB, text="Hello", reply_to=(Address("", WEB), BOB))

    found = through_channel(read, HERE)

    assert (found.sender, found.body.text) == (BOB, "Hello")


def test_a_channels_mail_with_nobody_inside_stays_its_own() -> None:
    read = message(sender=WEB, text="Your invoice is ready.")

    assert through_channel(read, HERE) == read


def copy(name: str, address: str = "help@groups.example", *headers: tuple[str, str]) -> Message:
    return replace(message(*headers), sender=Address(name, address), reply_to=())


@pytest.mark.parametrize(
    ("passed_on", "author"),
    [
        (copy("Bob", "bob@client.example"), BOB),
        (copy("'Bob' via Help", "help@groups.example", ("x-original-sender", "bob@client.example")), BOB),
        (replace(copy("Bob via Help"), reply_to=(BOB,)), BOB),
        (replace(copy("Bob via Help"), reply_to=(Address("", "help@groups.example"),)), Address("Bob", "")),
        (copy("Help"), Address("Help", "")),
    ],
)
def test_the_group_is_never_the_author(passed_on: Message, author: Address) -> None:
    assert list_author(passed_on, frozenset({"help@groups.example"})) == author


def test_what_looks_like_a_form_or_chat_can_be_shown_without_changing_the_person() -> None:
    form, chat, plain = (look_alike(message(text=text)) for text in (FORM, CHAT, "It burns."))

    assert (form.form is not None, chat.chat is not None) == (True, True)
    assert {each.sender.address for each in (form, chat, plain)} == {"carla@customer.example"}
    assert (plain.form, plain.chat, form.body.text) == (None, None, FORM)


@given(st.sampled_from([WEB, "a@chat.example", "help@groups.example"]), st.text(), st.text())
def test_any_mail_of_a_channel_is_read(sender: str, text: str, name: str) -> None:
    read = replace(message(text=text), sender=Address(name, sender))

    assert through_channel(read, HERE).body.full_text == text
