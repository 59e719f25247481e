"""The words of rule files for people: every fact, every kind and its keys, as Markdown and as values to look up."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pydantic.fields import FieldInfo

from mailgateway.diagnostics.faults import NAME_FORM
from mailgateway.diagnostics.fields import Section, is_list, section_of, tables, words_of
from mailgateway.diagnostics.reference import HEAD, Types, cells, in_order, keys_of, one_line, row
from mailgateway.diagnostics.suggest import did_you_mean
from mailgateway.rules.kinds.all import FILES, RULE_KINDS, AnyKind
from mailgateway.rules.names import Names
from mailgateway.rules.reading import OPERATORS
from mailgateway.rules.schema import OPERATOR_MEANINGS
from mailgateway.rules.tables import ExampleTable, RuleTable
from mailgateway.rules.terms import FactType, Stage, Term
from mailgateway.rules.vocabulary import VOCABULARY, Vocabulary

TYPE_MEANINGS: Mapping[FactType, str] = {
    FactType.TEXT: "text that is searched: say how",
    FactType.NAME: "a name, or a list of which any will do; case makes no difference",
    FactType.NUMBER: "a number `3`, a list `[1, 2]`, or bounds `{ at_least = 2, at_most = 12 }`",
    FactType.YES_NO: "`true` or `false`",
    FactType.PATTERN: "an address or file name with `*` for any characters, or a list of which any will do",
    FactType.TIME: "a moment: say how",
}
"""What may stand after a fact of each type."""
STAGE_MEANINGS: Mapping[Stage, str] = {
    Stage.MAIL: "in every kind",
    Stage.ROUTED: "after routing",
    Stage.PRIORITISED: "after priority",
}
"""From when on a fact of a new ticket is known; of a reply all are."""
_TYPES: Types = (
    (dict, "table"),
    (NAME_FORM, "short name"),
    (bool, "true or false"),
    (int, "whole number"),
    (date, "date"),
    (str, "text"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as people look it up.

    Attributes:
        name: As it stands in rules, dotted.
        type: What it is made of.
        meaning: One sentence.
        example: A condition that uses it, one line of TOML.
        asked: What is asked of it by name: `mentions`; () for what stands after it at once.
        names: The only names it may have, the site's own among them; () where any may stand.
        known: In which kinds it may be used.
    """

    name: str
    type: FactType
    meaning: str
    example: str
    asked: tuple[str, ...]
    names: tuple[str, ...]
    known: str


def entries(names: Names, wanted: str = "", vocabulary: Vocabulary = VOCABULARY) -> tuple[Entry, ...]:
    """Return facts as people look them up, in the order of the documentation.

    Args:
        names: The site's own names.
        wanted: A fact (`customer.plan`) or what several begin with (`customer`); "" for all.
        vocabulary: The facts there are.
    """
    one = vocabulary.get(wanted)
    terms = (one,) if one else (term for term in vocabulary.terms if _is_below(term.name, wanted))
    return tuple(_entry(term, names) for term in terms)


def _is_below(name: str, prefix: str) -> bool:
    return not prefix or name.startswith(f"{prefix}.")


def _entry(term: Term, names: Names) -> Entry:
    allowed = term.names or (names.of(term.site) if term.site else ())
    asked = OPERATORS.get(term.type, ())
    return Entry(term.name, term.type, term.meaning, term.example, asked, allowed, STAGE_MEANINGS[term.stage])


def likeliest(wanted: str, vocabulary: Vocabulary = VOCABULARY) -> str | None:
    """Return the fact, or the group of facts, that was probably meant; None where none is near."""
    whole = [term.name for term in vocabulary.terms]
    groups = vocabulary.below("")
    parts = {name.rpartition(".")[2]: name for name in whole}
    last = wanted.rpartition(".")[2]
    same = [name for name in whole if name.rpartition(".")[2] == last]
    if same:  # its last word is right
        return did_you_mean(wanted, same) or same[0]
    near = did_you_mean(wanted, [*whole, *groups])
    by_part = did_you_mean(last, parts)
    return near or (parts[by_part] if by_part else None)


# --- Markdown ----------------------------------------------------------------------------------------------


def fields_reference(vocabulary: Vocabulary = VOCABULARY) -> str:
    """Return every fact as Markdown: what may be asked of each type, then a table for each group of names."""
    by_group = groupby(vocabulary.terms, key=lambda term: term.name.partition(".")[0])
    groups: dict[str, list[Term]] = {}
    for group, terms in by_group:
        groups.setdefault(group, []).extend(terms)
    return "\n".join([*_types_reference(), *(line for name in groups for line in _group(name, groups[name]))])


