"""From a decision to everything it changes, without a database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.plan import needed_ids, plan
from mailgateway.compose.templates import Templates
from mailgateway.model.decision import BounceMark, NewTicket, Outcome, Post, ReservedIds, StatusChange
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    Effect,
    IgnoreMail,
    Inform,
    MarkBounce,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.ledger import MailState
from mailgateway.model.message import Protection
from mailgateway.model.ticket import EventKind, Status, Visibility
from mailgateway.model.tokens import read_reply_token
from tests.app.decisions import (
    IDS,
    NOBODY_CAN_WRITE,
    OPEN,
    PAUL,
    REF,
    RITA,
    SNAPSHOT,
    asked_for,
    assessed,
    happened,
    planned,
)
from tests.app.parts import MAILBOX, NOW, OLGA, config, snapshot_of
from tests.compose.values import SHIPPED
from tests.compose.values import read as parsed
from tests.factories import (
    CUSTOMER_ADDRESS,
    KEYRING,
    contact,
    customer,
    delivery,
    known,
    known_message,
    message,
    report,
    threading,
    ticket,
)

# --- plan: one kind of effect after the other ----------------------------------------------------------------------


def test_a_duplicate_changes_nothing_but_its_own_state() -> None:
    first = known_message("m1@customer.example", 1042, digest="d1", mail=3)
    assessment = assessed(message(), known(same_id=(first,)))

    outcome = plan(assessment, ReservedIds((), ()), SNAPSHOT, NOW)

    assert needed_ids(assessment, SNAPSHOT) == (0, 0)
    assert outcome == Outcome(
        12, MailState.DUPLICATE, "the same message as mail 3", 3, NOW, None, None, None, None
    )  # fmt: skip


def test_open_ticket_makes_the_ticket_with_its_message_and_event() -> None:
    effect = OpenTicket("new-ticket", "sales", "incident", 2, ("urgent",))
    found = known(customer=customer(), customer_by="address", contact=contact())
    linked = threading(mentions=(8, 9), because="names others")

    outcome = planned(asked_for(effect, known=found, threading=linked))

    assert outcome.tickets == (
        NewTicket(
            number=77,
            ref=REF,
            title="The printer is on fire",
            status=Status.NEW,
            queue="sales",
            kind="incident",
            priority=2,
            mailbox=MAILBOX,
            customer="customer",
            requester_name="Carla",
            requester_address=CUSTOMER_ADDRESS,
            participants=(CUSTOMER_ADDRESS,),
            tags=("urgent",),
            links=(8, 9),
        ),
    )
    why = "the mail names it and was not put there"
    assert outcome.posts == (Post(77, Visibility.PUBLIC, verified=True),)
    assert outcome.events == (
        happened(EventKind.OPENED, "new-ticket", "names others", 77, ("by", f"requester:{CUSTOMER_ADDRESS}")),
        happened(EventKind.LINKED, "new-ticket", why, 77, ("to", "8")),
        happened(EventKind.LINKED, "new-ticket", why, 77, ("to", "9")),
    )
    assert (outcome.outgoing, outcome.status_changes, outcome.state) == ((), (), MailState.PROCESSED)


def test_a_mail_that_cannot_be_read_whole_tags_its_ticket() -> None:
    unread = message(partial=True, protection=Protection.ENCRYPTED)
    outcome = planned(asked_for(replace(OPEN, tags=("machine",)), read=unread))

    assert outcome.tickets[0].tags == ("machine", "partial", "encrypted")


def test_post_message_puts_it_where_and_as_threading_says() -> None:
    found = threading(ticket(8), visibility=Visibility.INSIDE, verified=False, because="the ticket ID")

    outcome = planned(asked_for(PostMessage("unverified"), threading=found))

    details = (("by", f"requester:{CUSTOMER_ADDRESS}"), ("rung", "ticket_id"))
    assert outcome.posts == (Post(8, Visibility.INSIDE, verified=False),)
    assert outcome.events == (happened(EventKind.MESSAGE, "unverified", "the ticket ID", 8, *details),)
    assert outcome.tickets == ()


def test_change_status_says_from_what_and_by_whom() -> None:
    found = threading(ticket(8, status=Status.RESOLVED))

    outcome = planned(asked_for(ChangeStatus("reopen", Status.OPEN), threading=found))

    because = f"requester:{CUSTOMER_ADDRESS} wrote"
    assert outcome.status_changes == (StatusChange(8, Status.OPEN),)
    assert outcome.events == (
        happened(EventKind.STATUS, "reopen", because, 8, ("from", "resolved"), ("to", "open")),
    )  # fmt: skip


def test_acknowledge_writes_to_the_sender_in_the_customers_language() -> None:
    found = known(customer=customer(language="de"), customer_by="address")

    outcome = planned(asked_for(OPEN, Acknowledge("acknowledge"), known=found))

    (sent,) = outcome.outgoing
    assert (sent.id, sent.ticket, sent.purpose, sent.recipients) == (501, 77, "acknowledgement", (CUSTOMER_ADDRESS,))
    assert f"[{REF}]" in sent.subject
    assert outcome.events[1] == happened(
        EventKind.ACKNOWLEDGED, "acknowledge", "a new ticket", 77, ("to", CUSTOMER_ADDRESS)
    )  # fmt: skip


def test_notify_tells_each_agent_with_one_of_the_roles_once_under_a_reply_address_of_their_own() -> None:
    plus = config().mailbox[0].model_copy(update={"plus_addressing": True})
    snapshot = snapshot_of(config(mailbox=(plus,), agent=(OLGA, PAUL, RITA)))
    assessment = asked_for(OPEN, NotifyAgents("notify-new", ("support", "sales")))
    reading = replace(assessment.prepared.reading, site=snapshot.sites[MAILBOX])
    assessment = replace(assessment, prepared=replace(assessment.prepared, reading=reading))

    outcome = planned(assessment, snapshot)

    told = {mail.recipients: parsed(mail.raw)["Reply-To"].addresses[0].addr_spec for mail in outcome.outgoing}
    tokens = [
        read_reply_token(KEYRING, address.partition("+")[2].partition("@")[0], ("olga", "paul", "rita"), NOW.date())
        for address in told.values()
    ]
    assert list(told) == [("olga@acme.example",), ("paul@acme.example",), ("rita@acme.example",)]
    assert [(token.agent, token.ticket, token.visibility) for token in tokens if token] == [
        (name, 77, Visibility.INSIDE) for name in ("olga", "paul", "rita")
    ]
    assert {token.expires for token in tokens if token} == {(NOW + timedelta(days=90)).date()}
    assert outcome.events[1] == happened(
        EventKind.NOTIFIED, "notify-new", "roles: support, sales", 77, ("to", "olga, paul, rita")
    )


def test_notice_says_what_else_was_decided_and_names_the_tickets_it_mentions() -> None:
    other = ticket(8)
    found = threading(mentions=(8, 9), because="names others")
    effects = (OPEN, StaySilent("silence", "a list"), NotifyAgents("notify-new", ("support",)))

    outcome = planned(asked_for(*effects, known=known(tickets=(other,)), threading=found))

    text = outcome.outgoing[0].text
    assert "a new ticket (rule new-ticket); no answer sent (rule silence)" in text
    assert other.ref in text


def test_notice_shows_the_status_that_the_same_mail_gives() -> None:
    found = threading(ticket(8, status=Status.CLOSED))
    effects = (PostMessage("reply"), ChangeStatus("reopen", Status.OPEN), NotifyAgents("notify-reply", ("support",)))

    outcome = planned(asked_for(*effects, threading=found, known=known(customer=customer(), customer_by="address")))

    assert "open" in outcome.outgoing[0].text
    assert "closed" not in outcome.outgoing[0].text


def test_nobody_with_the_role_is_said() -> None:
    outcome = planned(asked_for(OPEN, NotifyAgents("notify-new", ("manager",))))

    assert outcome.outgoing == ()
    assert outcome.events[1].details == (("to", "nobody has the role"),)


def test_an_agent_who_cannot_be_written_to_is_left_out() -> None:
    snapshot = snapshot_of(config(agent=(NOBODY_CAN_WRITE, OLGA)))

    outcome = planned(asked_for(OPEN, NotifyAgents("notify-new", ("support",))), snapshot)

    assert [mail.recipients for mail in outcome.outgoing] == [("olga@acme.example",)]


def test_stay_silent_and_ignore_are_events_with_their_reason() -> None:
    silent = planned(asked_for(StaySilent("silence", "a list")))
    ignored = planned(asked_for(IgnoreMail("machine-ignored", "a machine's answer")))

    assert (silent.state, silent.events) == (
        MailState.PROCESSED,
        (happened(EventKind.NOT_ANSWERED, "silence", "a list", None),),
    )
    assert (ignored.state, ignored.reason) == (MailState.IGNORED, "a machine's answer")
    assert ignored.events == (happened(EventKind.IGNORED, "machine-ignored", "a machine's answer", None),)


def test_mark_bounce_marks_every_recipient_of_the_report() -> None:
    read = message(
        reports=(
            report("Carla@Customer.example"),
            report("x@y.example", status="4.2.2", permanent=False, diagnostic=""),
        )
    )
    sent = delivery(55, 8, CUSTOMER_ADDRESS, "X@y.example")
    found = threading(ticket(8))

    outcome = planned(asked_for(MarkBounce("bounce"), read=read, known=known(deliveries=(sent,)), threading=found))

    assert outcome.bounces == (
        BounceMark(55, CUSTOMER_ADDRESS, permanent=True, because="5.1.1 gone"),
        BounceMark(55, "x@y.example", permanent=False, because="4.2.2"),
    )
    assert outcome.events == (
        happened(EventKind.BOUNCED, "bounce", "5.1.1 gone", 8, ("recipient", CUSTOMER_ADDRESS)),
        happened(EventKind.BOUNCED, "bounce", "4.2.2", 8, ("recipient", "x@y.example")),
    )


def test_a_report_on_no_delivery_of_ours_makes_nobody_undeliverable() -> None:
    outcome = planned(asked_for(MarkBounce("bounce"), read=message(reports=(report(),))))

    assert [(mark.delivery, mark.permanent) for mark in outcome.bounces] == [(None, False)]


@pytest.mark.parametrize(("recipient", "permanent"), [("victim@other.example", False), ("", True)])
def test_a_report_marks_whom_the_delivery_went_to_whomever_else_it_names(recipient: str, *, permanent: bool) -> None:
    read = message(reports=(report(recipient),))

    outcome = planned(asked_for(MarkBounce("bounce"), read=read, known=known(deliveries=(delivery(55),))))

    assert outcome.bounces == (BounceMark(55, CUSTOMER_ADDRESS, permanent=permanent, because="5.1.1 gone"),)


def test_of_two_reports_on_one_recipient_the_lasting_one_counts() -> None:
    passing = report(status="4.2.2", permanent=False)
    read = message(reports=(passing, report(), passing))

    outcome = planned(asked_for(MarkBounce("bounce"), read=read, known=known(deliveries=(delivery(55),))))

    assert outcome.bounces == (BounceMark(55, CUSTOMER_ADDRESS, permanent=True, because="5.1.1 gone"),)


def test_a_receipt_marks_nobody() -> None:
    read = message(reports=(report(status="2.0.0", permanent=False, action="delivered"),))

    outcome = planned(asked_for(MarkBounce("bounce"), read=read))

    assert outcome.bounces == ()


def test_a_bounce_without_a_report_marks_the_first_recipient_for_a_while() -> None:
    sent = delivery(55, 8, "Carla@Customer.example", "other@customer.example")

    outcome = planned(asked_for(MarkBounce("bounce"), known=known(deliveries=(sent,))))

    assert outcome.bounces == (
        BounceMark(55, CUSTOMER_ADDRESS, permanent=False, because="a bounce that names no recipient"),
    )


def test_a_bounce_that_says_nothing_marks_nothing() -> None:
    outcome = planned(asked_for(MarkBounce("bounce")))

    assert (outcome.bounces, outcome.events) == ((), ())


def test_a_template_that_failed_is_an_event_on_the_ticket() -> None:
    broken = {"en/acknowledgement.txt": "{{ nonsense }}", "en/notification.txt": "{{ nonsense }}"}
    own = replace(SNAPSHOT, templates=Templates(SHIPPED, broken))

    outcome = planned(asked_for(OPEN, Acknowledge("acknowledge"), NotifyAgents("notify-new", ("support",))), own)

    kinds_of_events = [event.kind for event in outcome.events]
    assert kinds_of_events == [
        EventKind.OPENED,
        EventKind.ACKNOWLEDGED,
        EventKind.TEMPLATE_FAILED,
        EventKind.NOTIFIED,
        EventKind.TEMPLATE_FAILED,
    ]
    assert len(outcome.outgoing) == 3


@pytest.mark.parametrize(
    "effect",
    [PostMessage("r"), ChangeStatus("r", Status.OPEN), Acknowledge("r"), NotifyAgents("r", ("support",))],
    ids=lambda effect: type(effect).__name__,
)
def test_an_effect_that_needs_a_ticket_and_has_none_is_a_bug(effect: Effect) -> None:
    with pytest.raises(TypeError):
        planned(asked_for(effect))


def test_the_outcome_keeps_what_was_seen_and_decided() -> None:
    assessment = assessed(message())

    outcome = planned(assessment)

    assert (outcome.message, outcome.facts, outcome.decision) == (
        assessment.prepared.reading.message,
        assessment.facts,
        assessment.decision,
    )
    assert (outcome.mail, outcome.at, outcome.classification) == (12, NOW, assessment.prepared.reading.classification)


# --- the ids ---------------------------------------------------------------------------------------------------------

EFFECTS = st.lists(
    st.one_of(
        st.just(Acknowledge("r")),
        st.builds(NotifyAgents, st.just("r"), st.tuples(st.sampled_from(("support", "sales", "manager")))),
        st.just(StaySilent("r", "why")),
        st.just(MarkBounce("r")),
        st.just(ChangeStatus("r", Status.OPEN)),
        st.just(PostMessage("r")),
        st.just(ChangePriority("r", 1)),
        st.just(AddTags("r", ("tag",))),
        st.just(TakeQuota("r", "customer", "2026-03-01")),
        st.just(MissQuota("r", "customer", "2026-03-01", 2)),
        st.just(Inform("r", (Told("refused", "r"),))),
        st.just(Refuse("r", "refused")),
    ),
    max_size=6,
)


@given(EFFECTS, st.booleans())
def test_plan_uses_exactly_the_ids_it_asked_for(effects: list[Effect], is_new: bool) -> None:
    wanted = (OPEN, *effects) if is_new else tuple(effects)
    assessment = asked_for(*wanted, threading=threading(ticket(8)))

    tickets, outbox = needed_ids(assessment, SNAPSHOT)
    outcome = planned(assessment)

    assert [new.number for new in outcome.tickets] == list(IDS.tickets[:tickets])
    assert [mail.id for mail in outcome.outgoing] == list(range(501, 501 + outbox))
    assert {event.actor for event in outcome.events} <= {"rule:r", "rule:new-ticket"}
