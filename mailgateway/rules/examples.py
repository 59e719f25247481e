"""The examples of rules as they were written: checked here, run by `app`, since they need every stage."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mailgateway.diagnostics import DiagnosedError, read_toml
from mailgateway.diagnostics.toml import frozen
from mailgateway.model.rulefiles import TESTS, RuleFiles
from mailgateway.rules.faults import At, Faults, near
from mailgateway.rules.kinds.all import EXPECTED
from mailgateway.rules.reading import Context, known_names
from mailgateway.rules.tables import ExampleTable, RuleTable
from mailgateway.rules.values import Example
from mailgateway.rules.vocabulary import FactType, Term

GIVEN_ONLY = {"customer.time_zone": FactType.NAME, "ticket.ref": FactType.NAME}
"""Facts that no condition asks for and an example may give."""
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
            expect = _expected(example.expect, here / "expect", faults)
            raw = example.mail.encode("utf-8", "replace")
            name = example.name or f"{key} {i + 1}"
            places = {answer: (here / "expect" / answer).value for answer, _ in expect}
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
            expect = _expected(document.values.get("expect"), at / "expect", faults)
            places = {answer: (at / "expect" / answer).value for answer, _ in expect}
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


def _expected(written: object, at: At, faults: Faults) -> tuple[tuple[str, object], ...]:
    if not isinstance(written, Mapping):
        return ()
    for key in written:
        if key not in EXPECTED:
            helps = near(str(key), sorted(EXPECTED))
            faults.error("E110", f'unknown name "{key}"', (at / key).key, 'not known in "expect"', helps)
    return tuple((str(key), frozen(value)) for key, value in written.items() if key in EXPECTED)
