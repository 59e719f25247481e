"""What wrote a message that came through a channel: the person inside is looked at, not the robot that carried them.

Carriers look like machines (noreply senders, Auto-Submitted, List-Id, a null Return-Path). Of a form or a chat only
what our own mail server says of spam counts; of a mailing group's copy everything but the group's own headers.
"""

from dataclasses import replace

from mailgateway.model.message import Classification, Message, MessageKind, Through
from mailgateway.model.people import Authentication
from mailgateway.triage.classify import classify
from mailgateway.triage.marks import SPAM_MARKS

_VERDICTS = frozenset({
    *(name for name, _ in SPAM_MARKS), "x-ms-exchange-organization-scl", "x-forefront-antispam-report",
})  # fmt: skip
_BULK = frozenset({"list", "bulk"})
_OF_GROUPS = frozenset({"mailing-list", "x-mailing-list", "x-google-group-id", "x-loop", "x-beenthere"})


def classify_through(
    message: Message, own_addresses: frozenset[str], authentication: Authentication = Authentication.NONE
) -> Classification:
    """Return what wrote a message; like `classify` where it came through no channel.

    A visitor of a form or a chat is a person whatever they typed; where that looks like a machine's or our own
    address, no answer is sent to it.

    Args:
        message: As `parsers.originator.through_channel` returns it.
        own_addresses: Every address of the gateway, in lower case.
        authentication: What our own mail server said of From.
    """
    if message.relay is None:
        return classify(message, own_addresses, authentication)
    inside = classify(_inside(message), own_addresses, authentication)
    if message.relay.through is Through.LIST or inside.kind is MessageKind.PERSON:
        return inside
    return Classification(MessageKind.PERSON, "", inside.no_answer)


def _inside(message: Message) -> Message:
    """Return the message without what its carrier put on it."""
    if message.relay is not None and message.relay.through is Through.LIST:
        kept = [
            (name, value)
            for name, value in message.headers
            if not (name in _OF_GROUPS or name.startswith("list-") or (name == "precedence" and value.lower() in _BULK))
        ]
    else:
        kept = [(name, value) for name, value in message.headers if name in _VERDICTS]
    return replace(message, headers=tuple(kept), return_path=None)
