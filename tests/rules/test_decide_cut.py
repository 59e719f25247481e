"""A new mail that is cut: each part is decided on its own, with what the mail would be whole."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Decision, Fact
from mailgateway.model.effects import (
    Acknowledge,
    CutMail,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.ticket import Status
from mailgateway.rules.kinds.split import MAX_PARTS
from tests.rules.cut_mails import SPLIT, THREE, items, kinds, opened
from tests.rules.quotas import URGENT, capped, counting, quota
from tests.rules.rulesets import decided, given, matched, ruled
from tests.rules.test_errors_inside_rules import broken, misshapen

ROUTING = """
[[rule]]
id = "invoices"
when.text.mentions = "invoice"
route.queue = "billing"
route.tags = ["money"]
route.role = "sales"

[[rule]]
id = "manuals"
when.text.mentions = "manual"
route.kind = "upgrade"
"""
FIRE = """
[[rule]]
id = "fire"
when.text.mentions = "fire"
priority.raise_to = 1
"""
TICKET = OpenTicket("new-ticket", "support", "question", 3, ("of-a-cut-mail",))
NOTICE = NotifyAgents("notify-new", ())


def routed(action: str, words: str) -> str:
    return f'[[rule]]\nid = "r"\nwhen.text.mentions = "{words}"\n{action}\n'


def cut(decision: Decision) -> CutMail:
    return next(effect for effect in decision.effects if isinstance(effect, CutMail))


def statuses(decision: Decision) -> list[Status]:
    return [one.status for one in opened(decision)]


def test_every_part_is_routed_and_prioritised_by_its_own_words() -> None:
    found = decided(ruled(split=SPLIT, routing=ROUTING, priority=FIRE, guards=""), items(*THREE))

    whole = OpenTicket("new-ticket", "billing", "upgrade", 1, ("money", "of-a-cut-mail"))
    assert found.effects == (
        CutMail("several", whole),
        replace(TICKET, priority=1, part=1),
        NOTICE,
        replace(TICKET, queue="billing", tags=("of-a-cut-mail", "money"), part=2),
        NotifyAgents("notify-new", ("sales",)),
        replace(TICKET, kind="upgrade", part=3),
        NOTICE,
        Acknowledge("acknowledge"),
    )


def test_answers_and_steps_say_which_part_they_are_about() -> None:
    found = decided(ruled(split=SPLIT, routing=ROUTING, priority=FIRE), items(*THREE))

    assert given(found, "tickets") == (3, "several")
    assert [(one.value, one.rule, one.part) for one in found.answers if one.name == "priority"] == [
        (1, "fire", 1),
        (3, "", 2),
        (3, "", 3),
    ]
    assert [(one.value, one.part) for one in found.answers if one.name == "queue"] == [
        ("billing", 0),
        ("support", 1),
        ("billing", 2),
        ("support", 3),
    ]
    assert [(step.part, step.matched) for step in found.trace if step.rule == "fire"] == [
        (1, True),
        (2, False),
        (3, False),
    ]


def test_a_mail_that_no_rule_cuts_is_one_ticket() -> None:
    found = decided(ruled(routing=ROUTING), items(*THREE))

    assert kinds(found.effects) == ["OpenTicket", "Acknowledge", "NotifyAgents"]


@pytest.mark.parametrize(("count", "tickets"), [(1, 1), (2, 2), (MAX_PARTS, MAX_PARTS), (MAX_PARTS + 1, 1)])
def test_a_mail_is_cut_into_two_parts_at_least_and_twelve_at_most(count: int, tickets: int) -> None:
    found = decided(ruled(split=SPLIT), items(*(f"Thing {i}" for i in range(count)), list__items=max(2, count)))

    assert len(opened(found)) == tickets


def test_of_too_many_parts_the_agent_is_told_instead() -> None:
    found = decided(ruled(split=SPLIT), items(*["Thing"] * (MAX_PARTS + 1)))

    assert opened(found)[0].tags == ("of-a-cut-mail", "maybe-several-issues")


def test_a_mail_that_routing_ignores_is_not_cut() -> None:
    ignoring = routed('route.ignore = true\nroute.because = "an advert"', "fire")

    found = decided(ruled(split=SPLIT, routing=ignoring), items(*THREE))

    assert kinds(found.effects) == ["IgnoreMail"]


def test_a_part_is_never_ignored() -> None:
    fires = """
[[rule]]
id = "adverts"
when.text.mentions = "manual"
unless.text.mentions = "fire"
route.ignore = true
route.because = "an advert"
"""

    found = decided(ruled(split=SPLIT, routing=fires), items(*THREE))

    assert len(opened(found)) == 3
    assert "ignore" not in {one.name for one in found.answers}


def test_a_part_sees_its_own_files_and_those_that_no_part_names() -> None:
    rule = """
