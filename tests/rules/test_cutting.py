"""How a mail that was cut, or was not, is explained: its items, why, what became of each part, and as JSON values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.rules.explain import explain
from mailgateway.model.decision import Decision, Fact
from mailgateway.model.effects import JoinParts, PostMessage
from mailgateway.rules.cutting import cut_values, reason
from mailgateway.rules.decide import decide
from mailgateway.rules.explain import explanation, values, why_not
from mailgateway.rules.explained import Explained, decision_line, head
from mailgateway.rules.values import Rule, RuleSet
from tests.rules.rulesets import ON_A_TICKET, ruled, seen

CUT = """
[[rule]]
id = "steps"
when.list.left_alone = "steps"
split = "never"
[[rule]]
id = "announced"
why = "The customer says so."
when.list.lead_in.mentions = "issues"
split = "one ticket per item"
[[rule]]
id = "any"
when.list.items = { at_least = 2 }
split = "suggest only"
[[rule]]
id = "more"
on = "reply"
when.list.lead_in.mentions = "issues"
split = "one ticket per item"
"""
ROUTING = """
[[rule]]
id = "money"
when.text.mentions = "invoice"
route.queue = "billing"
"""
PRIORITY = """
[[rule]]
id = "outage"
when.text.mentions = "outage"
priority.raise_to = 1
"""
RULES = ruled(split=CUT, routing=ROUTING, priority=PRIORITY, guards="", lifecycle="")
LIST: dict[str, Fact] = {
    "text": "Two things\n\nTwo issues:\n1. The invoice is wrong.\n2. An outage in a.log.",
    "subject": "Two things",
    "attachments.names": ("a.log", "b.txt"),
    "list.kind": "numbered",
    "list.items": 2,
    "list.lead_in": "Two issues:",
    "list.item_titles": ("The invoice is wrong.", "An outage in a.log."),
    "list.item_texts": ("The invoice is wrong.", "An outage in a.log."),
    "list.item_files": ("", "a.log"),
    "list.item_spans": ("12-36", "37-59"),
    "list.item_features": ("4 words, problem, overlap 0", "4 words, plain, overlap 0"),
    "list.shared_text": "Two issues:",
}
NEW = "new ticket (by new-ticket)"
ITEMS = (
    'items      2 numbered, behind "Two issues:"',
    f"  1        12-36      {'4 words, problem, overlap 0':<44} The invoice is wrong.   files b.txt",
    f"  2        37-59      {'4 words, plain, overlap 0':<44} An outage in a.log.   files a.log, b.txt",
    "  all      Two issues:",
)


def explained(changes: dict[str, Fact] | None = None, rules: RuleSet = RULES, text: str | None = None) -> Explained:
    facts = seen({**LIST, **(changes or {})})
    return Explained("m1.eml", facts, decide(rules, facts), rules, text)


def split_of(made: Explained) -> dict[str, object]:
    return cut_values(made.facts, made.decision, made.rules, made.text)


def rule(name: str) -> Rule[object]:
    found = RULES.rule(name)
    assert found is not None
    return found


def part(title: str, start: int, end: int, *files: str) -> dict[str, object]:
    return {"title": title, "text": title, "attachments": files, "start": start, "end": end}


# --- text ------------------------------------------------------------------------------------------------------------


def test_a_cut_mail_shows_its_items_why_it_was_cut_what_it_would_be_and_each_part_with_its_own_answers() -> None:
    assert head(explained())[2:] == (
        "decision   cut into 2 (by announced) · acknowledged",
        *ITEMS,
        "split      cut into 2 by announced: The customer says so.",
        "uncut      queue billing · kind question · priority 1",
        f"part 1     {NEW} · queue billing (by money) · kind question (by (default)) · priority 3 (by (default))",
        f"part 2     {NEW} · queue support (by (default)) · kind question (by (default)) · priority 1 (by outage)",
    )


def test_an_attachment_without_a_name_is_called_so() -> None:
    found = head(explained({"attachments.names": ("a.log", "")}))

    assert found[4] == f"{ITEMS[1].removesuffix('b.txt')}unnamed"


def test_a_mail_that_stays_whole_shows_what_was_found_and_why_it_was_not_cut() -> None:
    made = head(explained({"list.left_alone": "steps"}))

    assert made[2].startswith(
        f"decision   {NEW} · queue billing (by money) · kind question (by (default)) · split never"
    )
    assert made[3:] == (*ITEMS, "split      left whole by steps (probably one matter: steps)")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"list.lead_in": ""}, "suggested by any"),
        ({"list.left_alone": "parts", "list.lead_in": ""}, "suggested by any (probably one matter: parts)"),
        (
            {"list.items": 13},
            "only suggested, since 13 items are more than 12; to be cut by announced: The customer says so.",
        ),
        ({"list.items": 1, "list.lead_in": ""}, "no rule of split matches"),
        (
            {"list.item_texts": None, "list.item_files": None},
            "not cut, since no two items are known, although asked by announced: The customer says so.",
        ),
        (dict.fromkeys(LIST, None) | {"text": "x"}, "no items are found in it"),
        ({"mail.kind": "auto_reply", "mail.is_answer": True}, "split is not asked about such a mail"),
    ],
)
def test_every_reason_for_which_a_mail_is_not_cut_has_its_words(changes: dict[str, Fact], words: str) -> None:
    made = explained(changes)

    assert reason(made.facts, made.decision, made.rules) == words


def test_a_mail_without_items_of_which_split_was_never_asked_says_nothing_of_it() -> None:
    made = explained(dict.fromkeys(LIST, None), ruled(guards=""))

    assert len(head(made)) == 3


def test_of_a_cut_reply_the_first_part_is_put_on_its_ticket_and_the_others_are_new() -> None:
    made = head(explained({**ON_A_TICKET}))

    assert made[2] == "decision   cut into 2 (by more) · acknowledged"
    assert made[7] == "split      cut into 2 by more"
    assert made[8].startswith("part 1     put on SUP-1042-QX (by reply)")
    assert made[9].startswith("part 2     new ticket (by more) · queue support")


def test_what_was_tried_is_told_for_the_mail_and_then_part_by_part() -> None:
    titles = [part.splitlines()[0] for part in explanation(explained()).split("\n\n")[1:]]

    assert [title.partition(":")[0] for title in titles] == [
        *("program", "routing", "split"),
        *("part 1, routing", "part 1, priority", "part 2, routing", "part 2, priority"),
    ]


def test_why_not_says_for_each_part_whether_a_rule_matched() -> None:
    lines = why_not(rule("outage"), explained()).splitlines()

    assert [line for line in lines if line.startswith("  part")] == ["  part 1:", "  part 2:"]
    assert lines[-2:] == [
        "  outage, part 1: did not match: text mentions outage: no such words",
        "  outage, part 2: matched; it decided priority",
    ]


def test_a_rule_that_a_cut_mail_never_asked_is_tried_on_the_whole_of_it() -> None:
    lines = why_not(rule("more"), explained()).splitlines()

    assert lines[-1] == "  more was not tried: it looks at replies"
    assert "yes when   list.lead_in mentions issues" in lines[-2]


def test_tickets_that_are_one_again_are_told() -> None:
    facts = seen({**ON_A_TICKET})
    decision = Decision((JoinParts("one-ticket"), PostMessage("one-ticket")), (), "r")

    assert decision_line(decision, facts) == (
        "the tickets of its parts are one again (by one-ticket) · put on SUP-1042-QX (by one-ticket)"
    )


def test_the_score_is_shown_with_what_counted_most() -> None:
    made = explained({"list.score": -3, "list.score_reasons": ("+9 announced: 1", "-4 areas in the subject: 1")})

    assert head(made)[4:7] == ("score      -3", "  +9       announced: 1", "  -4       areas in the subject: 1")
    assert split_of(made)["score"] == -3
    assert split_of(made)["score_reasons"] == ("+9 announced: 1", "-4 areas in the subject: 1")


def test_a_stored_cut_is_explained_without_its_rules() -> None:
    made = explained()
    stored = Explained("mail 7", made.facts, made.decision, None)

    assert head(stored)[7] == "split      cut into 2 by announced"


# --- for programs ----------------------------------------------------------------------------------------------------


def test_parts_have_title_text_attachments_and_their_place() -> None:
    assert split_of(explained()) == {
        "parts": [
            part("The invoice is wrong.", 12, 36, "b.txt"),
            part("An outage in a.log.", 37, 59, "a.log", "b.txt"),
        ],
        "suggested": False,
        "reason": "cut into 2 by announced: The customer says so.",
        "score": None,
        "score_reasons": (),
    }


def test_a_mail_that_stays_whole_is_its_one_part() -> None:
    whole = {"title": "Two things", "text": "All of it", "attachments": ("a.log", "b.txt"), "start": 0, "end": 9}

    assert split_of(explained({"list.lead_in": ""}, text="All of it")) == {
        "parts": [whole],
        "suggested": True,
        "reason": "suggested by any",
        "score": None,
        "score_reasons": (),
    }


def test_where_only_facts_are_known_the_whole_is_their_text_without_the_subject() -> None:
    made = explained({"list.lead_in": "", "text": "Two things\n\nWords", "attachments.names": None})

    whole = {"title": "Two things", "text": "Words", "attachments": (), "start": 0, "end": 5}
    assert split_of(made)["parts"] == [whole]


def test_an_ignored_mail_has_no_part_and_a_reply_that_is_not_cut_has_one() -> None:
    ignored = explained({"mail.kind": "auto_reply", "mail.is_answer": True})
    reply = explained({**ON_A_TICKET, "list.lead_in": ""})

    assert split_of(ignored)["parts"] == []
    assert len(list_of(reply)) == 1


def test_answers_and_steps_say_which_part_they_are_about() -> None:
    made = values(explained())

    decision, trace = made["decision"], made["trace"]
    assert isinstance(decision, dict)
    assert isinstance(trace, list)
    assert [(one["part"], one["value"]) for one in decision["answers"] if one["answer"] == "priority"][-2:] == [
        (1, 3),
        (2, 1),
    ]
    assert [(step["part"], step["matched"]) for step in trace if step["rule"] == "outage"] == [(1, False), (2, True)]


WORDS = st.lists(
    st.sampled_from(["1. One thing fails", "2. Is it so?", "Two issues:", "", "- more", "x\x00"]), max_size=9
)


@given(WORDS)
def test_parts_are_as_many_as_tickets_and_their_places_are_in_the_mail(lines: list[str]) -> None:
    text = "\n".join(lines)

    made = explain("x", b"Subject: s\n\n" + text.encode(), (), RULES)

    parts = list_of(made)
    assert len(parts) == opened(made.decision)
    assert made.text is not None
    assert all(one["text"] in made.text[one["start"] : one["end"]] for one in parts)


def list_of(made: Explained) -> list[dict[str, Any]]:
    parts = split_of(made)["parts"]
    assert isinstance(parts, list)
    return parts


def opened(decision: Decision) -> int:
    """Return how many tickets a new mail becomes."""
    return sum(type(effect).__name__ == "OpenTicket" for effect in decision.effects)
