from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Decision, Fact, Facts, Step, Threading
from mailgateway.model.effects import (
    Acknowledge,
    ChangeStatus,
    Effect,
    IgnoreMail,
    MarkBounce,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    StaySilent,
)
from mailgateway.model.message import Classification, MessageKind
from mailgateway.model.people import Role
from mailgateway.model.site import Defaults
from mailgateway.model.ticket import Status
from mailgateway.rules.decide import MAX_EVIDENCE, decide
from mailgateway.rules.facts import VOCABULARY, facts
from tests.factories import PERSON, delivery, known, message, site, standing, threading, ticket

RULES = Defaults("desk", "incident", 2, ("support", "sales"), 5)
ROLES = ("support", "sales")
MACHINES = [kind for kind in MessageKind if kind is not MessageKind.PERSON]
ANSWERING = [MessageKind.OUT_OF_OFFICE, MessageKind.RECEIPT, MessageKind.OWN, MessageKind.AUTO_REPLY]
STRANGER = standing(Role.STRANGER, may_post=False)
UNVERIFIED = threading(ticket(), verified=False, standing=STRANGER)


def machine(kind: MessageKind, *, is_answer: bool = True) -> Classification:
    return Classification(kind, "Proof: yes", "Proof: yes", is_answer)


def seen(classification: Classification = PERSON, place: Threading | None = None, **changed: Fact) -> Facts:
    """The facts of a mail; changes are named with "__" for the dot."""
    plain = facts(message(), classification, place or threading(), known(), site=site(), answerable=True)
    changes = {name.replace("__", "."): value for name, value in changed.items()}
    return Facts(tuple((name, changes.get(name, value)) for name, value in plain.values))


def effects(
    classification: Classification = PERSON, place: Threading | None = None, **changed: Fact
) -> tuple[Effect, ...]:
    return decide(RULES, seen(classification, place, **changed)).effects


# --- people without a ticket


def test_a_person_without_a_ticket_gets_one_and_one_acknowledgement_and_agents_are_told() -> None:
    assert effects() == (
        OpenTicket("new-ticket", "desk", "incident", 2),
        Acknowledge("acknowledge"),
        NotifyAgents("notify-new", ROLES),
    )


@pytest.mark.parametrize(
    ("classification", "changed", "silence"),
    [
        (replace(PERSON, no_answer="X-Spam-Flag: yes"), {}, StaySilent("silence", "X-Spam-Flag: yes")),
        (
            PERSON,
            {"mail__answerable": False},
            StaySilent("silent-folder", "mail of this folder or age is not answered, or nobody is there to answer"),
        ),
        (PERSON, {"answers__recent": 5}, StaySilent("budget", "5 answers to this address within an hour")),
        (
            PERSON,
            {"sender__typed": True, "answers__recent": 2},
            StaySilent("form-budget", "2 answers to this address within an hour"),
        ),
    ],
)
def test_a_person_who_must_not_be_answered_gets_a_ticket_all_the_same(
    classification: Classification, changed: dict[str, Fact], silence: StaySilent
) -> None:
    decided = decide(RULES, seen(classification, None, **changed))

    assert decided.effects == (
        OpenTicket("new-ticket", "desk", "incident", 2),
        silence,
        NotifyAgents("notify-new", ROLES),
    )


def test_an_agent_who_opens_a_ticket_gets_no_acknowledgement() -> None:
    decided = effects(sender__has_agents_address=True)

    assert [type(effect) for effect in decided] == [OpenTicket, StaySilent, NotifyAgents]


def test_the_last_answer_of_the_budget_is_still_sent() -> None:
    assert Acknowledge("acknowledge") in effects(answers__recent=4)


def test_a_new_ticket_that_names_another_is_a_new_ticket_like_any() -> None:
    assert effects(PERSON, threading(mentions=(7,))) == effects()


# --- people on a ticket


def test_a_reply_goes_on_the_ticket_and_agents_are_told() -> None:
    assert effects(PERSON, threading(ticket())) == (PostMessage("reply"), NotifyAgents("notify-reply", ROLES))


