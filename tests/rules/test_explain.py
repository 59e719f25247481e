"""A decision in words: every rule tried with its evidence, who decided, and why one rule did not match."""

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.rules.explain import explain
from mailgateway.model.decision import Fact, Facts, Tried
from mailgateway.rules.decide import decide
from mailgateway.rules.explain import condition_line, explanation, values, why_not
from mailgateway.rules.explained import Explained, decision_line, head
from mailgateway.rules.program import PROGRAM_RULES
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.values import Rule, RuleSet
from tests.rules.rulesets import ON_A_TICKET, ruled, seen

ROUTING = """
[[rule]]
id = "invoices"
when.text.mentions = "invoice"
route.queue = "billing"
stop = true
[[rule]]
id = "known"
when.customer.known = true
unless.mail.mailbox = "sales@*"
route.queue = "support"
route.kind = "incident"
[[rule]]
id = "outages"
when.text.mentions = "production is down"
route.kind = "question"
[[rule]]
id = "later"
from = 2027-01-01
route.kind = "upgrade"
"""
PRIORITY = """
[[rule]]
id = "outage"
when.text.mentions = "production is down"
when.customer.plan = ["basic", "enterprise"]
priority.raise_to = 1
[[rule]]
id = "reminder"
on = "reply"
when.text.mentions = "production is down"
priority.raise_to = 2
"""
RULES = ruled(routing=ROUTING, priority=PRIORITY, guards="")


def explained(changes: dict[str, Fact] | None = None, rules: RuleSet = RULES) -> Explained:
    facts = seen(changes)
    return Explained("m1.eml", facts, decide(rules, facts), rules)


def stage(made: Explained, name: str) -> list[str]:
    """Return the lines of one stage."""
    text = next(part for part in explanation(made).split("\n\n") if part.startswith(f"{name}: "))
    return text.splitlines()


def rule(rule_id: str, rules: RuleSet = RULES) -> Rule[object]:
    found = rules.rule(rule_id) or PROGRAM_RULES[rule_id]
    assert found is not None
    return found


def line(word: str, clause: str, words: str, evidence: str) -> str:
    return f"          {word:<3} {clause:<6} {words:<68} {evidence}"


# --- the head --------------------------------------------------------------------------------------------------------


def test_the_head_says_the_mail_the_rules_and_who_gave_each_answer() -> None:
    mail, rules, decision = head(explained())

    assert mail == "mail       m1.eml   from carla@customer.example   subject 'Volume is gone'"
    assert rules.removeprefix("rules      ").split("   ") == [
        *(f"revision {RULES.revision}", "arrived 2026-03-04T12:00:00+00:00"),
        *("customer customer", "customer plan professional"),
    ]
    assert decision.split(" · ") == [
        *("decision   new ticket (by new-ticket)", "queue support (by known)", "kind incident (by known)"),
        *("priority 3 (by (default))", "acknowledged"),
    ]


def test_the_decision_says_what_is_not_answered_and_why() -> None:
    ignored = explained({"mail.kind": "auto_reply", "mail.is_answer": True, "mail.kind_reason": "Auto-Submitted"})
    silent = explained({"mail.answerable": False})
    reply = explained({**ON_A_TICKET, "ticket.status": "waiting"}, default_rules())

    assert decision_line(ignored.decision, ignored.facts) == (
        "ignored: a machine's answer: auto_reply, Auto-Submitted (by machine-ignored)"
    )
    assert decision_line(silent.decision, silent.facts).endswith(
        "no answer: mail of this folder or age is not answered, or nobody is there to answer (by silent-folder)"
    )
    assert decision_line(reply.decision, reply.facts) == (
        "put on SUP-1042-QX (by reply) · then reopen (by reopen) · priority 3 (by (default))"
    )


# --- the stages ------------------------------------------------------------------------------------------------------


