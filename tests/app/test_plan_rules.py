"""What rule files ask for is carried out: holds, refusals, priorities, tags, places of quotas, and what is told."""

from dataclasses import replace

import pytest

from mailgateway.app.assess import Assessment
from mailgateway.compose.templates import Templates
from mailgateway.model.decision import Answer, Post, PriorityChange, TagsAdded
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    Effect,
    Inform,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey, over_quota
from mailgateway.model.ticket import EventKind, Status, Visibility
from tests.app.decisions import OPEN, REF, SNAPSHOT, asked_for, happened, planned
from tests.compose.values import SHIPPED
from tests.compose.values import read as parsed
from tests.factories import CUSTOMER_ADDRESS, customer, known, threading, ticket

WROTE = f"requester:{CUSTOMER_ADDRESS} wrote"
KEY = QuotaKey("enterprise-priority", "customer", "2026-03-01")
USED = Told(
    "priority-quota-used",
    "enterprise-priority",
    (("allow", "1"), ("per", "calendar month"), ("used_by", "SUP-12-AB"), ("next_on", "2026-04-01")),
)
MISSING = Told("no-such-template", "some-rule")
MISSING_EVENT = happened(
    EventKind.TEMPLATE_FAILED, "some-rule", "template told/no-such-template: there is none", 77
)  # fmt: skip


def on_ticket(*effects: Effect, **changes: object) -> Assessment:
    """Return an assessment of a reply on ticket 8."""
    return asked_for(*effects, threading=threading(ticket(8, **changes)))


def with_answers(assessment: Assessment, *answers: Answer) -> Assessment:
    return replace(assessment, decision=replace(assessment.decision, answers=answers))


# --- tickets ---------------------------------------------------------------------------------------------------------


def test_held_ticket_is_assigned_and_nothing_is_answered() -> None:
    held = replace(OPEN, status=Status.HELD, assignee="olga")
    assessment = with_answers(
        asked_for(held, StaySilent("profanity", "held: swears"), threading=threading(because="names none")),
        Answer("assignee", "olga", "to-olga"),
        Answer("hold", "swears", "profanity"),
    )

    outcome = planned(assessment)

    assert [(new.status, new.assignee) for new in outcome.tickets] == [(Status.HELD, "olga")]
    assert outcome.events == (
        happened(EventKind.OPENED, "new-ticket", "names none", 77, ("by", f"requester:{CUSTOMER_ADDRESS}")),
        happened(EventKind.ASSIGNED, "to-olga", "so the rules say", 77, ("to", "olga")),
        happened(EventKind.HELD, "profanity", "swears", 77),
        happened(EventKind.NOT_ANSWERED, "profanity", "held: swears", 77),
    )
    assert outcome.outgoing == ()


@pytest.mark.parametrize(
    ("effects", "because"),
    [((StaySilent("profanity", "swears"),), "swears"), ((), "an agent must decide")],
)
def test_hold_without_an_answer_says_what_the_silence_says(effects: tuple[Effect, ...], because: str) -> None:
    outcome = planned(asked_for(replace(OPEN, status=Status.HELD), *effects))

    assert outcome.events[1] == happened(EventKind.HELD, "new-ticket", because, 77)


def test_new_ticket_that_goes_on_from_a_closed_one_is_linked_to_it_and_the_customer_is_told() -> None:
    closed = ticket(8, status=Status.CLOSED)
    effects = (replace(OPEN, follows=8), Acknowledge("acknowledge"), NotifyAgents("notify-new", ("support",)))

    outcome = planned(asked_for(*effects, threading=threading(closed, mentions=(9,))))

    assert outcome.tickets[0].links == (8, 9)
    assert outcome.posts == (Post(77, Visibility.PUBLIC, verified=True),)
    assert outcome.events[1:3] == (
        happened(
            EventKind.LINKED, "new-ticket", "it goes on from that one, which is closed for too long", 77, ("to", "8")
        ),
        happened(EventKind.LINKED, "new-ticket", "the mail names it and was not put there", 77, ("to", "9")),
    )
    assert f"The ticket {closed.ref}, which your mail continues, is closed." in outcome.outgoing[0].text
    assert f"a new ticket that goes on from {closed.ref} (rule new-ticket)" in outcome.outgoing[1].text


