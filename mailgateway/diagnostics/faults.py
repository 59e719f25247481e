"""What pydantic finds wrong, said in our words and with its place."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic_core import ErrorDetails

from mailgateway.diagnostics.fields import Section, field_at, is_list, names_of, range_of, section_at, tables, words_of
from mailgateway.diagnostics.suggest import did_you_mean
from mailgateway.diagnostics.toml import Document
from mailgateway.diagnostics.values import Diagnostic, KeyPath, Severity

NAME_FORM = r"^[a-z0-9][a-z0-9_-]*$"
"""The pattern of short names in every file."""
CROSS_CHECK = "cross_check"
"""The error type of faults between several keys: who raises it reports them with all their places."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a file should look like.

    Attributes:
        root: The model of the whole file.
        whole: What the file is called in a sentence.
        shapes: By the pattern of a text: what is said of a text that does not fit it, and what to do.
    """

    root: type[Section]
    whole: str
    shapes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said of one fault: the parts of a Diagnostic that do not depend on its place."""

    code: str
    message: str
    label: str
    help: tuple[str, ...] = ()
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """One error of pydantic.

    Attributes:
        path: The way to the key.
        given: What stands there (for a missing key its table).
        bound: The limit that was missed, "" where there is none.
        fallback: pydantic's own words.
        form: What the file should look like.
    """

    path: KeyPath
    given: object
    bound: str
    fallback: str
    form: Form

    @property
    def key(self) -> str:
        """The last name on the path."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def table(self) -> KeyPath:
        """The path of the table the key belongs to."""
        return self.path[: len(self.path) - 1 - self.path[::-1].index(self.key)] if self.key else ()


def diagnosed(errors: Iterable[ErrorDetails], document: Document, form: Form) -> list[Diagnostic]:
    """Return pydantic's errors as diagnostics; faults between several keys (CROSS_CHECK) are left to the caller."""
    found = []
    for error in errors:
        case = _Case(error["loc"], error["input"], _bound(error), error["msg"], form)
        if error["type"] != CROSS_CHECK and not _is_consequence(error):
            words = _WORDS.get(error["type"], _other)(case)
            found.append(_placed(words, case, document))
    return found


def _is_consequence(error: ErrorDetails) -> bool:
    """Return whether a list counts as too short only because its elements are faulty."""
    given = error["input"]
    return error["type"] == "too_short" and isinstance(given, Sequence) and len(given) > 0


def _bound(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    names = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
    return next((str(context[name]) for name in names if name in context), "")


def _placed(words: _Words, case: _Case, document: Document) -> Diagnostic:
    place = document.place(case.path)
    position = place.key if words.at_key else place.value
    if words.code == "E011":
        position = document.place(case.path[:-1]).value
    return Diagnostic(Severity.ERROR, words.code, words.message, position, words.label, words.help)


def dotted(path: KeyPath) -> str:
    """Return a path as people write it, without indexes: `mailbox.imap.port`."""
    return ".".join(part for part in path if isinstance(part, str))


def _where(case: _Case) -> str:
    return f'"{dotted(case.table)}"' if case.table else case.form.whole


def _unknown(case: _Case) -> _Words:
    section = section_at(case.form.root, case.table)
    known = names_of(section) if section else []
    return _Words(
        "E010", f'unknown key "{case.key}"', f"not known in {_where(case)}", _way_out(case, known), at_key=True
    )


def _way_out(case: _Case, known: Sequence[str]) -> tuple[str, ...]:
    """Return what an unknown key was probably meant to be."""
    if case.key == "password" and "password_env" in known:
        return (
            "a password does not stand here: name its environment variable (password_env) or its file (password_file)",
        )
    near = did_you_mean(case.key, known)
    if near:
        return (f'did you mean "{near}"?', "known here: " + ", ".join(known))
    elsewhere = [f"[{dotted(path)}]" for path, table in tables(case.form.root) if case.key in names_of(table)]
    belongs = (f'"{case.key}" belongs to {" or ".join(elsewhere)}',) if elsewhere else ()
    return (*belongs, "known here: " + ", ".join(known))


def _missing(case: _Case) -> _Words:
    field = field_at(case.form.root, case.path)
    table = section_at(case.form.root, case.path)
    about = (f"{case.key}: {_first_sentence(field.description)}",) if field and field.description else ()
    if field and table:
        header = f"[[{dotted(case.path)}]]" if is_list(field) else f"[{dotted(case.path)}]"
        return _Words("E011", f"missing table {header}", f"no {header} in {_where(case)}", about)
    return _Words("E011", f'missing key "{case.key}"', f'has no "{case.key}"', about)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "text"),
    ((list, tuple), "a list"),
    (dict, "a table"),
    (date, "a date"),
)


def _kind(given: object) -> str:
    return next((words for kind, words in _KINDS if isinstance(given, kind)), "a time")


