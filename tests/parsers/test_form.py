"""Contact forms: what web servers make of them, and what visitors put into them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Form
from mailgateway.parsers.form import MAX_FIELDS, form_labels, read_form
from mailgateway.parsers.labels import Labelled, is_rule, labelled
from mailgateway.phrases import phrases

LANGUAGES = tuple(phrases("forms")["address"])


def test_all_of_a_form_is_read() -> None:
    text = "Name: Bob\nE-mail: bob@client.example\nCompany: Client\nSubject: Login\nMessage: It fails.\nTwice."

    assert read_form(text) == Form(
        name="Bob",
        address="bob@client.example",
        company="Client",
        subject="Login",
        message="It fails.\nTwice.",
        fields=(
            ("Name", "Bob"),
            ("E-mail", "bob@client.example"),
            ("Company", "Client"),
            ("Subject", "Login"),
            ("Message", "It fails.\nTwice."),
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_of_twenty_languages_are_read(language: str) -> None:
    tables = phrases("forms")
    name, address, subject, message = (tables[key][language][0] for key in ("name", "address", "subject", "message"))

    form = read_form(f"{name}: Zoe\n{address}: zoe@client.example\n{subject}: one\n{message}:\ntwo\n\nthree\n")

    assert form is not None
    assert (form.name, form.address, form.subject, form.message) == ("Zoe", "zoe@client.example", "one", "two\n\nthree")


@pytest.mark.parametrize(
    "between",
    [": ", ":\t", "\t", "\t\t", " | ", " = ", " => ", ":\n", "\n", "：", " - "],
)
def test_values_stand_beside_or_below_their_labels(between: str) -> None:
    form = read_form(f"Name{between}Bob\n\nEmail{between}bob@client.example\n\nMessage{between}Hello there\n")

    assert form is not None
    assert (form.name, form.address, form.message) == ("Bob", "bob@client.example", "Hello there")


@pytest.mark.parametrize(
    "inside",
    ["Name: internal\nmore", "Error: 500\nDate: today\nmore", "Email: other@x.example\nmore", "----\nSubject: x\nmore"],
)
def test_fields_in_the_middle_of_a_message_are_the_visitors_words(inside: str) -> None:
    form = read_form(f"Name: Bob\nEmail: bob@client.example\nMessage:\nHello\n{inside}\n\nPhone: 1\n")

    assert form is not None
    assert (form.name, form.address, form.message) == ("Bob", "bob@client.example", f"Hello\n{inside}")


def test_the_message_may_come_first() -> None:
    form = read_form("Message:\nHello\nthere\n\nName: Bob\nEmail: bob@client.example\n")

    assert form is not None
    assert (form.name, form.address, form.message) == ("Bob", "bob@client.example", "Hello\nthere")


def test_of_several_fields_like_a_message_the_last_before_the_words_is_it() -> None:
    form = read_form("Name: Bob\nRequest: Billing\nMessage: The sum is wrong.\nPlease check.")

    assert form is not None
    assert form.message == "The sum is wrong.\nPlease check."


def test_first_and_last_name_are_one_name() -> None:
    both = read_form("Last name: Smith\nFirst name: Bob\nEmail: b@x.example")
    german = read_form("Name: Müller\nVorname: Erika\nE-Mail: e@x.example")

    assert [form and form.name for form in (both, german)] == ["Bob Smith", "Erika Müller"]


def test_configured_labels_come_first() -> None:
    labels = (("message", ("Wo klemmt es",)), ("other", ("message",)))

    form = read_form("Name: Bob\nMessage: no\nWo klemmt es: Hier.\nUnd dort.", labels)

    assert form is not None
    assert form.message == "Hier.\nUnd dort."


def test_reply_to_is_the_visitor_where_no_field_is() -> None:
    form = read_form("Message: Hello", (), (Address("Bob", "bob@client.example"),))

    assert form is not None
    assert (form.name, form.address) == ("Bob", "bob@client.example")


def test_what_is_no_address_is_shown_as_it_was_typed() -> None:
    form = read_form("Name: Bob\nEmail: call me\nMessage: Hello")

    assert form is not None
    assert form.address == "call me"


def test_double_labels_are_joined() -> None:
    form = read_form("Name: Bob\nChoice: a\nChoice: b\nMessage: Hello")

    assert form is not None
    assert dict(form.fields)["Choice"] == "a\nb"


@pytest.mark.parametrize(
    "text", ["", "Hello,\njust a mail: with a colon\nbye", "https://x.example: no", "10:30 we meet"]
)
def test_a_mail_without_fields_is_no_form(text: str) -> None:
    assert read_form(text) is None


def test_the_words_of_a_form_without_a_label_for_them_stand_below_its_fields() -> None:
    beside = read_form("Name: Bob\nEmail: bob@x.example\nShoe size: 43\n\nHello,\nNote: it burns.")
    below = read_form("Name\nBob\nEmail\nbob@x.example\n\nHello,\nit burns.")

    assert [form and form.message for form in (beside, below)] == ["Hello,\nNote: it burns.", "Hello,\nit burns."]


def test_a_form_has_a_bounded_number_of_fields() -> None:
    form = read_form("Name: Bob\n" + "".join(f"Choice {number}: x\n" for number in range(1_000)) + "Message: Hello")

    assert form is not None
    assert len(form.fields) <= MAX_FIELDS + 1
    assert form.message == "Hello"


@pytest.mark.parametrize(
    "words", ["Hello\n--\nmore words\nand more", "This e-mail was sent from my phone:\n" + "a line\n" * 10 + "the end"]
)
def test_what_looks_like_an_ending_amid_the_words_cuts_nothing(words: str) -> None:
    form = read_form(f"Name: Bob\nMessage:\n{words}\n")

    assert form is not None
    assert form.message == words


def test_the_servers_own_closing_words_are_not_the_visitors() -> None:
    form = read_form("Name: Bob\nMessage:\nHello\n\n-- \nThis e-mail was sent from a contact form on x.example\n")

    assert form is not None
    assert form.message == "Hello"


def test_words_are_never_lost_between_the_fields() -> None:
    form = read_form("Name: Bob\nAddress: Street 1\nTown\nEmail: bob@x.example\nMessage: Hello")

    assert form is not None
    assert "Town" in dict(form.fields)["Address"]


@given(st.text(alphabet=st.sampled_from("Namesgi: \n\t|-=@.x>*#1é消息："), max_size=400))
def test_any_text_is_read_and_bounded(text: str) -> None:
    form = read_form(text)

    assert form is None or len(form.fields) <= MAX_FIELDS + 1


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        ":" * 1_000_000,
        "\t" * 1_000_000,
        "/" * 1_000_000 + ":",
        "Name: x\n" * 100_000,
        "Message:\n" * 100_000,
        "Message: x\n" + "Phone: 1\n\n" * 100_000,
        "- " * 500_000,
        ">" * 1_000_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_hostile_text_is_read_in_a_moment(text: str) -> None:
    begin = time.process_time()

    read_form(text)

    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("** E-Mail *: x", Labelled("E-Mail", "x", "address")),
        ("2) Your-Name: x", Labelled("2) Your-Name", "x", "name")),
        ("Message (required):", Labelled("Message (required", "", "message")),
        ("Name / Nom: x", Labelled("Name / Nom", "x", "name")),
        ("Shoe size: 43", Labelled("Shoe size", "43", "")),
        ("see https://x.example", None),
        ("this is a whole sentence that goes on: yes", None),
        ("", None),
    ],
)
def test_labels_are_told_from_words(line: str, expected: Labelled | None) -> None:
    assert labelled(line, form_labels()) == expected


def test_rules_are_told_from_words() -> None:
    assert [is_rule(line) for line in ("----", "=== ", "-", "a--", "")] == [True, True, False, False, False]