def test_change_priority_says_from_what_to_what() -> None:
    outcome = planned(on_ticket(ChangePriority("production-down", 1)))

    assert outcome.priority_changes == (PriorityChange(8, 1),)
    assert outcome.events == (
        happened(EventKind.PRIORITY, "production-down", WROTE, 8, ("from", "3"), ("to", "1")),
    )  # fmt: skip


def test_priority_that_a_person_set_is_never_changed() -> None:
    effects = (PostMessage("reply"), ChangePriority("production-down", 1), NotifyAgents("notify-reply", ("support",)))

    outcome = planned(on_ticket(*effects, priority_by_hand=True))

    assert outcome.priority_changes == ()
    assert EventKind.PRIORITY not in {event.kind for event in outcome.events}
    assert "priority 3" in outcome.outgoing[0].text


def test_notice_shows_the_priority_that_the_same_mail_gives() -> None:
    outcome = planned(on_ticket(ChangePriority("production-down", 1), NotifyAgents("notify-reply", ("support",))))

    assert "priority 1, queue support" in outcome.outgoing[0].text


def test_tags_are_added_that_the_ticket_does_not_have() -> None:
    outcome = planned(on_ticket(AddTags("reply", ("old", "new", "newer", "new")), tags=("old",)))

    assert outcome.tags_added == (TagsAdded(8, ("new", "newer")),)
    assert outcome.events == (happened(EventKind.TAGGED, "reply", WROTE, 8, ("tags", "new, newer")),)


def test_tags_that_the_ticket_has_are_no_change() -> None:
    outcome = planned(on_ticket(AddTags("reply", ("old",)), tags=("old",)))

    assert (outcome.tags_added, outcome.events) == ((), ())


# --- quotas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "amount", "kind", "event", "because"),
    [
        (False, 1, QuotaEntryKind.TAKEN, EventKind.QUOTA_TAKEN, "the ticket is one that it counts"),
        (True, 0, QuotaEntryKind.GRANTED, EventKind.GRANTED, "no place was free, and somebody let it through"),
    ],
)
def test_place_of_a_quota_is_a_row_of_its_ledger(
    granted: bool, amount: int, kind: QuotaEntryKind, event: EventKind, because: str
) -> None:
    effect = TakeQuota("enterprise-priority", "customer", "2026-03-01", granted)

    outcome = planned(asked_for(OPEN, effect))

    assert outcome.quota == (QuotaEntry(KEY, 77, amount, kind, "rule:enterprise-priority", because),)
    assert outcome.events[1] == happened(event, "enterprise-priority", because, 77, *KEY.details)


def test_reply_takes_the_place_for_the_ticket_it_is_on() -> None:
    outcome = planned(on_ticket(TakeQuota("enterprise-priority", "customer", "2026-03-01")))

    assert [entry.ticket for entry in outcome.quota] == [8]


def test_used_up_quota_leaves_what_a_grant_needs() -> None:
    outcome = planned(asked_for(OPEN, MissQuota("enterprise-priority", "customer", "2026-03-01", 2)))

    event = outcome.events[1]
    assert (event.kind, event.actor, event.ticket) == (EventKind.OVER_QUOTA, "rule:enterprise-priority", 77)
    assert over_quota(event.details) == OverQuota(KEY, 2)
    assert outcome.quota == ()


# --- what is told ----------------------------------------------------------------------------------------------------

GERMAN = f"""\
Guten Tag Carla,

Ihre E-Mail ist angekommen und hat die Nummer {REF}.

Die für diesen Monat vereinbarten Prioritätstickets sind bereits verbraucht (vereinbart: 1; verbraucht durch SUP-12-AB).
Wir kümmern uns deshalb um dieses Anliegen als reguläres Ticket.
Das nächste Prioritätsticket ist ab dem 2026-04-01 verfügbar.

Sie haben um die Priorität „critical“ gebeten.
Dieses Ticket hat die Priorität „normal“.

Betreff: The printer is on fire

Sie schrieben:
> It burns.

Wie es weitergeht: Ein Mensch wird Ihre E-Mail lesen. Wenn Sie etwas ergänzen
möchten, antworten Sie auf diese E-Mail und lassen Sie [{REF}]
im Betreff stehen.

Support
support@acme.example
"""