def test_a_stage_shows_what_matched_in_full_and_of_the_rest_the_first_condition_that_failed() -> None:
    assert stage(explained(), "routing") == [
        "routing: 3 tried, 2 matched",
        "  MATCH known                        routing.toml:9",
        line("yes", "when", "customer.known is true", "true"),
        line("no", "unless", "mail.mailbox is like sales@*", "support@acme.example"),
        "  MATCH outages                      routing.toml:15",
        line("yes", "when", "text mentions production is down", '"Volume is gone ¶ [Production is down] since noon."'),
        "  also matched, not used: outages (kind)",
        "  not: invoices (text mentions invoice: no such words)",
        "  not tried: later (it counts from 2027-01-01)",
    ]


def test_a_stage_without_a_match_says_none() -> None:
    assert stage(explained(), "priority") == [
        "priority: 1 tried, 0 matched",
        "  (none)",
        "  not: outage (customer.plan is one of basic, enterprise: professional)",
    ]


def test_rules_behind_one_that_stops_are_named_with_it() -> None:
    assert stage(explained({"text": "My invoice"}), "routing")[3:] == [
        "  not tried: known (invoices stops first), outages (invoices stops first), later (it counts from 2027-01-01)"
    ]


def test_the_programs_rules_are_shown_with_their_conditions() -> None:
    lines = stage(explained({"mail.answerable": False}), "program")

    assert lines[:4] == [
        "program: 14 tried, 2 matched",
        "  MATCH new-ticket                   (the program)",
        "  MATCH silent-folder                (the program)",
        line("yes", "when", "mail.answerable is false", "false"),
    ]
    assert "silence (unless mail.no_answer is empty: (empty))" in " ".join(lines).replace("       ", " ")


def test_long_lines_are_wrapped_between_words() -> None:
    lines = stage(explained(), "program")

    assert max(map(len, lines)) <= 118
    assert all(each.startswith("       ") for each in lines[3:])


def test_each_word_says_whether_the_condition_keeps_the_rule_from_matching() -> None:
    lines = {
        (clause, held): condition_line(Tried(clause, "w", held, "e")).split()[0]
        for clause in ("when", "unless")
        for held in (True, False, None)
    }

    assert lines == {
        ("when", True): "yes",
        ("when", False): "NO",
        ("when", None): "NO",
        ("unless", True): "YES",
        ("unless", False): "no",
        ("unless", None): "no",
    }


def test_a_rule_that_went_wrong_says_what() -> None:
    made = explained({"arrived": "no time"}, ruled(routing='[[rule]]\nid = "r"\nroute.kind = "upgrade"', guards=""))
    step = made.decision.trace[0]._replace(error="TypeError: 3", matched=False)
    broken = Explained("x", made.facts, type(made.decision)((), (step,), "r"), made.rules)

    assert explanation(broken).endswith("  (none)\n  not: bounce (went wrong: TypeError: 3)")


def test_a_stored_decision_is_explained_without_its_rules() -> None:
    made = explained()
    steps = tuple(step._replace(tried=()) for step in made.decision.trace)
    stored = Explained("mail 12", made.facts, type(made.decision)((), steps, "gone", made.decision.answers), None)

    assert stage(stored, "routing") == [
        "routing: 3 tried, 2 matched",
        "  MATCH known",
        "  MATCH outages",
        "  also matched, not used: outages (kind)",
        "  not: invoices (no such words)",
    ]
    assert values(stored)["file"] == "mail 12"


# --- one rule --------------------------------------------------------------------------------------------------------


def test_why_not_shows_every_condition_of_a_rule_and_the_one_that_failed() -> None:
    made = explained()

    assert why_not(rule("outage"), made).splitlines()[3:] == [
        "",
        "  -     outage                       priority.toml:4",
        line("yes", "when", "text mentions production is down", '"Volume is gone ¶ [Production is down] since noon."'),
        line("NO", "when", "customer.plan is one of basic, enterprise", "professional"),
        "  outage did not match: customer.plan is one of basic, enterprise: professional",
    ]


def test_why_not_says_that_what_is_unknown_never_holds() -> None:
    lines = why_not(rule("outage"), explained({"customer.plan": None})).splitlines()

    assert lines[-3:] == [
        line("NO", "when", "customer.plan is one of basic, enterprise", "(unknown)"),
        "  outage did not match: customer.plan is one of basic, enterprise: (unknown)",
        "  what is (unknown) never holds; give what the mail cannot show: --given NAME=VALUE",
    ]


