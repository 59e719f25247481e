"""Why a mail is decided as it is, without a database: from the mail and what is given besides."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from mailgateway.app.rules.given import Given, read_with
from mailgateway.app.snapshot import Snapshot
from mailgateway.diagnostics import did_you_mean
from mailgateway.model.decision import Fact
from mailgateway.rules.decide import decide
from mailgateway.rules.examples import GIVEN_ONLY
from mailgateway.rules.explained import Explained
from mailgateway.rules.program import PROGRAM_RULES
from mailgateway.rules.reading import known_names
from mailgateway.rules.terms import FactType, Term
from mailgateway.rules.values import Rule, RuleSet
from mailgateway.rules.vocabulary import VOCABULARY

_LISTS = frozenset({"mail.to", "mail.defects", "mail.suspicious", "attachments.names", "ticket.tags"})
"""Facts that are several texts: they are given with commas between."""
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


def explain(name: str, raw: bytes, given: Given, rules: RuleSet, snapshot: Snapshot | None = None) -> Explained:
    """Return the decision on a mail with everything that led to it. Never raises for any bytes.

    Args:
        name: What the mail is called.
        raw: The mail, as it came.
        given: As for `facts_of`.
        rules: The rules that decide.
        snapshot: As for `facts_of`.
    """
    read = read_with(raw, given, rules, snapshot)
    return Explained(name, read.facts, decide(rules, read.facts), rules, read.message.body.text)


def rule_named(rule_id: str, rules: RuleSet) -> Rule[object]:
    """Return a rule of the files or of the program by its id.

    Raises:
        ValueError: There is none; with the likeliest one.
    """
    rule = rules.rule(rule_id) or PROGRAM_RULES.get(rule_id)
    if rule is None:
        known = [one.id for of_kind in rules.rules.values() for one in of_kind]
        hint = _hint(rule_id, (*known, *PROGRAM_RULES), "one with off = true is not there either")
        raise ValueError(f'there is no rule "{rule_id}"; {hint}')
    return rule


def _hint(word: str, known: Iterable[str], otherwise: str) -> str:
    likely = did_you_mean(word, known)
    return f'did you mean "{likely}"?' if likely else otherwise


def given_facts(written: Iterable[str], rules: RuleSet) -> tuple[tuple[str, Fact], ...]:
    """Return facts that were given as `NAME=VALUE`.

    Args:
        written: As they were written: numbers, `true` or `false`, times with their offset, lists with commas.
        rules: The rules whose site's words some facts may only have.

    Raises:
        ValueError: One of them has no known name, or no value of its type; with the likeliest.
    """
    return tuple(_given_fact(one, rules) for one in written)


def _given_fact(written: str, rules: RuleSet) -> tuple[str, Fact]:
    name, equals, text = (part.strip() for part in written.partition("="))
    if not equals:
        raise ValueError(f'"{written}": write NAME=VALUE, such as customer.plan=basic')
    term = VOCABULARY.get(name)
    if term is None and name not in GIVEN_ONLY:
        known = (*(term.name for term in VOCABULARY.terms), *GIVEN_ONLY)
        raise ValueError(f'there is no fact "{name}"; {_hint(name, known, "mailgateway rules fields lists them")}')
    if term is not None:
        _check_name(text, term, rules)
    return name, _value(name, text, term.type if term else GIVEN_ONLY[name])


def _check_name(text: str, term: Term, rules: RuleSet) -> None:
    known = known_names(term, rules.site)
    if known is not None and text not in known:
        there_are = f"there are: {', '.join(known)}" if known else f"site.toml names no {term.site}"
        raise ValueError(f'{term.name} cannot be "{text}"; {_hint(text, known, there_are)}')


def _value(name: str, text: str, kind: FactType) -> Fact:
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    read, words = _READ.get(kind, (str, "text"))
    try:
        return read(text)
    except (ValueError, KeyError):
        raise ValueError(f'{name} is {words}, and "{text}" is none') from None


def _time(text: str) -> Fact:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its offset is another one on each machine")
    return at.isoformat()


_READ: Mapping[FactType, tuple[Callable[[str], Fact], str]] = {
    FactType.NUMBER: (int, "a number"),
    FactType.YES_NO: (_YES_NO.__getitem__, "true or false"),
    FactType.TIME: (_time, "a time with its offset, such as 2026-11-07T03:00:00+03:00"),
}