def test_acknowledgement_tells_what_rules_tell_in_the_customer_s_language() -> None:
    changed = Told("priority-changed", "", (("stated_name", "critical"), ("priority_name", "normal")))
    found = known(customer=customer(language="de"), customer_by="address")

    outcome = planned(asked_for(OPEN, Acknowledge("acknowledge", (USED, changed)), known=found))

    details = (("to", CUSTOMER_ADDRESS), ("told", "priority-quota-used, priority-changed"))
    assert [mail.text for mail in outcome.outgoing] == [GERMAN]
    assert outcome.events[1:] == (happened(EventKind.ACKNOWLEDGED, "acknowledge", "a new ticket", 77, *details),)


def test_mail_of_unknown_language_is_answered_in_the_first_of_the_site() -> None:
    plain = asked_for(OPEN, Acknowledge("acknowledge"))
    site = replace(plain.prepared.reading.site, languages=("sv", "en"))
    reading = replace(plain.prepared.reading, site=site)
    swedish = replace(plain, prepared=replace(plain.prepared, reading=reading))

    assert planned(swedish).outgoing[0].text.startswith("Hej Carla!\n")
    assert planned(plain).outgoing[0].text.startswith("Hello Carla,\n")


def test_told_template_that_does_not_exist_leaves_the_acknowledgement_as_it_is() -> None:
    outcome = planned(asked_for(OPEN, Acknowledge("acknowledge", (MISSING,))))

    assert [mail.raw for mail in outcome.outgoing] == [
        mail.raw for mail in planned(asked_for(OPEN, Acknowledge("acknowledge"))).outgoing
    ]
    assert outcome.events[2:] == (MISSING_EVENT,)


def test_told_template_of_the_site_that_fails_is_replaced_by_the_shipped_one() -> None:
    own = replace(SNAPSHOT, templates=Templates(SHIPPED, {"en/told/priority-quota-used.txt": "{{ nonsense }}"}))

    outcome = planned(asked_for(OPEN, Acknowledge("acknowledge", (USED,))), own)

    because = "template en/told/priority-quota-used: UndefinedError: 'nonsense' is undefined"
    assert "The priority tickets agreed for this month are already used" in outcome.outgoing[0].text
    assert outcome.events[2:] == (happened(EventKind.TEMPLATE_FAILED, "enterprise-priority", because, 77),)


def test_author_of_a_reply_is_informed_by_a_mail_of_its_own() -> None:
    outcome = planned(on_ticket(PostMessage("reply"), Inform("enterprise-priority", (USED,))))

    (mail,) = outcome.outgoing
    shown = parsed(mail.raw)
    details = (("to", CUSTOMER_ADDRESS), ("told", "priority-quota-used"))
    assert (mail.id, mail.ticket, mail.purpose, mail.recipients) == (501, 8, "information", (CUSTOMER_ADDRESS,))
    assert (mail.envelope_sender, shown["Auto-Submitted"]) == ("", "auto-replied")
    assert (shown["Subject"], shown["In-Reply-To"]) == (
        "[SUP-8-QX] Re: The printer is on fire",
        "<m1@customer.example>",
    )
    assert outcome.events[1:] == (happened(EventKind.INFORMED, "enterprise-priority", WROTE, 8, *details),)


def test_nobody_is_informed_of_nothing() -> None:
    outcome = planned(on_ticket(Inform("some-rule", (MISSING,))))

    assert outcome.outgoing == ()
    assert outcome.events == (replace(MISSING_EVENT, ticket=8),)


REFUSED = replace(OPEN, status=Status.REFUSED)


def test_refusal_says_what_to_do_instead_and_the_agents_see_it() -> None:
    own = replace(SNAPSHOT, templates=Templates(SHIPPED, {"en/told/by-phone.txt": "Please call {{ site_name }}."}))
    effects = (REFUSED, Refuse("not-by-mail", "by-phone"), NotifyAgents("notify-new", ("support",)))
    answers = (Answer("refuse", "by-phone", "not-by-mail"),)

    outcome = planned(with_answers(asked_for(*effects), *answers), own)

    refusal, *notices = outcome.outgoing
    details = (("to", CUSTOMER_ADDRESS), ("told", "by-phone"))
    assert outcome.tickets[0].status is Status.REFUSED
    assert (refusal.purpose, refusal.subject) == ("refusal", f"[{REF}] We cannot deal with your mail here")
    assert "Please call Support." in refusal.text
    assert [event for event in outcome.events if event.kind in {EventKind.REFUSED, EventKind.INFORMED}] == [
        happened(EventKind.REFUSED, "not-by-mail", "the sender is told what to do instead: by-phone", 77),
        happened(EventKind.INFORMED, "not-by-mail", "refused, with what to do instead", 77, *details),
    ]
    assert all(mail.text.startswith("REFUSED: by the rules this ticket is not dealt with here;") for mail in notices)
    assert len(notices) == 2


