"""JSON Schemas of the rule files, for editors that check and complete TOML: from the models and the vocabulary.

An editor sees each file alone: what needs all files, or more than a schema can say, is found by `rules check`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mailgateway.rules.examples import GIVEN_ONLY
from mailgateway.rules.kinds.all import EXPECTED, EXPECTED_OF_PART, FILES, PART, RULE_KINDS
from mailgateway.rules.names import Names
from mailgateway.rules.reading import OPERATORS
from mailgateway.rules.tables import NAMES, ExampleTable, RuleTable
from mailgateway.rules.terms import FactType, Stage, Term
from mailgateway.rules.vocabulary import VOCABULARY, Vocabulary

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, object]

OPERATOR_MEANINGS: Mapping[str, str] = {
    "mentions": 'Whole words, in any case: "production down", "upgrad*", "production ... down", or a list as "@name".',
    "contains": "A piece of the text, in any case.",
    "matches": "A regular expression of RE2; (?i) in front ignores case.",
    "in_hours": "The id of a calendar: inside its opening hours.",
    "on_holiday": "The id of a calendar: on one of its holidays.",
}
"""What may be asked of texts and times, in words."""
assert OPERATOR_MEANINGS.keys() == {name for names in OPERATORS.values() for name in names}  # noqa: S101 -- one table each
_NO_NAMES = Names()


def file_schema(kind: str, names: Names = _NO_NAMES, vocabulary: Vocabulary = VOCABULARY) -> Schema:
    """Return the JSON Schema (draft 2020-12) of a kind of rule file.

    Args:
        kind: The kind, such as `priority`.
        names: The site's own names, so that editors offer them and mark others; by default any may stand.
        vocabulary: The facts there are.

    Raises:
        KeyError: There is no such kind.
    """
    whole = _mended(FILES[kind].model_json_schema(), names)
    definitions = whole.get("$defs")
    if isinstance(definitions, dict):
        parts = _Parts(kind, names, vocabulary)
        for table in definitions.values():
            _fill_in(table, parts)
        if _has_rules(kind):
            definitions |= {"conditions": parts.conditions(), "given": parts.given(), "expect": parts.expect()}
    return {"$schema": DRAFT, **whole}


def _has_rules(kind: str) -> bool:
    return any(one.name == kind for one in RULE_KINDS)


# --- what pydantic makes of the models ---------------------------------------------------------------------


def _mended(schema: Mapping[str, object], names: Names) -> Schema:
    """Return a schema without what TOML does not have (null), and with the site's names where they belong."""
    mended = {key: _mended_value(value, names) for key, value in schema.items() if key not in {"title", NAMES}}
    mended |= _allowed(schema.get(NAMES), names)
    if mended.get("default", 0) is None or isinstance(mended.get("default"), dict):
        mended.pop("default", None)
    choices = schema.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        mended.pop("anyOf", None)
        return _mended(choices[0], names) | mended
    return mended


def _mended_value(value: object, names: Names) -> object:
    if isinstance(value, Mapping):
        # Under "properties" and "$defs" the keys are names: a key called "title" stays.
        return _mended(value, names) if _is_schema(value) else {k: _mended_value(v, names) for k, v in value.items()}
    return [_mended_value(one, names) for one in value] if isinstance(value, list) else value


def _is_schema(value: Mapping[str, object]) -> bool:
    return any(isinstance(value.get(key), (str, list)) for key in ("type", "$ref", "anyOf", "const", "enum"))


def _allowed(which: object, names: Names) -> Schema:
    """Return what limits a value to the site's names."""
    known = names.of(which) if isinstance(which, str) else ()
    if not known:
        return {}
    if which == "priorities":
        return {"maximum": len(known)}
    return {"enum": list(known)}


def _fill_in(table: Schema, parts: "_Parts") -> None:
    """Put references to the conditions, facts and answers where the models only know tables."""
    properties = table.get("properties")
    if not isinstance(properties, dict):
        return
    for key, part in _PARTS_OF.items():
        written = properties.get(key)
        if isinstance(written, dict) and written.get("additionalProperties") is True:
            properties[key] = {"$ref": f"#/$defs/{part}", "description": written["description"]}
    on = properties.get("on")
    if isinstance(on, dict) and not parts.for_replies:
        on["enum"] = ["new"]


_PARTS_OF = {
    **dict.fromkeys(("when", "unless"), "conditions"),
    **{key: key for key in ("given", "expect")},
}
assert _PARTS_OF.keys() <= {*RuleTable.model_fields, *ExampleTable.model_fields}  # noqa: S101 -- the models' keys


