"""Facts of mails that can be cut, and the rule that cuts them: what tests of cut mails begin with."""

from collections.abc import Mapping

from mailgateway.model.decision import Decision, Fact
from mailgateway.model.effects import Effect, OpenTicket
from tests.rules.rulesets import ON_A_TICKET

SPLIT = """
[[rule]]
id = "several"
when.list.items = { at_least = 2 }
split = "one ticket per item"
tag = "of-a-cut-mail"
"""
SPLIT_REPLY = SPLIT.replace('id = "several"', 'id = "reply-several"\non = "reply"')
THREE = ("Printer is on fire.", "Please send the invoice.", "Where is the manual?")


def items(*texts: str, **facts: Fact) -> dict[str, Fact]:
    """Return the facts of a mail with these items, announced; more facts are named with `__` for the dot."""
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return {
        "text": "\n".join(("Several things", "", "Hello, several things:", *texts)),
        "subject": "Several things",
        "list.kind": "numbered",
        "list.items": len(texts),
        "list.lead_in": "Hello, several things:",
        "list.item_titles": tuple(text.split(".")[0] for text in texts),
        "list.item_texts": texts,
        "list.item_files": ("",) * len(texts),
        "list.shared_text": "Hello, several things:",
        **named,
    }


def of_reply(*texts: str, **facts: Fact) -> dict[str, Fact]:
    """Return the facts of a reply with these items, on an open ticket."""
    named: Mapping[str, Fact] = {**ON_A_TICKET, "sender.role": "requester"}
    return {**items(*texts), **named, **{name.replace("__", "."): value for name, value in facts.items()}}


def opened(decision: Decision) -> list[OpenTicket]:
    return [effect for effect in decision.effects if isinstance(effect, OpenTicket)]


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [type(effect).__name__ for effect in effects]
