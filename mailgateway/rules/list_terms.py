"""The words on the items that were found in a mail."""

from mailgateway.model.segments import APART, LEFT_ALONE, ListKind
from mailgateway.rules.terms import FactType, Term

_TEXT, _NAME, _NUMBER = FactType.TEXT, FactType.NAME, FactType.NUMBER

LIST_TERMS: tuple[Term, ...] = (
    Term(
        "list.kind",
        _NAME,
        "What sets the items of a list in the mail apart; unknown where there are none.",
        'when.list.kind = ["numbered", "headings"]',
        tuple(kind.value for kind in ListKind),
    ),
    Term("list.items", _NUMBER, "How many items the list has.", "when.list.items = { at_least = 2, at_most = 12 }"),
    Term("list.lead_in", _TEXT, "The words just before the list.", 'when.list.lead_in.mentions = "@announces-issues"'),
    Term(
        "list.shortest_item_words",
        _NUMBER,
        "How many words the shortest item has.",
        "when.list.shortest_item_words = { at_least = 4 }",
    ),
    Term(
        "list.longest_item_words",
        _NUMBER,
        "How many words the longest item has.",
        "when.list.longest_item_words = { at_most = 200 }",
    ),
    Term("list.questions", _NUMBER, "How many items ask something.", "when.list.questions = { at_least = 2 }"),
    Term(
        "list.problems",
        _NUMBER,
        "How many items say that something does not work or is missing.",
        "when.list.problems = { at_least = 2 }",
    ),
    Term(
        "list.requests",
        _NUMBER,
        "How many items ask for something to be done.",
        "when.list.requests = { at_least = 2 }",
    ),
    Term(
        "list.plain_items",
        _NUMBER,
        "How many items are neither question, problem nor request.",
        "when.list.plain_items = 0",
    ),
    Term(
        "list.overlap",
        _NUMBER,
        "How many of a hundred words the two likest items share.",
        "when.list.overlap = { at_most = 40 }",
    ),
    Term(
        "list.apart",
        _NAME,
        "How it is known that the items are several matters; unknown where it is not.",
        'when.list.apart = ["said", "announced"]',
        APART,
    ),
    Term(
        "list.score",
        _NUMBER,
        "How much speaks for several matters, in points: 0 is even, ten more are about three times as likely.",
        "when.list.score = { at_least = 16 }",
    ),
    Term(
        "list.left_alone",
        _NAME,
        "Why the items are probably one matter; unknown where nothing speaks for it.",
        'when.list.left_alone = ["steps", "symptoms"]',
        LEFT_ALONE,
    ),
    Term(
        "list.files",
        _NUMBER,
        "How many items name a file of their own.",
        "when.list.files = { at_least = 1 }",
    ),
)
"""Every fact on items, in the order of the documentation."""
