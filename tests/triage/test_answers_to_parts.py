"""An answer to the acknowledgement of a mail that became several tickets goes where it says, and never to all."""

from dataclasses import replace
from datetime import date

import pytest

from mailgateway.model.cut import Cut, KnownCut, Piece
from mailgateway.model.decision import Known, KnownMessage, Rung, Threading
from mailgateway.model.message import Body, Classification, Message, MessageKind
from mailgateway.model.people import Role
from mailgateway.model.ticket import Status, Ticket, Visibility
from mailgateway.model.tokens import ReplyToken
from mailgateway.parsers.reply.split import split_reply
from mailgateway.triage.thread import thread
from tests.factories import CUSTOMER_ADDRESS, PERSON, keys, known, known_message, message, site, ticket

FIRST, SECOND, THIRD = ticket(1042), ticket(1043), ticket(1044)
CUT = Cut(1042, (Piece(1042, 1, "a"), Piece(1043, 2, "b"), Piece(1044, 3, "c")), message=1)
ACKNOWLEDGEMENT = """your mail has arrived. It holds 3 issues, and each has a ticket of its own:

[SUP-1042-QX] Printer
[SUP-1043-QX] Scanner that does not wake up in the morning
[SUP-1044-QX] Toner

What happens next: a person will read your mail."""
SENT = known_message("m1@acme.example", 1042, ours=True, acknowledgement=ACKNOWLEDGEMENT)
HELD = known(tickets=(FIRST, SECOND, THIRD), cuts=(KnownCut(CUT),), referred=(SENT,))
TOKEN = ReplyToken(1042, None, "", Visibility.PUBLIC, date(2025, 6, 1))
TO_THE_ACKNOWLEDGEMENT = keys(message_ids=("m1@acme.example",), tokens=(TOKEN,), ticket_numbers=(1042,))
WAY = "a signed reply address SUP-1042-QX; the sender writes from the requester's address"
WAY_BY_MAIL = "it answers a message on the ticket SUP-1042-QX; the sender writes from the requester's address"
LISTED = """> your mail has arrived. It holds 3 issues, and each has a ticket of its own:
>
> [SUP-1042-QX] Printer
{0}> [SUP-1043-QX] Scanner that does not wake
> up in the morning
{1}> [SUP-1044-QX] Toner
{2}>
> What happens next: a person will read your mail.
{3}"""


def answer(text: str, subject: str = "Re: [SUP-1042-QX] Printer") -> Message:
    return message(subject=subject, body=split_reply(text))


def threaded(mail: Message, held: Known = HELD, kind: Classification = PERSON) -> Threading:
    return thread(mail, kind, TO_THE_ACKNOWLEDGEMENT, held, site())


def place(found: Threading) -> tuple[int | None, tuple[int, ...], str]:
    return found.ticket.number if found.ticket else None, found.mentions, found.because


# --- what is said in words


@pytest.mark.parametrize(
    "text",
    [
        "SUP-1043-QX: it is the one on the third floor.",
        "About [sup-1043-qx], it is the one on the third floor.",
        "It is about SUP\u20111043\u2011QX.",
        "SUP-1043 can be closed.",
        "Hello\n\nfirst\n\nof\n\nall\n\nthanks\n\nfor\n\nthat.\n\nNow to SUP-1043-QX.",
    ],
)
def test_an_answer_that_names_one_part_in_its_new_text_goes_there(text: str) -> None:
    found = threaded(answer(f"{text}\n\nOn Monday, Acme Support wrote:\n{LISTED.format('', '', '', '')}"))

    assert place(found) == (1043, (), f"the answer names SUP-1043-QX of the 3 tickets that the mail became; {WAY}")


def test_an_answer_that_names_the_first_part_stays_there_for_that_reason() -> None:
    found = threaded(answer("SUP-1042-QX is solved."))

    assert place(found) == (1042, (), f"the answer names SUP-1042-QX of the 3 tickets that the mail became; {WAY}")


def test_an_answer_that_names_several_parts_goes_on_the_first_it_names_and_mentions_the_others() -> None:
    found = threaded(answer("SUP-1044-QX and SUP-1043-QX are solved, SUP-1044-QX since Monday."))

    assert place(found) == (
        1044,
        (1043,),
        f"the answer names 2 of the 3 tickets that the mail became, SUP-1044-QX first; {WAY}",
    )


@pytest.mark.parametrize(
    "text", ["Thank you!", "Our order is SUP-99-QX.", "Not SUP-1043-ZZ.", "It is 1043.", "XSUP-1043-QX, SUP-10434"]
)
def test_an_answer_that_names_no_part_goes_on_the_first_and_says_so(text: str) -> None:
    found = threaded(answer(f"{text}\n\nOn Monday, Acme Support wrote:\n{LISTED.format('', '', '', '')}"))

    assert place(found) == (1042, (), f"the answer names none of the 3 tickets that the mail became; {WAY}")