def test_why_not_of_a_rule_that_matched_says_so_and_what_it_decided() -> None:
    made = explained()

    assert why_not(rule("known"), made).splitlines()[-1] == "  known matched; it decided queue, kind"
    assert why_not(rule("outages"), made).splitlines()[-1] == "  outages matched; an earlier rule decided kind"
    assert why_not(rule("new-ticket"), made).splitlines()[-1] == "  new-ticket matched"


def test_why_not_of_a_rule_that_was_never_tried_says_why_and_what_its_conditions_find() -> None:
    stopped = explained({"text": "My invoice: production is down"})

    assert why_not(rule("outages"), stopped).splitlines()[-2:] == [
        line("yes", "when", "text mentions production is down", '"My invoice: [production is down]"'),
        "  outages was not tried: invoices stops first",
    ]


def test_each_reason_for_which_a_rule_is_not_tried_has_its_words() -> None:
    new, reply = explained(), explained({**ON_A_TICKET})
    machine = explained({"mail.kind": "auto_reply", "mail.is_answer": True})
    said = [
        why_not(rule(name), made).partition(" not tried: ")[2].splitlines()[0]
        for name, made in (
            ("later", new),
            ("reminder", new),
            ("outage", reply),
            ("known", reply),
            ("known", machine),
            ("notify-bounce", new),
        )
    ]

    assert said == [
        "it counts from 2027-01-01",
        "it looks at replies",
        "it looks at mails that open a ticket",
        "routing is not asked about a reply here",
        "routing is not asked about such a mail here",
        "the mail goes another way",
    ]


# --- for programs ----------------------------------------------------------------------------------------------------


def test_values_are_file_decision_trace_and_split() -> None:
    made = values(explained())

    assert list(made) == ["file", "decision", "trace", "split"]
    trace = made["trace"]
    assert isinstance(trace, list)
    assert [step for step in trace if step["kind"] == "routing"][:2] == [
        {
            "rule": "invoices",
            "kind": "routing",
            "file": "routing.toml",
            "line": 4,
            "matched": False,
            "part": 0,
            "error": "",
            "conditions": [
                {"clause": "when", "text": "text mentions invoice", "holds": False, "evidence": "no such words"}
            ],
        },
        {
            "rule": "known",
            "kind": "routing",
            "file": "routing.toml",
            "line": 9,
            "matched": True,
            "part": 0,
            "error": "",
            "conditions": [
                {"clause": "when", "text": "customer.known is true", "holds": True, "evidence": "true"},
                {
                    "clause": "unless",
                    "text": "mail.mailbox is like sales@*",
                    "holds": False,
                    "evidence": "support@acme.example",
                },
            ],
        },
    ]


def test_values_of_one_rule_are_its_conditions_and_why() -> None:
    made = values(explained(), rule("later"))

    trace = made["trace"]
    assert isinstance(trace, list)
    assert [step["rule"] for step in trace] == ["later"]
    assert made["why"] == "later was not tried: it counts from 2027-01-01"


# --- whatever comes --------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.sampled_from([(), (("ticket.status", "closed"),), (("customer.plan", "basic"),)]))
def test_any_bytes_are_explained_and_the_same_mail_is_decided_the_same(
    raw: bytes, known: tuple[tuple[str, object], ...]
) -> None:
    made = explain("x", raw, known, RULES)

    assert explain("x", raw, known, RULES) == made
    assert explanation(made).startswith("mail       x")
    assert all(why_not(one, made) for one in (rule("known"), rule("later"), rule("outage"), rule("reply")))


@given(
    st.dictionaries(st.sampled_from(["text", "subject", "arrived", "mail.kind", "ticket.found"]), st.text(max_size=9))
)
def test_any_facts_are_explained(changes: dict[str, str]) -> None:
    facts = Facts(tuple({**dict(seen().values), **changes}.items()))

    assert explanation(Explained("x", facts, decide(RULES, facts), RULES))
