"""What a mail that is cut changes: several linked tickets, one answer, a notice for each."""

from dataclasses import replace

import pytest

from mailgateway.model.cut import Cut, Description, Piece, Whole
from mailgateway.model.decision import Answer, Decision, Outcome, Post, Rung
from mailgateway.model.effects import (
    Acknowledge,
    ChangePriority,
    CutMail,
    Effect,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.message import Attachment, Message, Protection
from mailgateway.model.quota import QuotaKey
from mailgateway.model.ticket import EventKind, Status, Visibility
from mailgateway.model.tokens import ticket_ref
from tests.app.decisions import OPEN, asked_for, assessed, happened, planned
from tests.factories import CUSTOMER_ADDRESS, KEYRING, known, message, threading, ticket

TEXT = """Hello,

we have three issues:
1. Node 17 does not come back, see node.log of today.
2. The licence page shows an expired date for us.
3. How do we add a second administrator account?

Regards"""
TITLES = (
    "Node 17 does not come back, see node.log of today.",
    "The licence page shows an expired date for us.",
    "How do we add a second administrator account?",
)
REFS = [ticket_ref(KEYRING, "SUP", number) for number in (77, 78, 79)]
PARTS = tuple(replace(OPEN, part=number) for number in (1, 2, 3))
TOLD = NotifyAgents("notify-new", ("sales",))
ACKNOWLEDGED = Acknowledge("acknowledge")
BY = ("by", f"requester:{CUSTOMER_ADDRESS}")
SIBLING = "another part of the same mail"


def attachment(name: str) -> Attachment:
    return Attachment(name, "text/plain", 10, inline=False, content_id="", digest="")


def mail(protection: Protection | None = None) -> Message:
    files = tuple(map(attachment, ("node.log", "photo.png")))
    return message(text=TEXT, subject="Several things", attachments=files, protection=protection)


def text_of(number: int) -> str:
    items = [line for line in TEXT.split("\n") if line[:1].isdigit()]
    return "\n".join(line for line in TEXT.split("\n") if line not in items or line == items[number - 1])


def cut_new(*effects: Effect, whole: OpenTicket = OPEN, read: Message | None = None, **changes: object) -> Outcome:
    return planned(asked_for(CutMail("several", whole), *effects, read=read or mail(), **changes))


def cut_reply(*effects: Effect, **changes: object) -> Outcome:
    found = threading(ticket(8), because="the ticket ID", **changes)
    stays = PostMessage("reply", part=1)
    return planned(asked_for(CutMail("reply-several"), stays, *effects, read=mail(), threading=found))


# --- new mails


def test_every_part_is_a_ticket_with_its_title_and_links_to_the_others() -> None:
    outcome = cut_new(*PARTS)

    assert [(one.number, one.ref, one.title, one.links) for one in outcome.tickets] == [
        (77, REFS[0], TITLES[0], (78, 79)),
        (78, REFS[1], TITLES[1], (77, 79)),
        (79, REFS[2], TITLES[2], (77, 78)),
    ]
    assert outcome.posts == tuple(Post(number, Visibility.PUBLIC, verified=True) for number in (77, 78, 79))


def test_every_ticket_says_which_part_it_is_and_where_the_others_are() -> None:
    outcome = cut_new(*PARTS, threading=threading(because="names no ticket"))

    assert outcome.events[4:8] == (
        happened(EventKind.OPENED, "new-ticket", "names no ticket", 78, BY),
        happened(
            EventKind.SPLIT, "several", "part 2 of 3 of the mail", 78, ("part", "2"), ("of", "3"), ("first", "77")
        ),
        happened(EventKind.LINKED, "several", SIBLING, 78, ("to", "77")),
        happened(EventKind.LINKED, "several", SIBLING, 78, ("to", "79")),
    )
    assert len(outcome.events) == 12


def test_a_piece_has_its_item_with_what_all_need_and_the_files_that_it_names_or_nobody_names() -> None:
    outcome = cut_new(*PARTS)

    assert outcome.cut is not None
    assert outcome.cut.pieces == (
        Piece(77, 1, text_of(1), ("node.log", "photo.png")),
        Piece(78, 2, text_of(2), ("photo.png",)),
        Piece(79, 3, text_of(3), ("photo.png",)),
    )


def test_the_cut_keeps_what_the_first_ticket_would_be_whole() -> None:
    whole = replace(OPEN, queue="sales", kind="incident", priority=1, tags=("all",), status=Status.HELD)
    taken = TakeQuota("q", "customer", "2026-03-01")
    effects: tuple[Effect, ...] = (CutMail("several", whole, (taken,)), replace(PARTS[0], tags=("one",)), *PARTS[1:])

    outcome = planned(asked_for(*effects, read=mail(protection=Protection.ENCRYPTED)))

    assert outcome.cut is not None
    assert (outcome.cut.first, outcome.cut.whole) == (
        77,
        Whole(
            before=Description("Several things", Status.HELD, "sales", "incident", 1, ("all", "encrypted")),
            after=Description(TITLES[0], Status.NEW, "support", "question", 3, ("one", "encrypted")),
            quota=(QuotaKey("q", "customer", "2026-03-01"),),
        ),
    )


def test_what_a_part_takes_of_a_quota_is_taken_by_its_ticket() -> None:
    taken, missed = TakeQuota("q", "customer", "2026-03-01"), MissQuota("q", "customer", "2026-03-01", 1)

    outcome = cut_new(PARTS[0], PARTS[1], taken, PARTS[2], missed)

    assert [(one.ticket, one.amount) for one in outcome.quota] == [(78, 1)]
    assert [
        (one.kind, one.ticket) for one in outcome.events if one.kind in {EventKind.QUOTA_TAKEN, EventKind.OVER_QUOTA}
    ] == [
        (EventKind.QUOTA_TAKEN, 78),
        (EventKind.OVER_QUOTA, 79),
    ]


def test_one_acknowledgement_lists_all_tickets_and_is_about_the_first() -> None:
    outcome = cut_new(*PARTS, ACKNOWLEDGED)

    (sent,) = outcome.outgoing
    assert (sent.ticket, sent.subject) == (77, f"[{REFS[0]}] Re: Several things")
    assert [line for line in sent.text.split("\n") if line.startswith("[SUP")] == [
        f"[{ref}] {title}" for ref, title in zip(REFS, TITLES, strict=True)
    ]
    details = ("to", CUSTOMER_ADDRESS)
    assert outcome.events[-1] == happened(EventKind.ACKNOWLEDGED, "acknowledge", "3 new tickets", 77, details)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(StaySilent("silence", "a list"), EventKind.NOT_ANSWERED), (Refuse("r", "refused"), EventKind.INFORMED)],
)
def test_what_else_the_author_gets_is_about_the_first_ticket(answer: Effect, kind: EventKind) -> None:
    outcome = cut_new(*PARTS, answer)

    assert (outcome.events[-1].kind, outcome.events[-1].ticket) == (kind, 77)


