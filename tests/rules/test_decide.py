"""The promises of the shipped rules: who gets a ticket, who gets an answer, and who never does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Decision, Fact, Facts, Threading
from mailgateway.model.effects import (
    Acknowledge,
    ChangeStatus,
    Effect,
    IgnoreMail,
    Inform,
    MarkBounce,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    Told,
)
from mailgateway.model.message import Classification, MessageKind
from mailgateway.model.people import Role
from mailgateway.model.ticket import Status
from mailgateway.rules.decide import decide
from mailgateway.rules.evaluation import MAX_EVIDENCE
from mailgateway.rules.facts import facts
from mailgateway.rules.shipped import built_in_rules, default_rules
from mailgateway.rules.vocabulary import TERMS
from tests.factories import PERSON, delivery, known, message, sources, standing, threading, ticket

MACHINES = [kind for kind in MessageKind if kind is not MessageKind.PERSON]
ANSWERING = [MessageKind.OUT_OF_OFFICE, MessageKind.RECEIPT, MessageKind.OWN, MessageKind.AUTO_REPLY]
STRANGER = standing(Role.STRANGER, may_post=False)
UNVERIFIED = threading(ticket(), verified=False, standing=STRANGER)
OPENED = OpenTicket("new-ticket", "support", "question", 3)
TOLD_NEW, TOLD_REPLY = NotifyAgents("notify-new", ()), NotifyAgents("notify-reply", ())


def machine(kind: MessageKind, *, is_answer: bool = True) -> Classification:
    return Classification(kind, "Proof: yes", "Proof: yes", is_answer)


def seen(classification: Classification = PERSON, place: Threading | None = None, **changed: Fact) -> Facts:
    """The facts of a mail; changes are named with "__" for the dot."""
    plain = facts(sources(place=place, classification=classification))
    changes = {name.replace("__", "."): value for name, value in changed.items()}
    return Facts(tuple((name, changes.get(name, value)) for name, value in plain.values))


def decided(classification: Classification = PERSON, place: Threading | None = None, **changed: Fact) -> Decision:
    return decide(default_rules(), seen(classification, place, **changed))


def effects(
    classification: Classification = PERSON, place: Threading | None = None, **changed: Fact
) -> tuple[Effect, ...]:
    return decided(classification, place, **changed).effects


# --- people without a ticket


def test_a_person_without_a_ticket_gets_one_and_one_acknowledgement_and_agents_are_told() -> None:
    assert effects() == (OPENED, Acknowledge("acknowledge"), TOLD_NEW)


@pytest.mark.parametrize(
    ("classification", "changed", "silence", "tags"),
    [
        (replace(PERSON, no_answer="X-Spam-Flag: yes"), {}, StaySilent("silence", "X-Spam-Flag: yes"), ()),
        (
            PERSON,
            {"mail__answerable": False},
            StaySilent("silent-folder", "mail of this folder or age is not answered, or nobody is there to answer"),
            (),
        ),
        (
            PERSON,
            {"sender__has_agents_address": True},
            StaySilent("silent-agent", "an agent's address: agents get notices, not acknowledgements"),
            (),
        ),
        (
            PERSON,
            {"answers__recent": 10},
            StaySilent("one-address", "ten answers to this address within an hour"),
            ("answers-limited",),
        ),
        (
            PERSON,
            {"sender__typed": True, "answers__recent": 2},
            StaySilent("typed-address", "an address typed into a form gets two answers an hour"),
            (),
        ),
        (
            PERSON,
            {"answers__to_domain": 100},
            StaySilent("one-domain", "a hundred answers to this domain within an hour"),
            ("answers-limited",),
        ),
        (
            PERSON,
            {"answers__alike": 4},
            StaySilent("ping-pong", "four mails of the same shape within an hour"),
            ("loop-suspected",),
        ),
    ],
)
def test_a_person_who_must_not_be_answered_gets_a_ticket_all_the_same(
    classification: Classification, changed: dict[str, Fact], silence: StaySilent, tags: tuple[str, ...]
) -> None:
    assert effects(classification, None, **changed) == (replace(OPENED, tags=tags), silence, TOLD_NEW)


@pytest.mark.parametrize(
    "changed",
    [
        {"answers__recent": 9},
        {"sender__typed": True, "answers__recent": 1},
        {"answers__to_domain": 99},
        {"answers__to_domain": 1000, "sender__free_mail": True},
        {"answers__alike": 3},
    ],
)
def test_the_last_answer_of_each_limit_is_still_sent(changed: dict[str, Fact]) -> None:
    assert Acknowledge("acknowledge") in effects(**changed)


def test_a_new_ticket_that_names_another_is_a_new_ticket_like_any() -> None:
    assert effects(PERSON, threading(mentions=(7,))) == effects()


def test_the_customer_is_told_of_another_priority_than_the_one_stated_in_words() -> None:
    values = (("stated", "1"), ("stated_name", "critical"), ("priority", "3"), ("priority_name", "normal"), ("why", ""))

    found = effects(stated__priority=1, stated__by="line")

    assert found == (OPENED, Acknowledge("acknowledge", (Told("priority-changed", "", values),)), TOLD_NEW)


def test_a_priority_in_a_header_is_no_wish_that_needs_an_answer() -> None:
    assert effects(stated__priority=1, stated__by="header") == effects()


# --- people on a ticket


def test_a_reply_goes_on_the_ticket_and_agents_are_told() -> None:
    assert effects(PERSON, threading(ticket())) == (PostMessage("reply"), TOLD_REPLY)


@pytest.mark.parametrize("status", [Status.WAITING, Status.RESOLVED, Status.CLOSED, Status.REFUSED])
def test_a_customers_words_reopen_a_ticket_that_rests(status: Status) -> None:
    assert effects(PERSON, threading(ticket(status=status))) == (
        PostMessage("reply"),
        ChangeStatus("reopen", Status.OPEN),
        TOLD_REPLY,
    )


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.HELD, Status.MERGED])
def test_a_customers_words_leave_the_other_states_alone(status: Status) -> None:
    assert effects(PERSON, threading(ticket(status=status))) == (PostMessage("reply"), TOLD_REPLY)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_words_on_a_ticket_that_was_closed_long_ago_open_one_that_goes_on_from_it(status: Status) -> None:
    why = ("why", "The ticket was closed more than 30 days ago.")

    found = effects(PERSON, threading(ticket(status=status)), ticket__closed_days=31)

    assert found == (
        replace(OPENED, rule="closed-too-long", follows=1042),
        Acknowledge("acknowledge", (Told("closed-too-long", "closed-too-long", (why,)),)),
        TOLD_NEW,
    )


@pytest.mark.parametrize("status", Status)
def test_unverified_words_change_nothing_and_are_shown_to_agents(status: Status) -> None:
    place = replace(UNVERIFIED, ticket=ticket(status=status))

    assert effects(PERSON, place) == (PostMessage("unverified"), TOLD_REPLY)


@pytest.mark.parametrize("status", Status)
def test_an_agents_words_go_on_the_ticket_and_change_nothing(status: Status) -> None:
    place = threading(ticket(status=status), standing=standing(Role.AGENT))

    assert effects(PERSON, place) == (PostMessage("agent-reply"),)


# --- machines


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(
    "kind",
    [kind for kind in MACHINES if kind not in {MessageKind.BOUNCE, MessageKind.CHALLENGE, MessageKind.FEEDBACK}],
)
def test_a_machine_on_a_ticket_is_recorded_and_changes_nothing(kind: MessageKind, status: Status) -> None:
    assert effects(machine(kind), threading(ticket(status=status)), bounce__to_customer=True) == (
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
    )


@pytest.mark.parametrize("kind", ANSWERING)
def test_the_answer_of_a_machine_without_a_ticket_is_ignored_with_its_proof(kind: MessageKind) -> None:
    assert effects(machine(kind)) == (IgnoreMail("machine-ignored", f"a machine's answer: {kind.value}, Proof: yes"),)


@pytest.mark.parametrize("kind", [MessageKind.LIST, MessageKind.AUTO_REPLY])
def test_a_machine_that_speaks_up_by_itself_may_be_an_alert_and_gets_a_ticket(kind: MessageKind) -> None:
    assert effects(machine(kind, is_answer=False)) == (
        OpenTicket("machine-alert", "support", "question", 3, ("machine",)),
        StaySilent("machine-alert", "Proof: yes"),
        NotifyAgents("machine-alert", ()),
    )


def test_a_machine_that_only_names_a_ticket_is_ignored() -> None:
    found = effects(machine(MessageKind.AUTO_REPLY, is_answer=False), threading(mentions=(7,)))

    assert found == (IgnoreMail("machine-names-ticket", "a machine names a ticket: auto_reply, Proof: yes"),)


def test_a_machine_of_an_agent_opens_no_ticket_since_agents_are_told_of_tickets() -> None:
    found = effects(machine(MessageKind.AUTO_REPLY, is_answer=False), sender__has_agents_address=True)

    assert found == (IgnoreMail("machine-of-agent", "an agent's machine: auto_reply, Proof: yes"),)


# --- bounces


@pytest.mark.parametrize("kind", [MessageKind.CHALLENGE, MessageKind.FEEDBACK])
def test_agents_are_told_that_a_customer_does_not_get_our_mails(kind: MessageKind) -> None:
    assert effects(machine(kind), threading(ticket()), bounce__to_customer=True) == (
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
        NotifyAgents("notify-bounce", ()),
    )


def test_a_bounce_marks_its_delivery_and_agents_are_told() -> None:
    assert effects(machine(MessageKind.BOUNCE), threading(ticket()), bounce__to_customer=True) == (
        MarkBounce("bounce"),
        PostMessage("machine-on-ticket"),
        StaySilent("machine-on-ticket", "Proof: yes"),
        NotifyAgents("notify-bounce", ()),
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


# --- whatever the facts are


def test_where_nothing_is_known_the_mail_becomes_a_ticket_with_the_defaults() -> None:
    found = decide(default_rules(), Facts(()))

    assert [step.rule for step in found.trace if step.matched] == ["machine-alert"]
    assert found.effects[0] == replace(OPENED, rule="machine-alert", tags=("machine",))


def test_without_usable_files_every_mail_is_one_ticket_with_the_defaults_and_says_so() -> None:
    found = decide(built_in_rules(), seen(stated__priority=1, stated__by="line", customer__known=True))

    assert found.effects[0] == replace(OPENED, tags=("rules-missing",))


def test_without_usable_files_the_guards_still_count() -> None:
    found = decide(built_in_rules(), seen(answers__recent=10))

    assert found.effects == (
        replace(OPENED, tags=("rules-missing", "answers-limited")),
        StaySilent("one-address", "ten answers to this address within an hour"),
        TOLD_NEW,
    )


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
    lambda values: Facts(tuple(zip((term.name for term in TERMS), values, strict=True))),
    st.lists(any_fact, min_size=len(TERMS), max_size=len(TERMS)),
)


@given(any_facts)
def test_the_same_facts_give_the_same_decision(some_facts: Facts) -> None:
    assert decide(default_rules(), some_facts) == decide(default_rules(), Facts(some_facts.values))


@given(any_facts)
def test_every_mail_ends_on_a_ticket_or_ignored_once(some_facts: Facts) -> None:
    found = decide(default_rules(), some_facts)

    places = [effect for effect in found.effects if isinstance(effect, OpenTicket | PostMessage | IgnoreMail)]
    assert len(places) == 1
    assert all(len(step.evidence) <= MAX_EVIDENCE for step in found.trace)


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
    some_facts = facts(sources(message(), place, classification=machine(kind, is_answer=is_answer), known=held))

    found = decide(default_rules(), some_facts)

    answers = (Acknowledge, Inform, Refuse, ChangeStatus)
    assert not [effect for effect in found.effects if isinstance(effect, answers)]
