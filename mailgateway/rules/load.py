"""From the texts of rule files to rules, or to every fault in them at once. Pure: no file is opened here."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from pydantic import ValidationError

from mailgateway.diagnostics import DiagnosedError, Diagnostic, read_toml
from mailgateway.diagnostics.faults import NAME_FORM, Form, diagnosed
from mailgateway.diagnostics.toml import Document, frozen
from mailgateway.model.calendar import Calendar
from mailgateway.model.rulefiles import RuleFiles, is_rule_file
from mailgateway.rules.checks import Whole, cross_checks, note_double_ids
from mailgateway.rules.examples import examples_of, whole_mails
from mailgateway.rules.faults import MAX_FAULTS, At, Faults, near
from mailgateway.rules.kind import Outcomes
from mailgateway.rules.kinds.all import FILES, RULE_KINDS, SHIPPED_TEMPLATES, SHIPPED_WHERE_MISSING, AnyKind
from mailgateway.rules.kinds.calendars import CalendarsFile, calendars
from mailgateway.rules.kinds.lists import ListsFile, named_lists
from mailgateway.rules.kinds.site import SiteFile, site_words
from mailgateway.rules.phrases import PhraseList
from mailgateway.rules.reading import ConditionReader, Context
from mailgateway.rules.tables import LINE_FORM, TAG_FORM, RuleFile, RuleTable
from mailgateway.rules.values import Example, Known, Rule, RuleSet, SiteWords

_SHAPES = {
    NAME_FORM: ("not a short name", "small letters, digits, - and _; the first is a letter or a digit"),
    LINE_FORM: ("not on one line", "line ends, tabs and other control characters cannot stand here"),
    TAG_FORM: ("not a tag", "one word without commas and blanks"),
}


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file that has the form of its kind.

    Attributes:
        document: Its values and their places.
        file: The same as the kind's model.
        is_shipped: Whether it stands in for one that the site does not have.
    """

    document: Document
    file: RuleFile
    is_shipped: bool = False

    @property
    def at(self) -> At:
        """The whole file."""
        return At(self.document, ())


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rule files that can be used.

    Attributes:
        rules: What they say.
        warnings: What is probably not meant.
        texts: The files by their path, to show the warnings in.
    """

    rules: RuleSet
    warnings: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def load(
    files: RuleFiles,
    shipped: RuleFiles,
    *,
    folder: str = "",
    today: date | None = None,
    known: Known | None = None,
) -> Loaded:
    """Return the rules of files, with the shipped guards and lifecycle where the site has none of its own.

    Args:
        files: All files of the folder.
        shipped: The files that come with the program.
        folder: What stands before the names of files in places, such as `rules/`.
        today: The day from which holidays and rules count as over; None for no look at them.
        known: What the configuration knows; None for no look at templates, agents and roles.

    Raises:
        DiagnosedError: The files cannot be used; with all faults, errors and warnings, in the order of the files.
    """
    faults = Faults()
    texts: dict[str, str] = {}
    misshapen: list[Document] = []
    own = _read_all(files, folder, faults, texts, misshapen)
    read = [*own, *_standing_in(own, shipped, texts)]
    unread = _unread(files, own, folder)
    site = _site(own, unread, folder, faults)
    context = Context(site, _lists(read, faults), _calendars(read, site, faults), known=known)
    _look_into(misshapen, context, faults)
    written = [
        rule for kind in RULE_KINDS for one in read if one.file.kind == kind.name
        for rule in _rules(kind, one, context, faults)
    ]  # fmt: skip
    used = [one for one in written if not one.is_off]
    rules = {kind.name: tuple(one.rule for one in used if one.rule.kind == kind.name) for kind in RULE_KINDS}
    examples = (*whole_mails(files, folder, context, faults, texts), *(mail for one in used for mail in one.examples))
    note_double_ids([one.rule for one in written], faults)
    faulty = frozenset(one.rule.place for one in written if one.is_faulty)
    cross_checks(Whole(read, rules, examples, faulty), today, faults)
    faults.found = [fault for fault in faults.found if not _is_consequence(fault, unread)]
    if faults.errors:
        raise DiagnosedError(_ordered(faults.found), texts)
    loaded = RuleSet(
        revision=files.revision,
        site=site,
        calendars=context.calendars,
        rules=rules,
        examples=examples,
        files=len(own),
        commit=files.commit,
    )
    return Loaded(loaded, tuple(_ordered(faults.found)), texts)


def _ordered(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(
        dict.fromkeys(found), key=lambda fault: (fault.position.path, fault.position.line, fault.position.column)
    )


def _read_all(
    files: RuleFiles, folder: str, faults: Faults, texts: dict[str, str], misshapen: list[Document]
) -> list[ReadFile]:
    read = (_read(raw, folder + name, faults, texts, misshapen) for name, raw in files.files if is_rule_file(name))
    return [one for one in read if one is not None]


def _read(raw: bytes, path: str, faults: Faults, texts: dict[str, str], misshapen: list[Document]) -> ReadFile | None:
    """Return one file, None where it has not the form of any kind; why is noted.

    One whose kind is known and whose form is wrong goes to `misshapen`.
    """
    try:
        document = read_toml(raw, path)
    except DiagnosedError as error:
        texts.update(error.texts)
        faults.found.extend(error.diagnostics)
        return None
    texts[path] = document.text
    at = At(document, ())
    kind = document.values.get("kind")
    if not isinstance(kind, str) or kind not in FILES:
        _unknown_kind(kind, at, faults)
        return None
    form = Form(FILES[kind], f"a file of kind {kind}", _SHAPES)
    try:
        return ReadFile(document, FILES[kind].model_validate(frozen(document.values), strict=True))
    except ValidationError as error:
        faults.found.extend(diagnosed(error.errors(), document, form))
        misshapen.append(document)
        return None


def _look_into(misshapen: Iterable[Document], context: Context, faults: Faults) -> None:
    """Note what is wrong with the conditions of files whose form is wrong, so that it is all told at once."""
    for document in misshapen:
        for kind in RULE_KINDS:
            if kind.name != document.values["kind"]:
                continue
            reader = ConditionReader(context, kind.name, kind.stage, faults)
            tables = document.values.get(kind.table)
            for i, raw in enumerate(tables if isinstance(tables, list) else ()):
                if isinstance(raw, dict):
                    reader.read(raw, At(document, (kind.table, i)), on_reply=raw.get("on") == "reply")


def _unknown_kind(kind: object, at: At, faults: Faults) -> None:
    if kind is None:
        helps = (f'begin the file with format = 1 and kind = "...": one of {", ".join(FILES)}',)
        faults.error("E403", "the file does not say its kind", at.key, "", helps)
        return
    faults.error("E403", f'unknown kind "{kind}"', (at / "kind").value, "no such kind", near(str(kind), FILES, "kinds"))


def _standing_in(own: list[ReadFile], shipped: RuleFiles, texts: dict[str, str]) -> list[ReadFile]:
    """Return the shipped files of the kinds a site must have and has none of."""
    wanted = set(SHIPPED_WHERE_MISSING) - {one.file.kind for one in own}
    if not wanted:
        return []
    read = _read_all(shipped, "shipped/", Faults(), texts, [])
    return [replace(one, is_shipped=True) for one in read if one.file.kind in wanted]


_OF_REPLIES = [kind.name for kind in RULE_KINDS if kind.for_replies]
_FOR_REPLIES = f"{', '.join(_OF_REPLIES[:-1])} and {_OF_REPLIES[-1]}"
_KIND = re.compile(rb"""^[ \t]*kind[ \t]*=[ \t]*["']([a-z]+)["']""", re.MULTILINE)


def _unread(files: RuleFiles, read: list[ReadFile], folder: str) -> frozenset[str]:
    """Return the kinds of those files that could not be read, as far as that can be told."""
    done = {one.document.path for one in read}
    lost = (raw for name, raw in files.files if is_rule_file(name) and folder + name not in done)
    return frozenset(kind.decode() for raw in lost for kind in _KIND.findall(raw))


_NAMED_IN = {"E201": "lists", "E412": "calendars", "E203": "quota", "E132": "site"}
"""By the code of a name that is not known: the kind of file that would name it."""


def _is_consequence(fault: Diagnostic, unread: frozenset[str]) -> bool:
    """Return whether a name counts as unknown only because the file that names it could not be read."""
    kind = "site" if fault.code == "E111" and "site.toml" in fault.label else _NAMED_IN.get(fault.code)
    return kind in unread


def _site(read: list[ReadFile], unread: frozenset[str], folder: str, faults: Faults) -> SiteWords:
    """Return the words of the one file of kind site."""
    of_site = [(one, one.file) for one in read if isinstance(one.file, SiteFile)]
    for one, _ in of_site[1:]:
        first = of_site[0][0].document.path
        faults.error("E402", "a second file of kind site", (one.at / "kind").key, f"the first is {first}")
    if not of_site:
        if "site" not in unread:
            _no_site(folder, faults)
        return SiteWords(templates=SHIPPED_TEMPLATES)
    one, file = of_site[0]
    words = site_words(file, one.at, faults)
    return replace(words, templates=(*words.templates, *(t for t in SHIPPED_TEMPLATES if t not in words.templates)))


def _no_site(folder: str, faults: Faults) -> None:
    empty = At(Document(f"{folder}site.toml", "", {}, {}), ())
    helps = ('write site.toml with kind = "site"; mailgateway rules init writes a whole starter set',)
    faults.error("E402", "there is no file of kind site", empty.key, "", helps)


def _lists(read: list[ReadFile], faults: Faults) -> Mapping[str, PhraseList]:
    lists: dict[str, PhraseList] = {}
    for one in read:
        if isinstance(one.file, ListsFile):
            for name, phrases in named_lists(one.file, one.at, faults).items():
                if name in lists:
                    place = (one.at / "phrases" / name).key
                    faults.error("E401", f'the list "{name}" is there twice', place, "another file has it")
                lists[name] = phrases
    return lists


def _calendars(read: list[ReadFile], site: SiteWords, faults: Faults) -> Mapping[str, Calendar]:
    found: dict[str, Calendar] = {}
    for one in read:
        if isinstance(one.file, CalendarsFile):
            for name, calendar in calendars(one.file, one.at, site.time_zone, faults).items():
                if name in found:
                    index = next(i for i, table in enumerate(one.file.calendar) if table.id == name)
                    place = (one.at / "calendar" / index / "id").value
                    faults.error("E401", f'the calendar "{name}" is there twice', place, "another file has it")
                found[name] = calendar
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule as it stands in its file.

    Attributes:
        rule: The rule; of one with faults what could be read.
        examples: What it has.
        is_off: Whether it is switched off.
        is_faulty: Whether a part of it could not be read.
    """

    rule: Rule[object]
    examples: tuple[Example, ...]
    is_off: bool
    is_faulty: bool


def _rules(kind: AnyKind, one: ReadFile, context: Context, faults: Faults) -> list[_Written]:
    """Return the rules of a file."""
    reader = ConditionReader(context, kind.name, kind.stage, faults)
    tables: tuple[RuleTable, ...] = getattr(one.file, kind.table)
    written = one.document.values.get(kind.table)
    raw_tables = written if isinstance(written, list) else []
    found = []
    for i, (table, raw) in enumerate(zip(tables, raw_tables, strict=True)):
        at = one.at / kind.table / i
        on_reply = table.on == "reply"
        before = len(faults.errors)
        if on_reply and not kind.for_replies:
            helps = (f"rules for replies stand in files of kind {_FOR_REPLIES}; elsewhere remove this line",)
            faults.error("E134", f"{kind.name} does not look at replies", (at / "on").value, "only new tickets", helps)
        rule: Rule[object] = Rule(
            id=table.id,
            kind=kind.name,
            outcome=kind.outcome(table, at, Outcomes(context.site, faults, context.known)),
            conditions=reader.read(raw, at, on_reply=on_reply),
            place=at.value,
            why=table.why,
            on_reply=on_reply,
            starts=table.from_,
            ends=table.until,
            is_shipped=one.is_shipped,
        )
        examples = () if one.is_shipped else examples_of(table, at, context, faults)
        after = len(faults.errors)
        found.append(_Written(rule, examples, table.off, is_faulty=after > before or after >= MAX_FAULTS))
    return found