def test_the_id_of_another_part_in_the_subject_says_which() -> None:
    found = threaded(answer("It is solved, and not as SUP-1044-QX was.", "Re: [SUP-1043-QX] Printer"))

    assert place(found)[:2] == (1043, (1044,))


# --- answers below the lines of the quote


@pytest.mark.parametrize(
    ("answers", "went", "mentioned"),
    [
        (("", "That one is solved.\n", "", ""), 1043, ()),
        (("", "", "Black, please.\n", ""), 1044, ()),
        (("On the third floor.\n", "", "", ""), 1042, ()),
        (("", "Solved.\n", "Black, please.\n", ""), 1043, (1044,)),
        (("", "Solved, as SUP-1044-QX is.\n", "", ""), 1044, (1043,)),
    ],
)
def test_an_answer_below_the_line_of_one_part_goes_there(
    answers: tuple[str, str, str, str], went: int, mentioned: tuple[int, ...]
) -> None:
    found = threaded(answer(f"On Monday, Acme Support wrote:\n{LISTED.format(*answers)}"))

    assert place(found)[:2] == (went, mentioned)


def test_an_answer_below_the_whole_quote_is_below_no_part() -> None:
    found = threaded(answer(f"On Monday, Acme Support wrote:\n{LISTED.format('', '', '', 'Is anybody there?')}"))

    assert place(found)[0] == 1042
    assert found.because.startswith("the answer names none")


def test_an_answer_between_the_closing_lines_is_below_no_part() -> None:
    quote = LISTED.format("", "", "", "By when?\n> Acme Support\n")

    found = threaded(answer(f"On Monday, Acme Support wrote:\n{quote}"))

    assert found.because.startswith("the answer names none")


def test_a_line_that_has_two_parts_says_nothing() -> None:
    found = threaded(answer("On Monday, Acme wrote:\n> SUP-1043-QX, SUP-1044-QX?\nYes.\n> What else?\nNothing."))

    assert found.because.startswith("the answer names none")


def test_a_quote_cut_down_to_the_line_of_one_part_says_which() -> None:
    found = threaded(answer("On Monday, Acme Support wrote:\n> [SUP-1043-QX] Scanner\n\nThat one is solved."))

    assert place(found)[:2] == (1043, ())


def test_a_quote_that_breaks_off_after_the_first_part_says_nothing() -> None:
    found = threaded(answer("Thanks.\n\nOn Monday, Acme Support wrote:\n> [SUP-1042-QX] Printer"))

    assert found.because.startswith("the answer names none")


# --- who has no choice


def test_a_mail_in_the_thread_of_another_part_stays_there_whatever_it_names() -> None:
    own = keys(message_ids=("m9@acme.example",))
    held = replace(HELD, referred=(known_message("m9@acme.example", 1043, ours=True),))

    found = thread(answer("Like SUP-1044-QX."), PERSON, own, held, site())

    assert place(found)[:2] == (1043, ())
    assert found.because == "it answers a message of ours SUP-1043-QX; the sender writes from the requester's address"


def test_an_answer_to_the_mail_itself_which_is_on_all_tickets_goes_where_it_says() -> None:
    own = keys(message_ids=("m0@customer.example",))
    held = replace(HELD, referred=(known_message("m0@customer.example", 1042, 1043, 1044),))

    found = thread(answer("SUP-1044-QX: black."), PERSON, own, held, site())

    assert place(found) == (
        1044,
        (),
        f"the answer names SUP-1044-QX of the 3 tickets that the mail became; {WAY_BY_MAIL}",
    )


@pytest.mark.parametrize(
    "newest",
    [
        known_message("m2@acme.example", 1042, ours=True),
        known_message("m2@acme.example", 1042, ours=True, acknowledgement="Its number is SUP-1042-QX."),
        known_message("m2@agent.example", 1042),
    ],
    ids=["a later mail of ours", "the acknowledgement of another mail", "an agent's or a customer's later mail"],
)
@pytest.mark.parametrize("text", ["It is like SUP-1043-QX.", "Thanks."])
def test_an_answer_in_the_conversation_of_the_first_part_stays_there(newest: KnownMessage, text: str) -> None:
    looked_up = replace(TO_THE_ACKNOWLEDGEMENT, message_ids=("unknown@x", newest.message_id, "m1@acme.example"))
    held = replace(HELD, referred=(newest, SENT))

    found = thread(answer(f"{text}\n\n{LISTED.format('', '', '', '')}"), PERSON, looked_up, held, site())

    assert place(found) == (1042, (), WAY)