def told_lines(*told: Told) -> list[str]:
    """Return the refs in the acknowledgement under which something is told, and the lines that tell it."""
    (sent,) = cut_new(*PARTS, Acknowledge("acknowledge", told)).outgoing
    told_text = sent.text.split(f"[{REFS[2]}] {TITLES[2]}\n")[1].split("Subject: ")[0]
    return [line for line in told_text.split("\n") if line.startswith(("[", "You asked"))]


def test_what_is_told_of_some_tickets_stands_under_their_ids() -> None:
    told = Told("priority-changed", "r", (("stated", "1"),), part=2)

    assert told_lines(told, replace(told, part=3)) == [
        f"[{REFS[1]}]:",
        'You asked for the priority "1".',
        f"[{REFS[2]}]:",
        'You asked for the priority "1".',
    ]


def test_what_is_told_of_all_tickets_is_told_once() -> None:
    told = Told("priority-changed", "r", (("stated", "1"),))

    expected = ['You asked for the priority "1".']
    assert told_lines(*(replace(told, part=number) for number in (1, 2, 3))) == expected
    assert told_lines(told) == expected


def test_every_notice_is_about_one_ticket_and_shows_its_part_alone() -> None:
    outcome = cut_new(PARTS[0], TOLD, PARTS[1], TOLD, PARTS[2], TOLD, ACKNOWLEDGED)

    notices = [one for one in outcome.outgoing if one.purpose == "notification"]
    assert [one.ticket for one in notices] == [77, 77, 78, 78, 79, 79]
    first, second = notices[0].text, notices[2].text
    assert TITLES[0] in first
    assert TITLES[1] not in first
    assert TITLES[1] in second
    assert all(ref in second for ref in REFS)


