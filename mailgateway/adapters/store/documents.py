"""Values as JSON texts, for columns nobody searches in."""

import dataclasses
import json
from typing import get_args

from pydantic import TypeAdapter

from mailgateway.model.cut import Whole
from mailgateway.model.decision import Answer, Fact, Facts, Step
from mailgateway.model.effects import Effect
from mailgateway.model.message import Message

_MESSAGE = TypeAdapter(Message)
_FACTS = TypeAdapter(tuple[tuple[str, Fact], ...])
_STEPS = TypeAdapter(tuple[dict[str, str | bool | int], ...])
_EFFECTS = TypeAdapter(tuple[dict[str, object], ...])
_EFFECT: dict[object, TypeAdapter[Effect]] = {one.__name__: TypeAdapter(one) for one in get_args(Effect)}
_ANSWERS = TypeAdapter(tuple[Answer, ...])
_PAIRS = TypeAdapter(tuple[tuple[str, str], ...])
_TEXTS = TypeAdapter(tuple[str, ...])
_WHOLE = TypeAdapter(Whole)
_REMOVED = ("", "[]")
_NOT_PLAIN = frozenset({"tried", "part"})


def message_document(message: Message) -> str:
    """Return a message as JSON; `message_of` reads it."""
    return _MESSAGE.dump_json(message).decode()


def message_of(document: str) -> Message:
    """Return the message that `message_document` wrote, today or before `forwarded` was more than yes or no."""
    if '"forwarded":false' in document or '"forwarded":true' in document:  # it may also be the author's text
        return _MESSAGE.validate_python(_with_forwarded(json.loads(document)))
    return _MESSAGE.validate_json(document)


def _with_forwarded(values: dict[str, object]) -> dict[str, object]:
    known = values["forwarded"]
    if not isinstance(known, bool):
        return values
    nobody = {"sender": {"name": "", "address": ""}, "date": "", "subject": "", "text": ""}
    return {**values, "forwarded": nobody if known else None}


def facts_document(facts: tuple[tuple[str, Fact], ...]) -> str:
    """Return facts as JSON; `facts_of` reads it."""
    return _FACTS.dump_json(facts).decode()


def facts_of(document: str) -> tuple[tuple[str, Fact], ...]:
    """Return the facts that `facts_document` wrote."""
    return _FACTS.validate_json(document)


def kept_facts(document: str) -> Facts | None:
    """Return the facts that `facts_document` wrote, None where they were removed."""
    return None if document in _REMOVED else Facts(facts_of(document))


def trace_document(trace: tuple[Step, ...]) -> str:
    """Return the rules tried as JSON; `trace_of` reads it.

    Their conditions are not kept: the facts and the revision of the rules give them again.
    """
    return json.dumps([_told(step) for step in trace], ensure_ascii=False)


def _told(step: Step) -> dict[str, object]:
    plain = {name: value for name, value in step._asdict().items() if name not in _NOT_PLAIN and value != ""}
    return {**plain, "part": step.part} if step.part else plain


def trace_of(document: str) -> tuple[Step, ...]:
    """Return the steps that `trace_document` wrote."""
    return tuple(_step(**values) for values in _STEPS.validate_json(document))


def _step(**values: str | bool | int) -> Step:
    named = {name: str(value) for name, value in values.items()}
    return Step(
        named["rule"],
        bool(values["matched"]),
        named.get("evidence", ""),
        named.get("stage", "program"),
        named.get("error", ""),
        part=int(values.get("part", 0)),
    )


def answers_document(answers: tuple[Answer, ...]) -> str:
    """Return the answers of the rules as JSON; `answers_of` reads it."""
    return _ANSWERS.dump_json(answers).decode()


def answers_of(document: str) -> tuple[Answer, ...]:
    """Return the answers that `answers_document` wrote."""
    return _ANSWERS.validate_json(document)


def effects_document(effects: tuple[Effect, ...]) -> str:
    """Return effects as JSON: objects whose `effect` is the name of the class."""
    named = [{"effect": type(effect).__name__, **dataclasses.asdict(effect)} for effect in effects]
    return json.dumps(named, ensure_ascii=False)


def effects_of(document: str) -> tuple[Effect, ...]:
    """Return the effects that `effects_document` wrote; those that this program does not know are left out."""
    named = ((values.pop("effect", ""), values) for values in _EFFECTS.validate_json(document or "[]"))
    return tuple(_EFFECT[name].validate_python(values) for name, values in named if name in _EFFECT)


def pairs_document(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return pairs of texts as JSON; `pairs_of` reads it."""
    return _PAIRS.dump_json(pairs).decode() if pairs else "[]"


def pairs_of(document: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs that `pairs_document` wrote."""
    return _PAIRS.validate_json(document)


def texts_document(texts: tuple[str, ...]) -> str:
    """Return texts as JSON; `texts_of` reads it."""
    return _TEXTS.dump_json(texts).decode()


def texts_of(document: str) -> tuple[str, ...]:
    """Return the texts that `texts_document` wrote."""
    return _TEXTS.validate_json(document)


def whole_document(whole: Whole) -> str:
    """Return what a cut ticket was before as JSON; `whole_of` reads it."""
    return _WHOLE.dump_json(whole).decode()


def whole_of(document: str) -> Whole:
    """Return what `whole_document` wrote."""
    return _WHOLE.validate_json(document)