def test_a_mail_that_neither_refers_to_the_acknowledgement_nor_quotes_it_stays_where_it_is() -> None:
    looked_up = replace(TO_THE_ACKNOWLEDGEMENT, message_ids=("unknown@x",))

    found = thread(answer("It is like SUP-1043-QX."), PERSON, looked_up, replace(HELD, referred=()), site())

    assert place(found) == (1042, (), WAY)


@pytest.mark.parametrize(
    "quote", [LISTED.format("", "", "", ""), "> [SUP-1043-QX] Scanner"], ids=["all of it", "the line of one part"]
)
def test_an_acknowledgement_that_is_not_known_is_seen_by_its_quote(quote: str) -> None:
    looked_up = replace(TO_THE_ACKNOWLEDGEMENT, message_ids=("unknown@x",))
    mail = answer(f"SUP-1043-QX: solved.\n\nOn Monday, Acme Support wrote:\n{quote}")

    found = thread(mail, PERSON, looked_up, replace(HELD, referred=()), site())

    assert place(found)[:2] == (1043, ())


def test_a_ticket_that_was_never_cut_offers_no_choice() -> None:
    found = threaded(answer("SUP-1043-QX: solved."), replace(HELD, cuts=()))

    assert place(found) == (1042, (), WAY)


def test_a_machine_chooses_nothing() -> None:
    absent = Classification(MessageKind.OUT_OF_OFFICE, "proof", "proof", is_answer=True)

    assert place(threaded(answer("SUP-1043-QX"), kind=absent)) == (1042, (), WAY)


def test_an_agent_stays_on_the_ticket_of_the_notice() -> None:
    looked_up = keys(tokens=(replace(TOKEN, agent="anna"),), ticket_numbers=(1042,))
    mail = replace(answer("As SUP-1043-QX."), sender=replace(message().sender, address="anna@acme.example"))

    found = thread(mail, PERSON, looked_up, HELD, site())

    assert (found.standing.role, *place(found)[:2]) == (Role.AGENT, 1042, ())
    assert "of the 3 tickets" not in found.because


# --- standing


def strangers(number: int) -> Ticket:
    return ticket(number, requester_address="other@x", participants=("other@x",), customer="other")


def test_a_part_without_standing_is_mentioned_and_not_written_to() -> None:
    held = replace(HELD, tickets=(FIRST, strangers(1043), THIRD))

    found = threaded(answer("SUP-1043-QX: solved."), held)

    assert place(found) == (
        1042,
        (1043,),
        "the answer names SUP-1043-QX, where its sender has no standing, of the 3 tickets that the mail became; " + WAY,
    )
    assert (found.verified, found.visibility) == (True, Visibility.PUBLIC)


def test_of_several_parts_the_first_with_standing_gets_the_answer() -> None:
    held = replace(HELD, tickets=(FIRST, strangers(1043), THIRD))

    assert place(threaded(answer("SUP-1043-QX and SUP-1044-QX."), held))[:2] == (1044, (1043,))


def test_a_stranger_with_the_address_of_the_first_gets_to_no_other_part() -> None:
    mail = replace(
        answer("SUP-1043-QX: send me all."), sender=replace(message().sender, address="mallory@evil.example")
    )

    found = threaded(mail)

    assert place(found)[:2] == (1042, (1043,))
    assert (found.rung, found.verified, found.visibility) == (Rung.REPLY_ADDRESS, False, Visibility.INSIDE)


def test_standing_is_that_on_the_ticket_that_was_chosen() -> None:
    shared = ticket(1043, requester_address="other@x", participants=("other@x", CUSTOMER_ADDRESS))

    found = threaded(answer("SUP-1043-QX: solved."), replace(HELD, tickets=(FIRST, shared, THIRD)))

    assert (found.ticket, found.standing.role) == (shared, Role.PARTICIPANT)


# --- parts that became part of other tickets


def test_a_part_that_was_merged_is_found_where_it_went() -> None:
    merged = ticket(1043, merged_into=1050, status=Status.MERGED)
    held = replace(HELD, tickets=(FIRST, merged, THIRD, ticket(1050)))

    assert place(threaded(answer("SUP-1043-QX: solved."), held))[:2] == (1050, ())


def test_the_acknowledgement_leads_to_its_parts_also_where_the_first_was_merged() -> None:
    merged = ticket(1042, merged_into=1050, status=Status.MERGED)
    held = replace(HELD, tickets=(merged, SECOND, THIRD, ticket(1050)))

    assert place(threaded(answer("SUP-1043-QX: solved."), held))[:2] == (1043, ())
    assert place(threaded(answer("Thanks."), held))[0] == 1050


def test_a_text_of_any_length_is_searched_to_a_bound() -> None:
    body = Body("x " * 20_000 + "SUP-1043-QX", "", "", "")

    assert place(threaded(message(subject="Printer", body=body)))[0] == 1042