def test_a_notice_says_what_was_decided_of_its_own_part() -> None:
    answers = (
        Answer("queue", "sales", "whole"),
        Answer("split", "one ticket per item", "several"),
        Answer("queue", "support", "", part=1),
        Answer("queue", "billing", "invoices", part=2),
        Answer("tickets", 2, "several"),
    )
    effects = (
        CutMail("several", OPEN),
        PARTS[0],
        TOLD,
        PARTS[1],
        TakeQuota("q", "c", "2026-03-01"),
        TOLD,
        ACKNOWLEDGED,
    )
    assessment = replace(asked_for(read=mail()), decision=Decision(effects, (), "a test", answers))

    outcome = planned(assessment)

    decided = [line for one in outcome.outgoing[:4:2] for line in one.text.split("\n") if line.startswith("Decided:")]
    of_all = "split one ticket per item (several), tickets 2 (several)"
    cut, opened, sent = (
        "cut into several tickets (rule several)",
        "a new ticket (rule new-ticket)",
        "acknowledged (rule acknowledge)",
    )
    assert [one.removeprefix("Decided:").strip() for one in decided] == [
        f"{of_all}, queue support (default); {cut}; {opened}; {sent}",
        f"{of_all}, queue billing (invoices); {cut}; {opened}; counts for a quota (rule q); {sent}",
    ]


def test_a_refused_or_held_part_says_so_with_its_own_reason() -> None:
    answers = (Answer("refuse", "instead", "sales", part=2), Answer("hold", "a threat", "legal", part=3))
    opened = (PARTS[0], replace(PARTS[1], status=Status.REFUSED), replace(PARTS[2], status=Status.HELD))
    assessment = asked_for(read=mail())

    def events(answer: Effect) -> list[tuple[int | None, str, str]]:
        decision = Decision((CutMail("several", OPEN), *opened, answer), (), "a test", answers)
        made = planned(replace(assessment, decision=decision)).events
        of_status = [one for one in made if one.kind in {EventKind.HELD, EventKind.REFUSED}]
        return [(one.ticket, one.actor, one.because) for one in of_status]

    assert events(ACKNOWLEDGED) == [
        (78, "rule:sales", "the sender is told what to do instead: instead"),
        (79, "rule:legal", "a threat"),
    ]
    assert events(StaySilent("legal", "held: a threat"))[0] == (78, "rule:sales", "the sender is told nothing")


def test_a_part_without_a_title_has_that_of_the_mail() -> None:
    assessment = asked_for(CutMail("several", OPEN), *PARTS[:2], read=mail())
    facts = tuple((k, ("", "x" * 500) if k == "list.item_titles" else v) for k, v in assessment.facts.values)

    outcome = planned(replace(assessment, facts=replace(assessment.facts, values=facts)))

    assert [one.title for one in outcome.tickets] == ["Several things", "x" * 200]


def test_tickets_of_a_follow_up_are_linked_to_the_closed_one_too() -> None:
    follows = tuple(replace(one, follows=8) for one in PARTS)

    outcome = cut_new(*follows, ACKNOWLEDGED, threading=threading(ticket(8)), known=known(tickets=(ticket(8),)))

    assert [one.links for one in outcome.tickets] == [(8, 78, 79), (8, 77, 79), (8, 77, 78)]
    assert outcome.cut is not None
    assert outcome.cut.first == 77
    assert "closed" in outcome.outgoing[0].text


# --- replies


