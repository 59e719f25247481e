"""What people write: letters put together from the sentences of languages/*.toml, the same for the same name."""

import json
import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((HERE / "languages").glob("*.toml"))
}
DATES = (datetime(2026, 11, 2), datetime(2026, 11, 19), datetime(2026, 3, 3), datetime(2026, 9, 11))  # noqa: DTZ001 -- put in UTC below
AGENTS = (
    ("Acme Support", "support@acme.example"),
    ("Lena Holm (Acme Support)", "support+t1042.k7qm3zpa@acme.example"),
    ("Lena Holm via Acme Support, second level", "support@helpdesk.acme.example"),
    ("Support", "help@acme.example"),
)
NO_SPACES = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes."""

    name: str
    address: str
    signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply before any program has dressed it.

    Attributes:
        key: The mail's file name; all chance hangs on it.
        tongue: The language's code.
        words: The language's table.
        above: The author's paragraphs above the quote.
        thread: ("quote" or "new", paragraph) in order.
        below: The author's paragraphs below the quote.
        bye: Closing formula and name.
        quoted_at: When the quoted mail was written.
    """

    key: str
    tongue: str
    words: dict[str, Any]
    person: Person
    agent: tuple[str, str]
    subject: str
    above: tuple[str, ...]
    thread: tuple[tuple[str, str], ...]
    below: tuple[str, ...]
    bye: tuple[str, ...]
    quoted_at: datetime

    @property
    def at(self) -> datetime:
        """When the reply was written."""
        return self.quoted_at + timedelta(hours=27, minutes=len(self.key))

    @property
    def own(self) -> tuple[str, ...]:
        """The author's paragraphs in their order, without closing and signature."""
        return (*self.above, *(text for kind, text in self.thread if kind == "new"), *self.below)

    def said(self, form: str) -> str:
        """Return an attribution line or date of the language, filled in."""
        return self.words[form].format_map(moments(self))

    def marked(self, label: str) -> str:
        """Return a header label such as `From:` in the letter's language."""
        return str(self.words["labels"][label])


def letter(key: str, tongue: str, position: str) -> Letter:
    """Return a letter in a language.

    Args:
        key: The mail's file name.
        tongue: A language's code.
        position: Where the author writes: top, bottom or inline.
    """
    words, chance = LANGUAGES[tongue], random.Random(key)  # noqa: S311 -- test mails
    person = _person(words, chance)
    hello, body = chance.choice(words["hello"]), [_filled(text, chance) for text in chance.sample(words["body"], 4)]
    asked = chance.sample(range(4), 3)
    agent_says = [words["agent_hello"], _filled(words["agent_text"], chance)]
    written = _paragraphs(hello, body, tongue, chance)
    if position == "inline":
        thread = [("quote", text) for text in agent_says]
        for at in asked:
            thread += [("quote", words["questions"][at]), ("new", _filled(words["answers"][at], chance))]
        above, below = ((hello,) if chance.random() < 0.5 else ()), (body[:1] if chance.random() < 0.5 else [])
        thread += [("quote", words["agent_bye"])] if not below or chance.random() < 0.5 else []
    else:
        thread = [
            ("quote", text) for text in (*agent_says, *(words["questions"][at] for at in asked), words["agent_bye"])
        ]
        above, below = (written, ()) if position == "top" else ((), written)
    return Letter(
        key, tongue, words, person, chance.choice(AGENTS), chance.choice(words["subjects"]),
        tuple(above), tuple(thread), tuple(below), (chance.choice(words["bye"]), person.name.split(" ")[0]),
        chance.choice(DATES).replace(hour=chance.randint(8, 11), minute=chance.randint(10, 59), tzinfo=UTC),
    )  # fmt: skip


def _person(words: dict[str, Any], chance: random.Random) -> Person:
    name, local, domain, company, title, phone = chance.choice(words["people"]).split("|")
    number = phone.replace("{n}", str(chance.randint(101, 199)))
    return Person(name, f"{local}@{domain}", (name, title, company, f"Tel. {number}", f"www.{domain}"))


def _paragraphs(hello: str, body: list[str], tongue: str, chance: random.Random) -> tuple[str, ...]:
    glue = "" if tongue in NO_SPACES else " "
    groups = chance.choice((([0, 1], [2, 3]), ([0], [1], [2, 3]), ([0, 1, 2, 3],), ([0],)))
    texts = tuple(glue.join(body[at] for at in group) for group in groups)
    return (hello, *texts) if chance.random() < 0.8 else texts


def _filled(text: str, chance: random.Random) -> str:
    return text.replace("{n}", str(chance.randint(1021, 9889)))


def moments(written: Letter, tongue: str = "") -> dict[str, str]:
    """Return what attribution lines are filled with: the quoted mail's date in all forms, its author.

    Args:
        written: The letter.
        tongue: The program's language, "" for the letter's.
    """
    at, words = written.quoted_at, LANGUAGES[tongue or written.tongue]
    which = [date.date() for date in DATES].index(at.date())
    weekday, short_weekday = words["weekdays"][which].split("/")
    month, short_month = words["months"][{11: 0, 3: 1, 9: 2}[at.month]].split("/")
    ordinal = {2: "2nd", 3: "3rd"}.get(at.day, f"{at.day}th")
    return {
        "Wl": weekday, "Ws": short_weekday, "Wc": weekday.capitalize(), "Ml": month, "Ms": short_month,
        "d": str(at.day), "dd": f"{at.day:02}", "m": str(at.month), "mm": f"{at.month:02}", "o": ordinal,
        "Y": str(at.year), "y": f"{at.year % 100:02}", "H": f"{at.hour:02}", "h": str(at.hour), "M": f"{at.minute:02}",
        "ampm": "AM", "name": written.agent[0], "addr": written.agent[1],
    }  # fmt: skip


def truth(written: Letter, *, bye: tuple[str, ...], signature: tuple[str, ...] = ()) -> dict[str, object]:
    """Return what a careful person reads in a reply.

    Args:
        written: The letter.
        bye: The closing lines that stand in the mail: part of the text or of the signature, both are right.
        signature: Unmarked signature lines below them whose first is the name.
    """
    own = "\n\n".join(written.own)
    ends = ["\n".join(bye[:count]) for count in range(1, len(bye) + 1)]
    if signature:
        ends.append("\n".join((*bye, signature[0])))
    also = [f"{own}\n\n{end}" for end in ends]
    answers = [
        {"question": written.thread[at - 1][1], "answer": text}
        for at, (kind, text) in enumerate(written.thread)
        if kind == "new"
    ]
    found: dict[str, object] = {
        "kind": "person", "from": {"name": written.person.name, "address": written.person.address},
        "text": own, "text_also": also, "own": list(written.own), "attachments": [],
    }  # fmt: skip
    if answers:
        found["pairs"] = answers
    if len(own) > (40 if written.tongue in (*NO_SPACES, "ko") else 90):
        found["language"] = written.tongue
    return found


def dumped(found: dict[str, object]) -> bytes:
    """Return the expectation as it is written to its file."""
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