def _types_reference() -> Iterator[str]:
    yield "| type | what may stand there |"
    yield "|---|---|"
    for kind, meaning in TYPE_MEANINGS.items():
        yield cells(kind.value, meaning)
        for name in OPERATORS.get(kind, ()):
            yield cells("", f"`.{name}`: {OPERATOR_MEANINGS[name]}")
    yield ""


def _group(name: str, terms: Iterable[Term]) -> Iterator[str]:
    yield f"### `{name}`\n"
    yield "| fact | type | meaning | example |"
    yield "|---|---|---|---|"
    for term in terms:
        yield cells(f"`{term.name}`", term.type.value, _meaning(term), f"`{term.example}`")
    yield ""


def _meaning(term: Term) -> str:
    parts = [term.meaning]
    if any(f"`{name}`" not in term.meaning for name in term.names):
        parts.append(f"One of {', '.join(f'`{name}`' for name in term.names)}.")
    if term.site:
        parts.append(f"One of `{term.site}` of site.toml.")
    if term.stage is not Stage.MAIL:
        parts.append(f"Known {STAGE_MEANINGS[term.stage]}.")
    return " ".join(parts)


def kind_reference(kind: str) -> str:
    """Return what may stand in a kind of file as Markdown: what it is for, how its rules combine, its keys.

    Raises:
        KeyError: There is no such kind.
    """
    file = FILES[kind]
    rules = next((one for one in RULE_KINDS if one.name == kind), None)
    head = [rules.meaning, "", rules.policy, ""] if rules else [one_line(file.__doc__), ""]
    sections = [_section(name, table) for name, table in _sections(file, rules)]
    return "\n".join([*head, *sections, *(_said_of(rules) if rules else ())])


def rule_reference() -> str:
    """Return the keys that every rule may have, and those of its examples, as Markdown."""
    rows = _rows(field for field in keys_of(RuleTable).items() if field[0] not in _EXAMPLES)
    sections = [_section("[[rule.example]]` and `[[rule.counterexample]]", ExampleTable)]
    return "\n".join(["\n".join((*HEAD, *rows, "")), *sections])


_EXAMPLES = ("example", "counterexample")


def _sections(file: type[Section], rules: AnyKind | None) -> Iterator[tuple[str, type[Section]]]:
    """Yield the tables of a kind with the headers that begin them; tables of a rule are part of it."""
    if rules is None:
        yield "", file
    for path, table in tables(file):
        if len(path) == 1:
            field = keys_of(file)[path[0]]
            yield (f"[[{path[0]}]]" if is_list(field) else f"[{path[0]}]"), table


def _section(header: str, table: type[Section]) -> str:
    title = [f"### `{header}`\n"] if header else []
    about = [f"{one_line(table.__doc__)}\n"] if header else []
    return "\n".join([*title, *about, *HEAD, *_rows(_own_keys(table)), ""])


def _own_keys(table: type[Section]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the keys of a table and of those below it, dotted; what every rule has is said once for all."""
    common = RuleTable.model_fields if issubclass(table, RuleTable) else {}
    for name, field in table.model_fields.items():
        key = field.alias or name
        inner = section_of(field)
        if name in common and name != "id" and field.annotation == common[name].annotation:
            continue
        if inner is None:
            yield key, field
        elif not is_list(field) and not field.is_required():  # what must be there has a header of its own
            yield from ((f"{key}.{below}", one) for below, one in _own_keys(inner))


def _rows(fields: Iterable[tuple[str, FieldInfo]]) -> list[str]:
    return [row(name, field, _TYPES) for name, field in in_order(fields)]


def _mails(kind: AnyKind) -> str:
    rule = section_of(keys_of(kind.file)[kind.table])
    on = words_of(keys_of(rule)["on"]) if rule else ()
    if "new" not in on:
        return "replies only"
    return (
        'mails that open a ticket, and with `on = "reply"` at replies'
        if kind.for_replies
        else "mails that open a ticket"
    )


def _said_of(kind: AnyKind) -> Iterator[str]:
    """Yield what else there is to know of a kind of rules."""
    answers = ", ".join(f"`{answer}`" for answer in kind.answers)
    order = "matters" if kind.is_ordered else "does not matter"
    facts = f"those known {STAGE_MEANINGS[kind.stage]}" if kind.stage else "those of the mail"
    late = "; of a reply, all" if kind.for_replies and kind.stage is not Stage.PRIORITISED else ""
    yield f"- Examples may expect: {answers}."
    yield f"- The order of the rules {order}."
    yield f"- It looks at {_mails(kind)}."
    yield f"- Facts its conditions may use: {facts}{late}."
    yield ""
