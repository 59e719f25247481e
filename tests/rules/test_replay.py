"""What changes between two rule sets, why, and how it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from mailgateway.model.calendar import Zone
from mailgateway.model.decision import Answer, Decision, Facts, Step
from mailgateway.rules.decide import decide
from mailgateway.rules.replay import (
    EXAMPLES,
    MOST_GROUPS,
    OTHER,
    THE_ORDER,
    THE_SITE,
    Change,
    Group,
    IgnoredMail,
    ReplayedMail,
    Tallied,
    Tally,
    causes,
    changes,
    replayed_mail,
    sides,
)
from mailgateway.rules.replayed import Shown, ignored_item, ignored_line, ignored_values, markdown, text, values
from mailgateway.rules.values import RuleSet
from tests.replays import AT, QUOTA, SITE, facts, rule_set

RAISE = """
[[rule]]
id = "production-down"
when.text.mentions = {words}
priority.raise_to = {priority}
"""
CAP = """
[[rule]]
id = "not-production"
when.text.mentions = "lab"
priority.cap_at = 3
"""
ROUTE = """
[[rule]]
id = "{id}"
when.text.mentions = "outage"
route.queue = "{queue}"
"""
MAIL = ReplayedMail(1158, AT, "acme", "outage in the lab")


def raised(words: str = '["outage"]', priority: int = 1) -> str:
    return RAISE.format(words=words, priority=priority)


def decided(*answers: Answer, matched: tuple[str, ...] = ()) -> Decision:
    return Decision((), tuple(Step(rule, matched=True, evidence="") for rule in matched), "a test", answers)


def why(before: RuleSet, after: RuleSet, seen: Facts | None = None) -> tuple[str, ...]:
    seen = seen or facts()
    return causes(sides(before, after), decide(before, seen), decide(after, seen))


# --- what was edited


@pytest.mark.parametrize(
    "after",
    [
        {"priority": raised('["outage", "down"]')},
        {"priority": raised(priority=2)},
        {"priority": raised() + 'why = "because"\n'},
        {"priority": raised() + "from = 2026-01-01\n"},
        {"priority": raised() + 'unless.customer.plan = "basic"\n'},
    ],
    ids=["words", "outcome", "why", "dates", "condition"],
)
def test_a_rule_that_says_something_else_is_edited(after: dict[str, str]) -> None:
    assert sides(rule_set(priority=raised()), rule_set(**after)).edited == {"production-down"}


def test_a_rule_that_only_moved_is_not_edited() -> None:
    before = rule_set(priority=raised() + CAP)
    after = rule_set(priority="# a remark\n" + CAP + raised())

    assert sides(before, after).edited == frozenset()


def test_a_rule_is_edited_with_the_list_or_the_calendar_it_names() -> None:
    def named(words: str, hours: str) -> RuleSet:
        calendar = f'[[calendar]]\nid = "office"\nopen.mon-fri = "{hours}"\n'
        other = 'id = "at-night"\nunless.arrived.in_hours = "office"\npriority.cap_at = 4\n'
        return rule_set(
            priority=raised('"@outage"') + "[[rule]]\n" + other,
            lists=f'[phrases]\noutage = ["{words}"]\n',
            calendars=calendar,
        )

    assert sides(named("outage", "09:00-17:00"), named("down", "09:00-17:00")).edited == {"production-down"}
    assert sides(named("outage", "09:00-17:00"), named("outage", "09:00-18:00")).edited == {"at-night"}


# --- what changes


def test_every_answer_that_is_another_one_is_a_change() -> None:
    before = decided(Answer("queue", "support", ""), Answer("hold", "odd", "r"), Answer("priority", 3, ""))
    after = decided(Answer("queue", "billing", "x"), Answer("told", ("a",), ""), Answer("priority", 3, "y"))

    assert changes(before, after) == (
        Change("queue", "support", "billing"),
        Change("told", (), ("a",)),
        Change("hold", "odd", None),
    )


def test_the_order_of_several_values_is_no_change() -> None:
    before, after = decided(Answer("tags", ("a", "b"), "")), decided(Answer("tags", ("b", "a"), ""))

    assert changes(before, after) == ()


def test_no_answer_and_an_answer_of_nothing_are_the_same() -> None:
    assert changes(decided(), decided(Answer("tags", (), ""))) == ()


def test_an_answer_given_twice_is_compared_whole() -> None:
    one, two = Answer("counted", "a", "a"), Answer("counted", "b", "b")

    assert changes(decided(one), decided(one, two)) == (Change("counted", "a", ("a", "b")),)


def test_what_no_rule_file_may_expect_is_not_compared() -> None:
    assert changes(decided(), decided(Answer("uncapped", 1, "q"))) == ()


# --- why


def test_a_rule_that_matches_in_both_and_was_edited_is_a_cause() -> None:
    assert why(rule_set(priority=raised()), rule_set(priority=raised(priority=2))) == ("edited: production-down",)


def test_rules_that_match_only_on_one_side_are_causes() -> None:
    assert why(rule_set(priority=CAP), rule_set(priority=raised())) == (
        "production-down matches",
        "not-production no longer matches",
    )


def test_a_quota_without_a_free_place_is_a_cause() -> None:
    rules = rule_set(priority=raised(), quota=QUOTA)
    free = decide(rules, Facts((*facts().values, ("usage.enterprise-priority", 0))))
    full = decide(rules, Facts((*facts().values, ("usage.enterprise-priority", 1))))

    assert causes(sides(rules, rules), free, full) == ("enterprise-priority is used up",)
    assert causes(sides(rules, rules), full, free) == ("enterprise-priority has a free place",)


def test_where_no_rule_explains_it_the_defaults_or_the_order_do() -> None:
    plain = rule_set()
    billing, sales = ROUTE.format(id="a", queue="billing"), ROUTE.format(id="b", queue="support")

    assert why(plain, rule_set(site=SITE.replace("priority = 3", "priority = 4"))) == (THE_SITE,)
    assert why(rule_set(routing=billing + sales), rule_set(routing=sales + billing)) == (THE_ORDER,)


# --- all mails


def test_mails_that_change_alike_for_the_same_cause_are_one_group_with_its_first_mails() -> None:
    tally = Tally(sides(rule_set(priority=CAP), rule_set(priority=raised() + CAP.replace("lab", "laboratory"))))
    before, after = (decide(rules, facts()) for rules in (tally.both.before, tally.both.after))
    mails = [ReplayedMail(number, AT, "acme", "x") for number in range(1, 5)]

    for mail in mails:
        tally.note(mail, before, after)
    tally.note(MAIL, before, before)
    tally.note_not_comparable()

    assert tally.tallied() == Tallied(
        mails=5,
        changed=4,
        not_comparable=1,
        ignored=0,
        groups=(
            Group(
                (Change("priority", 3, 1),),
                ("production-down matches", "not-production no longer matches"),
                4,
                tuple(mails[:EXAMPLES]),
            ),
        ),
        unmatched=(),
    )


def test_the_largest_group_comes_first_and_rules_that_matched_nothing_are_named() -> None:
    tally = Tally(sides(rule_set(), rule_set(priority=raised() + CAP)))
    nothing = decided()

    tally.note(MAIL, nothing, decided(Answer("priority", 1, ""), matched=("production-down",)))
    tally.note(MAIL, nothing, decided(Answer("priority", 2, "")))
    tally.note(MAIL, nothing, decided(Answer("priority", 2, "")))

    found = tally.tallied()
    assert [group.count for group in found.groups] == [2, 1]
    assert found.unmatched == ("not-production",)


def test_an_ignored_mail_is_named_whether_or_not_that_is_new() -> None:
    tally = Tally(sides(rule_set(), rule_set()))
    ignored, plain = decided(Answer("ignore", "a newsletter", "news")), decided()

    assert tally.note(MAIL, plain, ignored) == IgnoredMail(MAIL, "news", "a newsletter", is_new=True)
    assert tally.note(MAIL, ignored, ignored) == IgnoredMail(MAIL, "news", "a newsletter", is_new=False)
    assert tally.note(MAIL, ignored, plain) is None
    assert tally.tallied().ignored == 2


def test_however_many_groups_there_were_they_stay_bounded() -> None:
    tally = Tally(sides(rule_set(), rule_set()))

    for number in range(MOST_GROUPS + 10):
        tally.note(MAIL, decided(), decided(Answer("priority", number, "")))

    found = tally.tallied()
    assert (len(found.groups), found.changed) == (MOST_GROUPS + 1, MOST_GROUPS + 10)
    assert found.groups[0] == Group((), (OTHER,), 10, (MAIL, MAIL))


def test_a_mail_is_named_by_its_customer_else_by_the_domain() -> None:
    assert replayed_mail(1158, AT, facts()) == MAIL
    assert replayed_mail(1, AT, facts(customer__id=None)).customer == "acme.example"
    assert replayed_mail(1, AT, Facts(())) == ReplayedMail(1, AT, "", "")


# --- how it is told

SHOWN = Shown(
    tallied=Tallied(
        mails=289,
        changed=29,
        not_comparable=3,
        ignored=1,
        groups=(
            Group(
                (Change("priority", 3, 1), Change("told", (), ("x",))),
                ("edited: upgrade", "production-down matches", "not-production no longer matches"),
                16,
                (MAIL, ReplayedMail(1169, AT + timedelta(days=1), "bigcorp", "x\ny" * 40)),
            ),
            Group((Change("hold", "odd", None),), ("edited: upgrade",), 1, (MAIL,)),
        ),
        unmatched=("billing-mailbox", "headings"),
    ),
    before="97793234 (live)",
    after="c623af37 (edited)",
    since=datetime(2026, 10, 16, tzinfo=UTC),
    until=datetime(2026, 11, 16, tzinfo=UTC),
    counted_from=datetime(2026, 10, 1, tzinfo=UTC),
    zone=Zone("+03:00"),
    took_s=0.51,
)
IGNORED = IgnoredMail(MAIL, "news", "a newsletter", is_new=True)
NOTHING = Shown(Tallied(0, 0, 0, 0, (), ("a",)), "a", "b", AT, AT + timedelta(hours=1), None, Zone("UTC"), 0.0)


def test_replay_as_text() -> None:
    lines = text(SHOWN, [ignored_line(IGNORED, SHOWN.zone)])

    assert "\n".join(lines) == (
        "replay of 289 mails, 16 Oct 2026 to 16 Nov 2026: rules 97793234 (live) -> c623af37 (edited)"
        "   [0.5 s, quotas recounted from 2026-10-01]\n"
        "29 decisions change (10.0 %), 260 stay the same\n"
        "3 mails more are not comparable: the facts were removed\n"
        "\n"
        '  16  priority 3 -> 1 · told [] -> ["x"]     because: edited: upgrade, production-down matches, '
        "not-production no longer matches\n"
        "        M-1158  2026-10-20T02:12  acme       outage in the lab\n"
        "        M-1169  2026-10-21T02:12  bigcorp    x yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx …\n"
        "        … 14 more\n"
        '   1  hold "odd" -> none     because: edited: upgrade\n'
        "        M-1158  2026-10-20T02:12  acme       outage in the lab\n"
        "\n"
        "the new rules ignore 1 mail:\n"
        "  new   M-1158  2026-10-20T02:12  acme       outage in the lab   (news: a newsletter)\n"
        "\n"
        "rules that matched nothing in this window: billing-mailbox, headings"
    )


def test_a_replay_of_nothing_says_so_and_blames_no_rule() -> None:
    assert list(text(NOTHING)) == [
        "replay of 0 mails, 19 Oct 2026 to 20 Oct 2026: rules a -> b   [0.0 s]",
        "0 decisions change (0.0 %), 0 stay the same",
    ]


def test_replay_as_a_comment_for_a_merge_request() -> None:
    assert markdown(SHOWN, [ignored_item(IGNORED, SHOWN.zone)]) == (
        "### Rules replay: 29 decisions change (10.0 %), 260 stay the same\n"
        "\n"
        "289 mails, 16 Oct 2026 to 16 Nov 2026: rules `97793234 (live)` → `c623af37 (edited)` "
        "(0.5 s, quotas recounted from 2026-10-01)\n"
        "\n"
        "3 mails more are not comparable: the facts were removed\n"
        "\n"
        "| mails | change | because | examples |\n"
        "|---:|---|---|---|\n"
        '| 16 | priority 3 -&#62; 1<br>told &#91;&#93; -&#62; &#91;"x"&#93; '
        "| edited&#58; upgrade<br>production-down matches<br>not-production no longer matches "
        "| M-1158  2026-10-20T02&#58;12  acme       outage in the lab"
        "<br>M-1169  2026-10-21T02&#58;12  bigcorp    x yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx yx …"
        "<br>… 14 more |\n"
        '| 1 | hold "odd" -&#62; none | edited&#58; upgrade | M-1158  2026-10-20T02&#58;12  acme       '
        "outage in the lab |\n"
        "\n"
        "**The new rules ignore 1 mail:**\n"
        "\n"
        "- **new** M-1158  2026-10-20T02&#58;12  acme       outage in the lab &#40;news&#58; a newsletter&#41;\n"
        "\n"
        "Rules that matched nothing in this window: billing-mailbox, headings"
    )


def test_a_comment_on_nothing_is_three_lines() -> None:
    assert markdown(NOTHING) == (
        "### Rules replay: 0 decisions change (0.0 %), 0 stay the same\n"
        "\n"
        "0 mails, 19 Oct 2026 to 20 Oct 2026: rules `a` → `b` (0.0 s)"
    )


def test_words_of_a_mail_are_no_markup_in_the_comment() -> None:
    hostile = IgnoredMail(ReplayedMail(1, AT, "", "@all | <b>[x](http://x) `y`"), "r", "b", is_new=False)

    line = ignored_item(hostile, Zone("UTC"))

    assert not set("<|`@[](") & set(line)


def test_a_comment_is_never_too_long_for_the_services() -> None:
    whole = markdown(SHOWN, ("x" * 100 for _ in range(10_000)))

    assert len(whole) < 61_000
    assert whole.endswith("… the rest is left out; `mailgateway rules replay` prints all of it")


def test_replay_as_values() -> None:
    example = {"mail": 1158, "arrived": "2026-10-19T23:12:00+00:00", "customer": "acme", "subject": "outage in the lab"}
    whole = values(SHOWN)

    assert {name: value for name, value in whole.items() if name != "groups"} == {
        "before": "97793234 (live)",
        "after": "c623af37 (edited)",
        "since": "2026-10-16T00:00:00+00:00",
        "until": "2026-11-16T00:00:00+00:00",
        "quotas_from": "2026-10-01T00:00:00+00:00",
        "took_s": 0.51,
        "mails": 289,
        "changed": 29,
        "not_comparable": 3,
        "unmatched": ("billing-mailbox", "headings"),
    }
    assert whole["groups"][1] == {  # type: ignore[index] # a list
        "count": 1,
        "changes": [{"answer": "hold", "before": "odd", "after": None}],
        "because": ("edited: upgrade",),
        "examples": [example],
    }
    assert ignored_values(IGNORED) == {**example, "rule": "news", "because": "a newsletter", "is_new": True}