def _wrong_type(wanted: str) -> Callable[[_Case], _Words]:
    def words(case: _Case) -> _Words:
        kind = _kind(case.given)
        return _Words("E012", f'"{case.key}" must be {wanted}', f"this is {kind}", _rewritten(case, wanted))

    return words


_YES_NO = {
    "true": "true",
    "yes": "true",
    "on": "true",
    "1": "true",
    "false": "false",
    "no": "false",
    "off": "false",
    "0": "false",
}


def _rewritten(case: _Case, wanted: str) -> tuple[str, ...]:
    """Return how the value could be written so that its type is right, () where that is not clear."""
    if isinstance(case.given, dict) and wanted == "a list":
        return (f"write [[{dotted(case.path)}]], with two brackets on each side",)
    if isinstance(case.given, (list, tuple)) and wanted == "a table":
        return (f"write [{dotted(case.path)}], with one bracket on each side",)
    value = _WRITERS.get(wanted, _unclear)(case.given)
    return (f"write {case.key} = {value}",) if value and case.path[-1] == case.key else ()


def _unclear(_given: object) -> str:
    return ""


def _as_text(given: object) -> str:
    return f'"{str(given).lower()}"' if isinstance(given, (bool, int, float)) else ""


def _as_yes_no(given: object) -> str:
    return _YES_NO.get(str(given).strip().lower(), "") if isinstance(given, (str, int)) else ""


def _as_number(given: object) -> str:
    return given if isinstance(given, str) and re.fullmatch("[1-9][0-9]{0,9}", given) else ""


def _as_list(given: object) -> str:
    return f'["{given}"]' if isinstance(given, str) and '"' not in given and "\\" not in given else ""


_WRITERS: dict[str, Callable[[object], str]] = {
    "text": _as_text,
    "true or false": _as_yes_no,
    "a whole number": _as_number,
    "a number": _as_number,
    "a list": _as_list,
}


def _out_of_range(case: _Case) -> _Words:
    field = field_at(case.form.root, case.path)
    allowed = range_of(field) if field else ""
    return _Words("E014", f'"{case.key}" is out of range', f"allowed: {allowed}", _about(case))


def _about(case: _Case) -> tuple[str, ...]:
    field = field_at(case.form.root, case.path)
    return (f"{case.key}: {_first_sentence(field.description)}",) if field and field.description else ()


def _wrong_word(case: _Case) -> _Words:
    field = field_at(case.form.root, case.path)
    known = words_of(field) if field else ()
    near = did_you_mean(str(case.given), known)
    helps = (f'did you mean "{near}"?',) if near else ()
    allowed = ", ".join(f'"{word}"' for word in known[:-1]) + f' or "{known[-1]}"' if known else case.fallback
    return _Words("E013", f'"{case.key}" cannot have this value', "not known", (*helps, f"write {allowed}"))


def _wrong_form(case: _Case) -> _Words:
    label, hint = case.form.shapes.get(case.bound, ("not in the right form", case.fallback))
    return _Words("E015", f'"{case.key}" cannot have this value', label, (hint, *_proposed(case)))


def _proposed(case: _Case) -> tuple[str, ...]:
    """Return the short name that was probably meant."""
    if case.bound != NAME_FORM:
        return ()
    words = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(case.given).lower()).split("-")
    name = "-".join(filter(None, words))
    return (f'for example "{name}"',) if name else ()


def _too_short(case: _Case) -> _Words:
    return _Words("E015", f'"{case.key}" is empty', "nothing stands here", _about(case))


def _too_long(case: _Case) -> _Words:
    return _Words("E015", f'"{case.key}" is too long', f"{case.bound} characters at most")


def _no_zone(case: _Case) -> _Words:
    given = str(case.given).replace(" ", "T")
    return _Words(
        "E012",
        f'"{case.key}" has no time zone',
        "which zone?",
        (f"write for example {given}Z for UTC, or +02:00 at the end",),
    )


def _not_finite(case: _Case) -> _Words:
    return _Words("E014", f'"{case.key}" must be a number', "not a finite number", _about(case))


def _other(case: _Case) -> _Words:
    return _Words("E015", f'"{case.key}" cannot have this value', case.fallback)


_WORDS: dict[str, Callable[[_Case], _Words]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "string_type": _wrong_type("text"),
    "int_type": _wrong_type("a whole number"),
    "float_type": _wrong_type("a number"),
    "bool_type": _wrong_type("true or false"),
    "datetime_type": _wrong_type("a date and time without quotes, such as 2026-01-31T12:00:00Z"),
    "tuple_type": _wrong_type("a list"),
    "model_type": _wrong_type("a table"),
    "literal_error": _wrong_word,
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than": _out_of_range,
    "less_than_equal": _out_of_range,
    "finite_number": _not_finite,
    "string_pattern_mismatch": _wrong_form,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "string_too_long": _too_long,
    "timezone_aware": _no_zone,
}
"""From pydantic's error type to our words."""