@pytest.mark.parametrize("status", [Status.WAITING, Status.RESOLVED, Status.CLOSED])
def test_a_customers_words_reopen_a_ticket_that_rests(status: Status) -> None:
    assert effects(PERSON, threading(ticket(status=status))) == (
        PostMessage("reply"),
        ChangeStatus("reopen", Status.OPEN),
        NotifyAgents("notify-reply", ROLES),
    )


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.HELD, Status.MERGED])
def test_a_customers_words_leave_the_other_states_alone(status: Status) -> None:
    assert effects(PERSON, threading(ticket(status=status))) == (
        PostMessage("reply"),
        NotifyAgents("notify-reply", ROLES),
    )


@pytest.mark.parametrize("status", Status)
def test_unverified_words_change_nothing_and_are_shown_to_agents(status: Status) -> None:
    place = replace(UNVERIFIED, ticket=ticket(status=status))

    assert effects(PERSON, place) == (PostMessage("unverified"), NotifyAgents("notify-reply", ROLES))


@pytest.mark.parametrize("status", Status)
def test_an_agents_words_go_on_the_ticket_and_change_nothing(status: Status) -> None:
    place = threading(ticket(status=status), standing=standing(Role.AGENT))

    assert effects(PERSON, place) == (PostMessage("agent-reply"),)


# --- machines


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("kind", [kind for kind in MACHINES if kind is not MessageKind.BOUNCE])
def test_a_machine_on_a_ticket_is_recorded_and_changes_nothing(kind: MessageKind, status: Status) -> None:
    assert effects(machine(kind), threading(ticket(status=status))) == (
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
    )


@pytest.mark.parametrize("kind", ANSWERING)
def test_the_answer_of_a_machine_without_a_ticket_is_ignored_with_its_proof(kind: MessageKind) -> None:
    assert effects(machine(kind)) == (IgnoreMail("machine-ignored", f"a machine's answer: {kind.value}, Proof: yes"),)


@pytest.mark.parametrize("kind", [MessageKind.LIST, MessageKind.AUTO_REPLY])
def test_a_machine_that_speaks_up_by_itself_may_be_an_alert_and_gets_a_ticket(kind: MessageKind) -> None:
    assert effects(machine(kind, is_answer=False)) == (
        OpenTicket("machine-alert", "desk", "incident", 2, ("machine",)),
        StaySilent("machine-alert", "Proof: yes"),
        NotifyAgents("machine-alert", ROLES),
    )


def test_a_machine_that_only_names_a_ticket_is_ignored() -> None:
    decided = effects(machine(MessageKind.AUTO_REPLY, is_answer=False), threading(mentions=(7,)))

    assert decided == (IgnoreMail("machine-names-ticket", "a machine names a ticket: auto_reply, Proof: yes"),)


def test_a_machine_of_an_agent_opens_no_ticket_since_agents_are_told_of_tickets() -> None:
    decided = effects(machine(MessageKind.AUTO_REPLY, is_answer=False), sender__has_agents_address=True)

    assert decided == (IgnoreMail("machine-of-agent", "an agent's machine: auto_reply, Proof: yes"),)


# --- bounces


def test_a_bounce_marks_its_delivery_and_agents_are_told() -> None:
    assert effects(machine(MessageKind.BOUNCE), threading(ticket()), bounce__to_customer=True) == (
        MarkBounce("bounce"),
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
        NotifyAgents("notify-bounce", ROLES),
    )


def test_a_bounced_notice_makes_no_notice() -> None:
    assert effects(machine(MessageKind.BOUNCE), threading(ticket())) == (
        MarkBounce("bounce"),
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
    )


def test_a_bounce_without_a_ticket_marks_what_it_can_and_is_ignored() -> None:
    assert effects(machine(MessageKind.BOUNCE), bounce__to_customer=True) == (
        MarkBounce("bounce"),
        IgnoreMail("machine-ignored", "a machine's answer: bounce, Proof: yes"),
    )