def test_of_a_reply_the_first_part_stays_and_the_others_are_linked_to_its_ticket() -> None:
    outcome = cut_reply(*PARTS[1:])

    assert outcome.cut == Cut(
        8,
        (
            Piece(8, 1, text_of(1), ("node.log", "photo.png")),
            Piece(77, 2, text_of(2), ("photo.png",)),
            Piece(78, 3, text_of(3), ("photo.png",)),
        ),
    )
    assert [(one.number, one.title, one.links) for one in outcome.tickets] == [
        (77, TITLES[1], (8, 78)),
        (78, TITLES[2], (8, 77)),
    ]
    assert outcome.posts == tuple(Post(number, Visibility.PUBLIC, verified=True) for number in (8, 77, 78))


def test_the_old_ticket_s_history_says_where_the_other_parts_are() -> None:
    outcome = cut_reply(*PARTS[1:])

    part = ("part", "1"), ("of", "3"), ("first", "8")
    why = "a part of a mail on SUP-8-QX, which is about something else"
    assert outcome.events[:6] == (
        happened(EventKind.MESSAGE, "reply", "the ticket ID", 8, BY, ("rung", Rung.TICKET_ID.value)),
        happened(EventKind.SPLIT, "reply-several", "part 1 of 3 of the mail", 8, *part),
        happened(EventKind.LINKED, "reply-several", SIBLING, 8, ("to", "77")),
        happened(EventKind.LINKED, "reply-several", SIBLING, 8, ("to", "78")),
        happened(EventKind.OPENED, "new-ticket", why, 77, BY),
        happened(EventKind.SPLIT, "reply-several", "part 2 of 3 of the mail", 77, ("part", "2"), *part[1:]),
    )


def test_what_a_reply_changes_is_changed_of_the_old_ticket_and_its_answer_lists_all() -> None:
    outcome = cut_reply(ChangePriority("urgent", 1), TOLD, PARTS[1], TOLD, PARTS[2], TOLD, ACKNOWLEDGED)

    assert [(one.ticket, one.priority) for one in outcome.priority_changes] == [(8, 1)]
    assert [(one.purpose, one.ticket) for one in outcome.outgoing[::2]] == [
        ("notification", 8),
        ("notification", 77),
        ("notification", 78),
        ("acknowledgement", 8),
    ]
    listed = [line for line in outcome.outgoing[-1].text.split("\n") if line.startswith("[SUP")]
    assert [line.partition("]")[0] for line in listed] == ["[SUP-8-QX", f"[{REFS[0]}", f"[{REFS[1]}"]
    assert "new, priority 1, queue support" in outcome.outgoing[0].text
    assert "a part of a mail on SUP-8-QX" in outcome.outgoing[2].text
    assert outcome.events[-1].because == "2 new tickets"


# --- mails that are not cut


def test_a_mail_that_only_may_hold_several_issues_is_one_ticket_and_its_notice_says_how_many() -> None:
    answers = (Answer("split", "suggest only", "any-other-list"),)
    decision = Decision((OPEN, TOLD), (), "a test", answers)

    outcome = planned(replace(assessed(mail()), decision=decision))

    assert [(one.title, one.links) for one in outcome.tickets] == [("Several things", ())]
    assert outcome.cut is None
    (line,) = (line for line in outcome.outgoing[0].text.split("\n") if "#split" in line)
    assert "3" in line


def test_a_whole_mail_is_never_said_to_have_parts() -> None:
    outcome = planned(assessed(message()))

    assert outcome.cut is None
    assert not [event for event in outcome.events if event.kind is EventKind.SPLIT]
    assert not [one for one in outcome.outgoing if "#split" in one.text]


def test_the_ids_of_a_cut_mail_are_all_used() -> None:
    assessment = assessed(mail())

    outcome = planned(assessment)

    assert [one.number for one in outcome.tickets] == [77, 78, 79]
    assert [one.id for one in outcome.outgoing] == list(range(501, 501 + len(outcome.outgoing)))
    assert sum(one.purpose == "acknowledgement" for one in outcome.outgoing) == 1
