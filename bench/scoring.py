"""How well a mail was read: what `mail show --json` prints against what a careful person reads in it. Pure.

A measure looks at one expectation and one reading and returns hits and tries; (0, 0) where the expectation says
nothing on it.
A key that is missing in the reading is a miss, never an error.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]
Score: TypeAlias = tuple[int, int]
NOTHING: Score = (0, 0)

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
KINDS = {
    "challenge_response": "challenge",
    "feedback_report": "feedback",
    "complaint": "feedback",
    "abuse_report": "feedback",
}
"""Other names of a kind that mean the same."""
SAME_LANGUAGE = {"nb": "no", "nn": "no"}
LOST_BELOW = 0.5
Z = 1.959964  # of the 95 % interval


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share, (0, 1) where nothing was tried."""
    if not tries:
        return 0.0, 1.0
    share, square = hits / tries, Z * Z / tries
    middle = (share + square / 2) / (1 + square)
    half = Z * math.sqrt(share * (1 - share) / tries + square / (4 * tries)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def folded(text: object) -> str:
    """Return text with white space folded, composed and without zero-width characters; "" for anything but text."""
    return " ".join(unicodedata.normalize("NFC", text).translate(ZERO_WIDTH).split()) if isinstance(text, str) else ""


def dig(value: object, *names: str) -> object:
    """Return what lies under the names, None where a step is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def rows(value: object) -> list[Json]:
    """Return the objects of a list, [] for anything else."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def kind(value: object) -> str:
    """Return a kind under its one name."""
    return KINDS.get(str(value), str(value))


def own_lines(expected: Json) -> list[str]:
    """Return the author's lines that must not be lost, folded."""
    own = expected.get("own")
    lines = (line for block in own for line in str(block).split("\n")) if isinstance(own, list) else ()
    return [folded(line) for line in lines if folded(line)]


def _kept(expected: Json, shown: Json) -> list[str]:
    text = folded(shown.get("text"))
    return [line for line in own_lines(expected) if line in text]


def exact(expected: Json, shown: Json) -> Score:
    """Measure: the new text is exactly right; closing and name may stand in it or in the signature."""
    if "text" not in expected:
        return NOTHING
    also = expected.get("text_also")
    right = {folded(text) for text in (expected["text"], *(also if isinstance(also, list) else ()))}
    return int("text" in shown and folded(shown["text"]) in right), 1


def lines_kept(expected: Json, shown: Json) -> Score:
    """Measure: how many of the author's own lines are in the new text."""
    return len(_kept(expected, shown)), len(own_lines(expected))


def not_lost(expected: Json, shown: Json) -> Score:
    """Measure: at least half of the author's letters are in the new text."""
    lines = own_lines(expected)
    if not lines:
        return NOTHING
    return int(sum(map(len, _kept(expected, shown))) >= LOST_BELOW * sum(map(len, lines))), 1


def kind_right(expected: Json, shown: Json) -> Score:
    """Measure: the kind."""
    if "kind" not in expected:
        return NOTHING
    also = expected.get("kind_also")
    right = {kind(each) for each in (expected["kind"], *(also if isinstance(also, list) else ()))}
    return int(kind(shown.get("kind")) in right), 1


def person_is_person(expected: Json, shown: Json) -> Score:
    """Measure: a person is not called a machine."""
    return (int(shown.get("kind") == "person"), 1) if expected.get("kind") == "person" else NOTHING


def machine_is_machine(expected: Json, shown: Json) -> Score:
    """Measure: a machine of any kind is not called a person, who would be answered."""
    if expected.get("kind") in {"person", None}:
        return NOTHING
    return int(shown.get("kind") not in {"person", None}), 1


def traced(expected: Json, shown: Json) -> Score:
    """Measure: a bounce's recipients are found, no other is named, and each is rightly permanent or not."""
    wanted = _recipients(expected)
    return (int(_recipients(shown) == wanted), 1) if wanted else NOTHING


def _recipients(reading: Json) -> dict[str, object]:
    return {
        str(row.get("recipient")).lower(): row.get("permanent") for row in rows(dig(reading, "bounce", "recipients"))
    }


def status_right(expected: Json, shown: Json) -> Score:
    """Measure: the status code of a bounce, where its report has one."""
    wanted, found = (
        {row.get("status") for row in rows(dig(each, "bounce", "recipients"))} for each in (expected, shown)
    )
    return NOTHING if wanted <= {None} else (int(found == wanted), 1)


def our_mail(expected: Json, shown: Json) -> Score:
    """Measure: which of our mails bounced."""
    return _same(expected, shown, "bounce", "original_message_id")


def originator(expected: Json, shown: Json) -> Score:
    """Measure: the address of the person inside: of a form, a chat, a list copy, a forward's original."""
    if "originator" in expected:
        return _same(expected, shown, "originator", "address")
    return _same(expected, shown, "forwarded", "from", "address")


def original_text(expected: Json, shown: Json) -> Score:
    """Measure: the text of what was forwarded."""
    return _same(expected, shown, "forwarded", "text")


def form(expected: Json, shown: Json) -> Score:
    """Measure: name, address and message of a contact form, all three."""
    if not isinstance(expected.get("form"), Mapping):
        return NOTHING
    return int(all(_same(expected, shown, "form", name)[0] for name in ("name", "address", "message"))), 1


def chat(expected: Json, shown: Json) -> Score:
    """Measure: a chat's visitor and the number of turns that people took."""
    if not isinstance(expected.get("chat"), Mapping):
        return NOTHING
    turns = [turn for turn in rows(dig(shown, "chat", "turns")) if turn.get("role") != "system"]
    visitor = _same(expected, shown, "chat", "visitor", "address")[0]
    return int(bool(visitor) and len(turns) == dig(expected, "chat", "turns")), 1


def answered(expected: Json, shown: Json) -> Score:
    """Measure: how many answers stand with the question they answer; more of the quote may stand before it."""
    found = [(folded(row.get("question")), folded(row.get("answer"))) for row in rows(shown.get("pairs"))]
    wanted = [(folded(row.get("question")), folded(row.get("answer"))) for row in rows(expected.get("pairs"))]
    hits = sum(any(question in asked and answer in said for asked, said in found) for question, answer in wanted)
    return hits, len(wanted)


def subject(expected: Json, shown: Json) -> Score:
    """Measure: the decoded subject."""
    return _same(expected, shown, "subject")


def sender(expected: Json, shown: Json) -> Score:
    """Measure: name and address of From."""
    if "from" not in expected:
        return NOTHING
    return int(_same(expected, shown, "from", "address")[0] and _same(expected, shown, "from", "name")[0]), 1


def attached(expected: Json, shown: Json) -> Score:
    """Measure: names and types of all attachments, images that the body shows left out."""
    if "attachments" not in expected:
        return NOTHING
    found = Counter(_file(row) for row in rows(shown.get("attachments")) if not row.get("inline"))
    right = isinstance(shown.get("attachments"), list) and found == Counter(map(_file, rows(expected["attachments"])))
    return int(right), 1


def _file(row: Json) -> tuple[str, str]:
    return folded(row.get("name")), str(row.get("content_type"))


def inline_images(expected: Json, shown: Json) -> Score:
    """Measure: images that the body shows are told from attachments."""
    if "inline" not in expected:
        return NOTHING
    return int(
        [row.get("name") for row in rows(shown.get("attachments")) if row.get("inline")] == expected["inline"]
    ), 1


def language(expected: Json, shown: Json) -> Score:
    """Measure: the language of the new text, by its first subtag."""
    if "language" not in expected:
        return NOTHING
    first, second = (str(each.get("language")).split("-")[0].lower() for each in (expected, shown))
    return int(SAME_LANGUAGE.get(first, first) == SAME_LANGUAGE.get(second, second)), 1


def absent(expected: Json, shown: Json) -> Score:
    """Measure: the dates of an absence, those that the mail gives."""
    wanted = expected.get("absent")
    if not isinstance(wanted, Mapping):
        return NOTHING
    return int(all(str(dig(shown, "absent", name))[:10] == value for name, value in wanted.items())), 1


def _same(expected: Json, shown: Json, *names: str) -> Score:
    wanted = dig(expected, *names)
    return NOTHING if wanted is None else (int(folded(dig(shown, *names)).lower() == folded(wanted).lower()), 1)


MEASURES: dict[str, tuple[str, Callable[[Json, Json], Score]]] = {
    "exact": ("new text exactly right", exact),
    "kept": ("author's own lines kept", lines_kept),
    "not_lost": ("half of the author's text kept", not_lost),
    "pairs": ("answers with their question", answered),
    "kind": ("kind right", kind_right),
    "person": ("persons called persons", person_is_person),
    "machine": ("machines called machines", machine_is_machine),
    "traced": ("bounces traced", traced),
    "status": ("bounce status codes", status_right),
    "our_mail": ("bounce: our mail found", our_mail),
    "originator": ("originators found", originator),
    "forwarded": ("forwarded text", original_text),
    "form": ("contact forms read", form),
    "chat": ("chats read", chat),
    "subject": ("subjects", subject),
    "sender": ("senders", sender),
    "attached": ("attachments", attached),
    "inline": ("inline images told apart", inline_images),
    "language": ("languages", language),
    "absent": ("dates of absences", absent),
}
"""Key, words and function of each measure, in the order they are printed."""