def test_refusal_whose_template_does_not_exist_says_what_every_refusal_can_say() -> None:
    outcome = planned(asked_for(REFUSED, Refuse("some-rule", "no-such-template")))

    assert "We do not handle requests of this kind at support@acme.example." in outcome.outgoing[0].text
    assert outcome.events[3:] == (MISSING_EVENT,)


def test_refused_ticket_of_a_machine_says_that_nobody_was_told() -> None:
    outcome = planned(asked_for(REFUSED, StaySilent("machine-alert", "a list")))

    assert outcome.events[1] == happened(EventKind.REFUSED, "new-ticket", "the sender is told nothing", 77)


def test_notice_of_a_held_ticket_says_so_first() -> None:
    held = replace(OPEN, status=Status.HELD)

    outcome = planned(asked_for(held, StaySilent("h", "held"), NotifyAgents("notify-new", ("support",))))

    assert outcome.outgoing[0].text.startswith("HELD: nothing goes out to the sender by itself until an agent decides.")


# --- notices ---------------------------------------------------------------------------------------------------------


def test_notice_says_what_the_rules_answered_and_what_was_done_in_one_line() -> None:
    capped = OpenTicket("new-ticket", "support", "other", 3, ("over-quota",))
    effects = (capped, MissQuota("q", "customer", "2026-03-01", 2), Acknowledge("acknowledge", (USED, MISSING)))
    notified = NotifyAgents("notify-new", ("support",))
    assessment = with_answers(
        asked_for(*effects, notified),
        Answer("queue", "support", "known-customers"),
        Answer("kind", "other", ""),
        Answer("priority", 3, "enterprise-priority"),
        Answer("used_up", ("enterprise-priority",), "enterprise-priority"),
        Answer("hold", value=False, rule="x"),
        Answer("stop", value=True, rule="known-customers"),
        Answer("assignee", None, ""),
        Answer("tags", ("over-quota", "vip"), ""),
        Answer("told", ("priority-quota-used",), ""),
    )

    text = planned(assessment).outgoing[1].text

    assert next(line for line in text.splitlines() if line.startswith("Decided: ")) == (
        "Decided: queue support (known-customers), kind other (default), priority 3 (enterprise-priority), "
        "used up enterprise-priority (enterprise-priority), stop (known-customers), tags over-quota + vip; "
        "a new ticket (rule new-ticket); over a quota (rule q); "
        "acknowledged, told priority-quota-used (enterprise-priority), no-such-template (some-rule) (rule acknowledge)"
    )


def test_notice_of_a_refusal_names_its_template() -> None:
    outcome = planned(asked_for(REFUSED, Refuse("not-by-mail", "refused"), NotifyAgents("notify-new", ("support",))))

    assert "Decided: a new ticket (rule new-ticket); refused with refused (rule not-by-mail)\n" in (
        outcome.outgoing[1].text
    )


def test_notice_without_roles_goes_to_the_configured_ones() -> None:
    outcome = planned(asked_for(OPEN, NotifyAgents("notify-new", ())))

    assert outcome.events[1] == happened(
        EventKind.NOTIFIED, "notify-new", "roles: support", 77, ("to", "olga, rita")
    )  # fmt: skip


@pytest.mark.parametrize(
    "effect",
    [
        ChangePriority("r", 1),
        AddTags("r", ("tag",)),
        TakeQuota("r", "customer", "2026-03-01"),
        MissQuota("r", "customer", "2026-03-01", 2),
        Inform("r", (USED,)),
        Refuse("r", "refused"),
    ],
    ids=lambda effect: type(effect).__name__,
)
def test_effect_of_rules_that_needs_a_ticket_and_has_none_is_a_bug(effect: Effect) -> None:
    with pytest.raises(TypeError):
        planned(asked_for(effect))
