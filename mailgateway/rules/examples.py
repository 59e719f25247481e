"""The examples of rules as they were written: checked here, run by `app`, since they need every stage."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mailgateway.diagnostics import DiagnosedError, Position, read_toml
from mailgateway.diagnostics.toml import frozen
from mailgateway.model.rulefiles import TESTS, RuleFiles
from mailgateway.rules.faults import At, Faults, near
from mailgateway.rules.kinds.all import EXPECTED, EXPECTED_OF_PART, PART
from mailgateway.rules.kinds.split import MAX_PARTS
from mailgateway.rules.reading import Context, known_names
from mailgateway.rules.tables import ExampleTable, RuleTable
from mailgateway.rules.terms import FactType, Term
from mailgateway.rules.values import Example

GIVEN_ONLY = {"customer.time_zone": FactType.NAME, "ticket.ref": FactType.NAME}
"""Facts that no condition asks for and an example may give."""
_PART_NUMBERS = frozenset(str(number) for number in range(1, MAX_PARTS + 1))
_TYPES: Mapping[FactType, tuple[type, ...]] = {
    FactType.NUMBER: (int,),
    FactType.YES_NO: (bool,),
    FactType.TIME: (datetime,),
}
_IN_WORDS = {
    FactType.NUMBER: "a number",
    FactType.YES_NO: "true or false",
    FactType.TIME: "a time with its offset, such as 2026-11-07T03:00:00+03:00",
}


def examples_of(table: RuleTable, at: At, context: Context, faults: Faults) -> tuple[Example, ...]:
    """Return a rule's examples and counterexamples; names that are not known are noted."""
    made = []
    for key, must_match in (("example", True), ("counterexample", False)):
        written: tuple[ExampleTable, ...] = getattr(table, key)
        for i, example in enumerate(written):
            here = at / key / i
            given = _given(example.given, here / "given", context, faults)
            expect, places = _expected(example.expect, here / "expect", faults)
            raw = example.mail.encode("utf-8", "replace")
            name = example.name or f"{key} {i + 1}"
            made.append(Example(table.id, name, must_match, raw, given, expect, here.value, places))
    return tuple(made)


def whole_mails(
    files: RuleFiles, folder: str, context: Context, faults: Faults, texts: dict[str, str]
) -> Iterator[Example]:
    """Yield the mails of the folder `tests` with what is expected of them: `NAME.eml` and `NAME.expect.toml`.

    Args:
        files: All files.
        folder: What stands before their names in places.
        context: The facts there are, and the site's words.
        faults: Where faults are noted.
        texts: Where the text of each file is noted, to show faults in.
    """
    by_name = dict(files.files)
    for name, raw in files.files:
        if name.startswith(f"{TESTS}/") and name.endswith(".expect.toml"):
            mail = by_name.get(name.removesuffix(".expect.toml") + ".eml")
            try:
                document = read_toml(raw, folder + name)
            except DiagnosedError as error:
                texts.update(error.texts)
                faults.found.extend(error.diagnostics)
                continue
            texts[document.path] = document.text
            at = At(document, ())
            if mail is None:
                faults.error("E140", "there is no mail for these expectations", at.key, "no .eml of this name")
                continue
            for key in document.values.keys() - {"given", "expect", "name"}:
                faults.error("E010", f'unknown key "{key}"', (at / key).key, "known here: name, given, expect")
            given = _given(document.values.get("given"), at / "given", context, faults)
            expect, places = _expected(document.values.get("expect"), at / "expect", faults)
            yield Example("", name.removesuffix(".expect.toml"), None, mail, given, expect, at.value, places)


def _given(written: object, at: At, context: Context, faults: Faults) -> tuple[tuple[str, object], ...]:
    """Return given facts by their dotted names."""
    return tuple(_flat(written, "", at, context, faults))


def _flat(written: object, prefix: str, at: At, context: Context, faults: Faults) -> Iterator[tuple[str, object]]:
    if not isinstance(written, Mapping):
        return
    for key, value in written.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        vocabulary, here = context.vocabulary, at / key
        term = vocabulary.get(name)
        if term is not None or name in GIVEN_ONLY:
            if _fits(term, name, value, here, faults) and (not term or _is_known(term, value, here, context, faults)):
                yield name, frozen(value)
        elif vocabulary.below(name) or vocabulary.get(f"{name}.x"):
            yield from _flat(value, name, here, context, faults)
        else:
            known = vocabulary.below(prefix)
            faults.error("E110", f'unknown name "{key}"', here.key, 'not known in "given"', near(str(key), known))


def _fits(term: Term | None, name: str, value: object, at: At, faults: Faults) -> bool:
    """Return whether a given value has the type of its fact."""
    kind = term.type if term else GIVEN_ONLY[name]
    wanted = _TYPES.get(kind, (str, list, tuple))
    is_right = isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
    if is_right and isinstance(value, datetime) and value.tzinfo is None:
        is_right = False
    if not is_right:
        words = _IN_WORDS.get(kind, "text or a list of texts")
        faults.error("E112", f'"{name}" must be {words}', at.value, "cannot stand here")
    return is_right


def _is_known(term: Term, value: object, at: At, context: Context, faults: Faults) -> bool:
    """Return whether a given name is one that its fact may have."""
    known = known_names(term, context.site)
    names = value if isinstance(value, (list, tuple)) else (value,)
    wrong = next((str(name) for name in names if known is not None and name not in known), None)
    if wrong is not None:
        place = f"in site.toml under {term.site}" if term.site else f'a value of "{term.name}"'
        faults.unknown_word(wrong, at.value, f"not {place}", known or ())
    return wrong is None


def _expected(written: object, at: At, faults: Faults) -> tuple[tuple[tuple[str, object], ...], Mapping[str, Position]]:
    """Return what is expected by name, `part.2.priority` for the priority of a part, and where each stands."""
    found = [*_answers(written, at, faults, EXPECTED | {PART}), *_of_parts(written, at, faults)]
    expect = tuple((name, frozen(value)) for name, value, _ in found)
    return expect, {name: place.value for name, _, place in found}


def _answers(written: object, at: At, faults: Faults, known: frozenset[str]) -> Iterator[tuple[str, object, At]]:
    for key, value in written.items() if isinstance(written, Mapping) else ():
        if key not in known:
            helps = near(str(key), sorted(known))
            where = "expect" if PART in known else f"expect.{PART}"
            faults.error("E110", f'unknown name "{key}"', (at / key).key, f'not known in "{where}"', helps)
        elif key != PART:
            yield str(key), value, at / key


def _of_parts(written: object, at: At, faults: Faults) -> Iterator[tuple[str, object, At]]:
    """Yield what is expected of parts of the mail."""
    parts = written.get(PART, {}) if isinstance(written, Mapping) else {}
    helps = (f"write expect.{PART}.2.priority = 1; parts count from 1, and a mail has {MAX_PARTS} at most",)
    if not isinstance(parts, Mapping):
        faults.error("E112", f'"{PART}" must be a table', (at / PART).value, "cannot stand here", helps)
        return
    for number, answers in parts.items():
        here = at / PART / number
        if number not in _PART_NUMBERS or not isinstance(answers, Mapping):
            faults.error("E112", f'"{number}" is no part of a mail', here.key, "cannot stand here", helps)
            continue
        for name, value, place in _answers(answers, here, faults, EXPECTED_OF_PART):
            yield f"{PART}.{number}.{name}", value, place