# --- the trace


def test_the_trace_has_every_rule_that_was_tried_with_its_evidence() -> None:
    decided = decide(RULES, seen(PERSON, threading(ticket(status=Status.WAITING))))

    assert decided == Decision(
        effects=(
            PostMessage("reply"),
            ChangeStatus("reopen", Status.OPEN),
            NotifyAgents("notify-reply", ROLES),
        ),
        trace=(
            Step("bounce", matched=False, evidence="mail.kind=person"),
            Step("machine-on-ticket", matched=False, evidence="mail.kind=person"),
            Step("machine-ignored", matched=False, evidence="mail.kind=person"),
            Step("machine-names-ticket", matched=False, evidence="mail.kind=person"),
            Step("machine-of-agent", matched=False, evidence="mail.kind=person"),
            Step("machine-alert", matched=False, evidence="mail.kind=person"),
            Step("unverified", matched=False, evidence="thread.verified=true"),
            Step("agent-reply", matched=False, evidence="sender.role=requester"),
            Step("reply", matched=True, evidence="ticket.found=true"),
            Step("reopen", matched=True, evidence="mail.kind=person ticket.found=true thread.verified=true sen…"),
            Step("silence", matched=False, evidence="ticket.found=true"),
            Step("silent-agent", matched=False, evidence="ticket.found=true"),
            Step("silent-folder", matched=False, evidence="ticket.found=true"),
            Step("form-budget", matched=False, evidence="ticket.found=true"),
            Step("budget", matched=False, evidence="ticket.found=true"),
            Step("acknowledge", matched=False, evidence="ticket.found=true"),
            Step("notify-new", matched=False, evidence="ticket.found=true"),
            Step("notify-reply", matched=True, evidence="mail.kind=person ticket.found=true sender.role=requester"),
        ),
        revision="built-in 1",
    )


def test_a_condition_on_an_unknown_fact_never_holds() -> None:
    decided = decide(RULES, Facts(()))

    matched = [step.rule for step in decided.trace if step.matched]
    assert matched == ["new-ticket"]
    assert decided.trace[0] == Step("bounce", matched=False, evidence="mail.kind=unknown")


any_fact = (
    st.none()
    | st.booleans()
    | st.integers(0, 20)
    | st.sampled_from(
        [
            *(kind.value for kind in MessageKind),
            *(status.value for status in Status),
            *(role.value for role in Role),
            "",
        ]
    )
)
any_facts = st.builds(
    lambda values: Facts(tuple(zip((term.name for term in VOCABULARY), values, strict=True))),
    st.lists(any_fact, min_size=len(VOCABULARY), max_size=len(VOCABULARY)),
)


@given(any_facts)
def test_the_same_facts_give_the_same_decision(some_facts: Facts) -> None:
    assert decide(RULES, some_facts) == decide(RULES, Facts(some_facts.values))


@given(any_facts)
def test_every_mail_ends_on_a_ticket_or_ignored_once(some_facts: Facts) -> None:
    decided = decide(RULES, some_facts)

    places = [effect for effect in decided.effects if isinstance(effect, OpenTicket | PostMessage | IgnoreMail)]
    assert len(places) == 1
    assert all(len(step.evidence) <= MAX_EVIDENCE for step in decided.trace)


@given(
    st.sampled_from(MACHINES),
    st.booleans(),
    st.sampled_from([threading(), threading(ticket()), UNVERIFIED, threading(mentions=(1,))]),
    st.integers(0, 9),
)
def test_a_machine_never_gets_an_answer_and_never_changes_a_status(
    kind: MessageKind, is_answer: bool, place: Threading, recent: int
) -> None:
    held = known(recent_answers=recent, deliveries=(delivery(),))
    some_facts = facts(message(), machine(kind, is_answer=is_answer), place, held, site=site(), answerable=True)

    decided = decide(RULES, some_facts)

    assert not [effect for effect in decided.effects if isinstance(effect, Acknowledge | ChangeStatus)]