# --- what is made from the vocabulary ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a schema that know the facts."""

    kind: str
    names: Names
    vocabulary: Vocabulary

    @property
    def for_replies(self) -> bool:
        return any(one.for_replies for one in RULE_KINDS if one.name == self.kind)

    def conditions(self) -> Schema:
        stage = next(one.stage for one in RULE_KINDS if one.name == self.kind)
        known = Stage.PRIORITISED if self.for_replies else stage
        terms = [term for term in self.vocabulary.terms if term.stage <= known]
        return self._tree(terms, self._condition)

    def given(self) -> Schema:
        others = [Term(name, kind, "For examples alone.", "") for name, kind in GIVEN_ONLY.items()]
        return self._tree([*self.vocabulary.terms, *others], self._given)

    def expect(self) -> Schema:
        whole = self._answers(EXPECTED)
        _properties(whole)[PART] = {
            "description": "Parts of a mail that is cut, by their numbers: `expect.part.2.priority`.",
            "type": "object",
            "additionalProperties": self._answers(EXPECTED_OF_PART),
        }
        return whole

    def _answers(self, known: Iterable[str]) -> Schema:
        value: Schema = {"type": ["string", "integer", "boolean", "array"]}
        return _table({name: self._answer(name) or dict(value) for name in sorted(known)})

    def _answer(self, name: str) -> Schema:
        known = self.names.of(f"{name}s")
        return {"anyOf": [{"enum": list(known)}, {"type": "string"}]} if known else {}

    def _tree(self, terms: Iterable[Term], leaf: Callable[[Term], Schema]) -> Schema:
        """Return the nested tables that dotted names stand for."""
        root = _table({})
        for term in terms:
            *above, last = term.name.split(".")
            table = root
            for part in above:
                table = _properties(table).setdefault(part, _table({}))  # type: ignore[assignment]  # tables all the way
            if last != "*":
                _properties(table)[last] = {"description": term.meaning, **leaf(term)}
            else:
                self._open(table, term, leaf)
        return root

    def _open(self, table: Schema, term: Term, leaf: Callable[[Term], Schema]) -> None:
        """Let a table have any name, or those of the quotas where they are known."""
        value = {"description": term.meaning, **leaf(term)}
        table["description"] = term.meaning
        if term.name == "usage.*" and self.names.quotas:
            _properties(table).update({quota: dict(value) for quota in self.names.quotas})
        else:
            table["additionalProperties"] = value

    def _condition(self, term: Term) -> Schema:
        operators = OPERATORS.get(term.type)
        if operators is None:
            return {**_CONDITIONS[term.type], **self._named(term)}
        return _table({name: {"description": OPERATOR_MEANINGS[name], **self._asked(name)} for name in operators})

    def _named(self, term: Term) -> Schema:
        """Return the names a fact may have."""
        known = term.names or (self.names.of(term.site) if term.site else ())
        return _one_or_more({"type": "string", "enum": list(known)}) if known else {}

    def _asked(self, operator: str) -> Schema:
        if operator == "mentions" and self.names.lists:
            lists: Schema = {"type": "string", "enum": [f"@{name}" for name in self.names.lists]}
            phrase: Schema = {"type": "string", "pattern": "^[^@]"}
            return {"anyOf": [lists, phrase, {"type": "array", "minItems": 1, "items": {"anyOf": [lists, phrase]}}]}
        if operator in OPERATORS[FactType.TIME] and self.names.calendars:
            return _one_or_more({"type": "string", "enum": list(self.names.calendars)})
        return _one_or_more({"type": "string"})

    def _given(self, term: Term) -> Schema:
        known = term.names or (self.names.of(term.site) if term.site else ())
        if known:
            return {"anyOf": [{"type": "string", "enum": list(known)}, _TEXTS]}
        return _GIVEN.get(term.type, _TEXTS)


def _table(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _properties(table: Schema) -> Schema:
    properties = table["properties"]
    if not isinstance(properties, dict):
        raise TypeError("a table has properties")
    return properties


def _one_or_more(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "minItems": 1, "items": value}]}


_TEXTS = _one_or_more({"type": "string"})
_BOUNDS = _table({"at_least": {"type": "integer"}, "at_most": {"type": "integer"}}) | {"minProperties": 1}
_NUMBERS: Schema = {"anyOf": [*_one_or_more({"type": "integer"})["anyOf"], _BOUNDS]}  # type: ignore[misc]  # a list it is
_CONDITIONS: Mapping[FactType, Schema] = {
    FactType.NAME: _TEXTS,
    FactType.PATTERN: _TEXTS,
    FactType.NUMBER: _NUMBERS,
    FactType.YES_NO: {"type": "boolean"},
}
"""What a condition may be, of facts of which nothing is asked by name."""
_GIVEN: Mapping[FactType, Schema] = {
    FactType.NUMBER: {"type": "integer"},
    FactType.YES_NO: {"type": "boolean"},
    FactType.TIME: {"type": "string", "format": "date-time"},
}
"""What an example may give; all else is text or texts."""