[[rule]]
id = "logs"
when.attachments.names = "a.log"
priority.raise_to = 2

[[rule]]
id = "pictures"
when.attachments.count = { at_least = 2 }
priority.raise_to = 1
"""
    files: dict[str, Fact] = {"attachments.names": ("a.log", "b.png", "c.txt"), "attachments.count": 3}

    found = decided(
        ruled(split=SPLIT, priority=rule), {**items(*THREE, list__item_files=("a.log", "", "c.txt")), **files}
    )

    assert [one.priority for one in opened(found)] == [1, 3, 1]
    assert cut(found).whole == replace(TICKET, priority=1)


def test_a_part_sees_no_list_and_no_ticket() -> None:
    rule = '[[rule]]\nid = "lists"\nwhen.list.items = { at_least = 2 }\npriority.raise_to = 1\n'

    found = decided(ruled(split=SPLIT, priority=rule), items(*THREE))

    assert [one.priority for one in opened(found)] == [3, 3, 3]


def test_rules_see_of_a_part_what_a_person_said_in_it() -> None:
    prose = ("The printer.", "Please send the invoice.", "Where is the manual?")

    found = decided(ruled(split=SPLIT, priority=FIRE), items(*THREE, list__item_prose=prose))

    assert [one.priority for one in opened(found)] == [3, 3, 3]


def test_a_priority_that_one_item_states_counts_for_that_item_alone() -> None:
    as_stated = '[[rule]]\nid = "believe"\nwhen.customer.known = true\npriority.as_stated = true\n'
    stated = items(*THREE, stated__priority=1, stated__by="line", list__item_stated=("1 line", "", "4 line"))

    found = decided(ruled(split=SPLIT, priority=as_stated), stated)

    assert [one.priority for one in opened(found)] == [1, 3, 4]


# --- quotas


def test_of_one_mail_s_parts_only_the_first_that_qualifies_counts_and_the_others_are_capped_without_a_word() -> None:
    rules = ruled(
        split=SPLIT, priority=FIRE, quota=quota(URGENT, capped(3), 'used_up.tell = "over"', 'used_up.tag = "t"')
    )

    found = counting(rules, items("Fire here.", "No.", "Fire there.", "Fire everywhere."))

    assert [(one.priority, one.tags) for one in opened(found)] == [(n, ("of-a-cut-mail",)) for n in (1, 3, 3, 3)]
    place = ("q", "customer", "2026-03-01")
    assert [one for one in found.effects if isinstance(one, TakeQuota | MissQuota)] == [
        TakeQuota(*place),
        MissQuota(*place, 1),
        MissQuota(*place, 1),
    ]
    assert found.effects[-1] == Acknowledge("acknowledge")


def test_the_places_that_the_whole_mail_would_take_are_kept() -> None:
    rules = ruled(split=SPLIT, priority=FIRE, quota=quota(URGENT) + quota('when.text.mentions = "manual"', name="m"))

    found = counting(rules, items(*THREE))

    places = tuple(TakeQuota(name, "customer", "2026-03-01") for name in ("q", "m"))
    assert cut(found).quota == places
    assert kinds(found.effects) == [
        *("CutMail", "OpenTicket", "TakeQuota", "NotifyAgents"),
        *("OpenTicket", "NotifyAgents"),
        *("OpenTicket", "TakeQuota", "NotifyAgents"),
        "Acknowledge",
    ]


# --- what the author gets


def test_what_is_told_says_of_which_part() -> None:
    fire = FIRE + 'tell = "capped"\n'

    found = decided(ruled(split=SPLIT, priority=fire), items(*THREE))

    (acknowledged,) = (one for one in found.effects if isinstance(one, Acknowledge))
    assert [(one.template, one.rule, one.part) for one in acknowledged.told] == [("capped", "fire", 1)]


def test_a_part_that_is_refused_is_told_in_the_one_acknowledgement() -> None:
    found = decided(ruled(split=SPLIT, routing=routed('route.refuse = "instead"', "invoice")), items(*THREE))

    assert statuses(found) == [Status.NEW, Status.REFUSED, Status.NEW]
    assert found.effects[-1] == Acknowledge("acknowledge", (Told("instead", "r", part=2),))


def test_where_every_part_is_refused_the_mail_is() -> None:
    found = decided(
        ruled(split=SPLIT, routing='[[rule]]\nid = "r"\nwhen.customer.known = true\nroute.refuse = "instead"\n'),
        items(*THREE),
    )

    assert statuses(found) == [Status.REFUSED] * 3
    assert found.effects[-1] == Refuse("r", "instead")


def test_where_one_part_is_held_nothing_is_answered() -> None:
    found = decided(
        ruled(split=SPLIT, routing=routed('route.hold = true\nroute.because = "a threat"', "invoice")), items(*THREE)
    )

    assert statuses(found) == [Status.NEW, Status.HELD, Status.NEW]
    assert found.effects[-1] == StaySilent("r", "held: a threat")


@pytest.mark.parametrize(
    ("action", "status", "answer"),
    [
        ('route.hold = true\nroute.because = "why"', Status.HELD, StaySilent("r", "held: why")),
        ('route.refuse = "instead"', Status.REFUSED, Refuse("r", "instead")),
    ],
)
def test_words_outside_of_all_parts_hold_or_refuse_all(
    action: str, status: Status, answer: StaySilent | Refuse
) -> None:
    found = decided(ruled(split=SPLIT, routing=routed(action, "hello")), items(*THREE))

    assert statuses(found) == [status] * 3
    assert found.effects[-1] == answer


def test_a_hold_of_the_whole_is_not_lost_where_a_part_is_refused() -> None:
    both = routed('route.hold = true\nroute.because = "why"', "hello") + routed(
        'route.refuse = "instead"', "invoice"
    ).replace('"r"', '"s"')

    found = decided(ruled(split=SPLIT, routing=both), items(*THREE))

    assert statuses(found) == [Status.HELD] * 3
    assert found.effects[-1] == StaySilent("r", "held: why")


def test_a_guard_silences_the_one_answer_and_its_word_is_put_on_every_ticket() -> None:
    guards = '[[rule]]\nid = "enough"\nwhen.answers.recent = { at_least = 1 }\nsilent = "enough"\ntag = "limited"\n'

    found = decided(ruled(split=SPLIT, guards=guards), items(*THREE, answers__recent=1))

    assert [one.tags for one in opened(found)] == [("of-a-cut-mail", "limited")] * 3
    assert found.effects[-1] == StaySilent("enough", "enough")


def test_a_guard_sees_how_urgent_the_whole_mail_is() -> None:
    guards = '[[rule]]\nid = "urgent"\nwhen.ticket.is_priority = true\nsilent = "a person calls"\n'

    found = decided(ruled(split=SPLIT, priority=FIRE, guards=guards), items(*THREE))

    assert found.effects[-1] == StaySilent("urgent", "a person calls")


# --- whatever goes wrong


def test_a_mail_that_follows_a_closed_ticket_is_cut_and_every_part_follows_it() -> None:
    life = '[[rule]]\nid = "new"\nwhen.ticket.closed_days = { at_least = 1 }\nthen = "new ticket"\n'
    on_closed: dict[str, Fact] = {"ticket.found": True, "ticket.number": 1042, "ticket.closed_days": 31}

    found = decided(ruled(split=SPLIT, lifecycle=life), {**items(*THREE), **on_closed})

    assert [(one.rule, one.follows, one.part) for one in opened(found)] == [("new", 1042, n) for n in (1, 2, 3)]
    whole = cut(found).whole
    assert whole is not None
    assert whole.follows == 1042


def test_a_mail_whose_parts_cannot_be_told_apart_is_one_ticket() -> None:
    broken: dict[str, Fact] = {**items(*THREE), "list.item_files": ("a", "b")}  # as many as no list has

    found = decided(ruled(split=SPLIT), broken)

    assert [(one.tags, one.part) for one in opened(found)] == [(("rules-failed",), 0)]
    assert kinds(found.effects) == ["OpenTicket", "Acknowledge", "NotifyAgents"]


def test_an_error_inside_the_rule_that_cuts_leaves_one_ticket_that_says_so() -> None:
    found = decided(broken(ruled(split=SPLIT), "several"), items(*THREE))

    assert [(one.tags, one.part) for one in opened(found)] == [(("rules-error",), 0)]


@pytest.mark.parametrize("kind", ["priority", "routing", "quota"])
def test_an_error_outside_a_rule_about_a_part_leaves_one_ticket_with_the_defaults(kind: str) -> None:
    written = {"priority": FIRE, "routing": routed('route.queue = "sales"', "fire"), "quota": quota()}
    rules = ruled(split=SPLIT, **{kind: written[kind]})

    found = decided(misshapen(rules, {"priority": "fire", "routing": "r", "quota": "q"}[kind]), items(*THREE))

    assert [(one.queue, one.tags, one.part) for one in opened(found)] == [("support", ("rules-failed",), 0)]


def test_every_part_of_a_decision_made_without_its_files_says_so() -> None:
    rules = replace(ruled(split=SPLIT), tags=("rules-missing",))

    found = decided(rules, items(*THREE))

    assert [one.tags for one in opened(found)] == [("rules-missing", "of-a-cut-mail")] * 3
    assert matched(found, "split") == ["several"]
