"""A reply that is cut, and mails that a person cuts: what stays on the ticket, and what becomes new ones."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Decision, Fact
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    CutMail,
    Effect,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.ticket import Status
from mailgateway.rules.decide import BY_HAND, decide, decide_parts
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.parts import Part, parts_of, quota_keys_of_mail, quota_keys_of_parts
from mailgateway.rules.program import SILENCES
from mailgateway.rules.values import RuleSet
from tests.rules.cut_mails import SPLIT, SPLIT_REPLY, THREE, items, kinds, of_reply, opened
from tests.rules.quotas import URGENT, capped, quota
from tests.rules.rulesets import given, ruled, seen
from tests.rules.test_errors_inside_rules import misshapen

FIRE = """
[[rule]]
id = "fire"
when.text.mentions = "fire"
priority.raise_to = 1
"""
FIRE_IN_REPLY = FIRE.replace('id = "fire"', 'id = "reply-fire"\non = "reply"')
NEW = OpenTicket("reply-several", "support", "question", 3, ("of-a-cut-mail",))
GUARD = """
[[rule]]
id = "enough"
when.answers.recent = { at_least = 10 }
silent = "ten answers"
"""
PLACE = ("q", "customer", "2026-03-01")


def replied(rules: RuleSet, *texts: str, **facts: Fact) -> Decision:
    return decide(rules, seen(of_reply(*texts, **facts)))


def by_hand(rules: RuleSet, *texts: str, **facts: Fact) -> Decision:
    found = seen(of_reply(*texts, **facts))
    return decide_parts(rules, found, parts_of(dict(found.values)))


# --- replies


def test_the_first_item_stays_on_the_ticket_and_the_others_become_new_ones() -> None:
    found = replied(ruled(split=SPLIT_REPLY), *THREE)

    assert found.effects == (
        CutMail("reply-several"),
        PostMessage("reply", part=1),
        AddTags("reply", ("of-a-cut-mail",)),
        NotifyAgents("notify-reply", ()),
        replace(NEW, part=2),
        NotifyAgents("notify-new", ()),
        replace(NEW, part=3),
        NotifyAgents("notify-new", ()),
        Acknowledge("acknowledge"),
    )


def test_rules_for_new_mails_do_not_cut_replies_nor_the_other_way_round() -> None:
    reply = replied(ruled(split=SPLIT), *THREE)
    new = decide(ruled(split=SPLIT_REPLY), seen(items(*THREE)))

    assert kinds(reply.effects) == ["PostMessage", "NotifyAgents"]
    assert kinds(new.effects) == ["OpenTicket", "Acknowledge", "NotifyAgents"]


def test_an_urgent_word_in_what_is_cut_off_does_not_raise_the_old_ticket() -> None:
    rules = ruled(split=SPLIT_REPLY, priority=FIRE + FIRE_IN_REPLY)

    off, on = replied(rules, "Thanks.", "Another thing is on fire."), replied(rules, "Fire!", "Another thing.")

    assert [one.priority for one in opened(off)] == [1]
    assert not [one for one in off.effects if isinstance(one, ChangePriority)]
    assert [one.priority for one in opened(on)] == [3]
    assert ChangePriority("reply-fire", 1) in on.effects


def test_what_all_parts_share_is_looked_at_for_the_old_ticket_alone() -> None:
    rules = ruled(split=SPLIT_REPLY, priority=FIRE + FIRE_IN_REPLY)

    found = replied(rules, "One.", "Two.", list__shared_text="All is on fire")

    assert ChangePriority("reply-fire", 1) in found.effects
    assert [one.priority for one in opened(found)] == [3]


def test_what_is_cut_off_is_routed_as_a_new_mail() -> None:
    routing = '[[rule]]\nid = "r"\nwhen.text.mentions = "invoice"\nroute.queue = "billing"\n'

    found = replied(ruled(split=SPLIT_REPLY, routing=routing), *THREE)

    assert [one.queue for one in opened(found)] == ["billing", "support"]
    assert not [one for one in found.answers if one.name == "queue" and one.part == 1]


@pytest.mark.parametrize(
    ("texts", "effects"),
    [
        (("It works now.", "A question: when?"), [ChangeStatus("solved", Status.CLOSED)]),
        (("A question: when?", "It works now."), []),
    ],
)
def test_the_old_ticket_is_closed_by_what_stays_on_it_alone(texts: tuple[str, ...], effects: list[object]) -> None:
    life = (
        '[[rule]]\nid = "solved"\nwhen.text.mentions = "works now"\nunless.text.mentions = "question"\nthen = "close"\n'
    )

    found = replied(ruled(split=SPLIT_REPLY, lifecycle=life), *texts)

    assert [one for one in found.effects if isinstance(one, ChangeStatus)] == effects


def test_what_lifecycle_tells_of_the_old_ticket_stands_once_in_the_one_acknowledgement() -> None:
    life = '[[rule]]\nid = "again"\nwhen.ticket.status = "closed"\nthen = "reopen"\ntell = "instead"\nwhy = "w"\n'

    found = replied(ruled(split=SPLIT_REPLY, lifecycle=life), *THREE, ticket__status="closed")

    assert ChangeStatus("again", Status.OPEN) in found.effects
    assert found.effects[-1] == Acknowledge("acknowledge", (Told("instead", "again", (("why", "w"),), part=1),))
    assert "Inform" not in kinds(found.effects)


def test_a_reply_that_only_may_hold_several_issues_says_so_on_its_ticket() -> None:
    found = replied(ruled(split=SPLIT_REPLY.replace("one ticket per item", "suggest only")), *THREE)

    assert kinds(found.effects) == ["PostMessage", "AddTags", "NotifyAgents"]
    assert AddTags("reply", ("of-a-cut-mail", "maybe-several-issues")) in found.effects
    assert given(found, "split") == ("suggest only", "reply-several")


def test_a_silenced_reply_is_cut_all_the_same() -> None:
    found = replied(ruled(split=SPLIT_REPLY), *THREE, mail__no_answer="a list")

    assert len(opened(found)) == 2
    assert found.effects[-1] == StaySilent("silence", "a list")


def test_a_part_of_a_reply_takes_no_place_where_the_old_ticket_has_just_taken_one() -> None:
    rules = ruled(split=SPLIT_REPLY, priority=FIRE + FIRE_IN_REPLY, quota=quota(URGENT, capped(3)))
    facts = of_reply("Fire!", "Another fire.")
    keys = quota_keys_of_mail(rules, dict(seen(facts).values))

    found = decide(rules, seen(facts, dict(usage_facts([Usage(key, 0) for key in keys]))))

    places = [one for one in found.effects if isinstance(one, TakeQuota | MissQuota)]
    assert places == [TakeQuota(*PLACE), MissQuota(*PLACE, 1)]


# --- which quotas are looked up


def test_a_quota_that_only_a_part_matches_is_looked_up() -> None:
    rules = ruled(split=SPLIT, quota=quota('when.text.mentions = "fire"', 'unless.text.mentions = "invoice"'))
    key = QuotaKey(*PLACE)

    found = {texts: quota_keys_of_mail(rules, dict(seen(items(*texts)).values)) for texts in (THREE, THREE[1:])}

    assert found == {THREE: (key,), THREE[1:]: ()}


def test_a_quota_that_only_what_stays_of_a_reply_matches_is_looked_up_and_counted() -> None:
    words = ('when.text.mentions = "fire"', 'unless.text.mentions = "invoice"')
    rules = ruled(split=SPLIT_REPLY, priority=FIRE_IN_REPLY, quota=quota(*words))
    facts = of_reply("It goes on.", "The invoice is wrong.", list__shared_text="A fire!")
    facts["text"] = "A fire!\n\nIt goes on.\nThe invoice is wrong."

    keys = quota_keys_of_mail(rules, dict(seen(facts).values))
    found = decide(rules, seen(facts, dict(usage_facts([Usage(key, 0) for key in keys]))))

    assert keys == (QuotaKey(*PLACE),)
    assert TakeQuota(*PLACE) in found.effects


def test_without_rules_of_split_the_parts_lock_nothing() -> None:
    rules = ruled(quota=quota('when.text.mentions = "fire"', 'unless.text.mentions = "invoice"'))

    assert quota_keys_of_mail(rules, dict(seen(items(*THREE)).values)) == ()


def test_a_quota_of_several_parts_is_looked_up_once() -> None:
    rules = ruled(quota=quota() + quota('when.text.mentions = "invoice"', name="other"))
    facts = dict(seen(items(*THREE)).values)

    found = quota_keys_of_parts(rules, facts, parts_of(facts))

    assert [key.quota for key in found] == ["q", "other"]


# --- by hand


def test_parts_of_a_cut_by_hand_are_decided_as_new_tickets_whatever_ticket_the_mail_was_on() -> None:
    rules = ruled(priority=FIRE, quota=quota(URGENT))
    keys = quota_keys_of_mail(rules, dict(seen(items(*THREE)).values))

    found = by_hand(rules, *THREE, **dict(usage_facts([Usage(key, 0) for key in keys])))

    ticket = OpenTicket(BY_HAND, "support", "question", 3)
    taken, told = TakeQuota(*PLACE), NotifyAgents("notify-new", ())
    assert found.effects == (
        CutMail(BY_HAND, replace(ticket, priority=1), (taken,)),
        replace(ticket, priority=1, part=1),
        taken,
        told,
        replace(ticket, part=2),
        told,
        replace(ticket, part=3),
        told,
        Acknowledge("acknowledge"),
    )
    assert given(found, "split") == ("one ticket per item", BY_HAND)


def test_parts_keep_the_numbers_that_they_have_in_the_mail() -> None:
    parts = (Part(3, "Fire.", ()), Part(1, "Invoice.", ("a.log",)))

    found = decide_parts(ruled(priority=FIRE), seen(), parts)

    assert [(one.part, one.priority) for one in opened(found)] == [(3, 1), (1, 3)]


def test_a_cut_by_hand_gives_tickets_with_the_defaults_where_the_rules_fail() -> None:
    found = by_hand(misshapen(ruled(priority=FIRE), "fire"), *THREE)

    assert [(one.priority, one.tags, one.part) for one in opened(found)] == [
        (3, ("rules-failed",), number) for number in (1, 2, 3)
    ]
    assert found.trace[0].error
    assert found.effects[-1] == StaySilent("rules-failed", "the guards could not be asked")


LAWYERS = """
[[rule]]
id = "lawyers"
when.text.mentions = "invoice"
route = {{ {} }}
"""


@pytest.mark.parametrize(
    ("rules", "facts", "answer"),
    [
        ({}, {"mail.no_answer": "a list"}, StaySilent("silence", "a list")),
        ({}, {"sender.has_agents_address": True}, StaySilent("silent-agent", SILENCES[1][1])),
        ({}, {"mail.answerable": False}, StaySilent("silent-folder", SILENCES[2][1])),
        ({"guards": GUARD}, {"answers.recent": 10}, StaySilent("enough", "ten answers")),
        ({"guards": GUARD}, {"answers.recent": 9}, Acknowledge("acknowledge")),
        ({"routing": LAWYERS.format('hold = true, because = "careful"')}, {}, StaySilent("lawyers", "held: careful")),
        ({"routing": LAWYERS.format('refuse = "instead"')}, {}, Acknowledge("acknowledge")),
    ],
)
def test_the_author_of_a_mail_that_is_cut_by_hand_is_answered_by_the_rules_for_acknowledgements(
    rules: dict[str, str], facts: dict[str, Fact], answer: Effect
) -> None:
    found = by_hand(ruled(**rules), *THREE, **facts)

    assert found.effects[-1] == answer


def test_without_parts_it_is_only_said_whether_the_author_may_be_answered() -> None:
    rules = ruled(guards=GUARD)

    said = [decide_parts(rules, seen({"answers.recent": count}), ()).effects[1:] for count in (9, 10)]

    assert said == [(Acknowledge("acknowledge"),), (StaySilent("enough", "ten answers"),)]
