"""What a parsed mail is, before anything is looked up: whose words it holds, what wrote it, in which language."""

from dataclasses import dataclass, replace

from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.parsers.language import Likelihoods, language_of
from mailgateway.parsers.originator import Here, look_alike, through_channel
from mailgateway.triage.inside import classify_through


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a mail is understood with.

    Attributes:
        here: Ourselves and the configured channels; None where no configuration is known.
        languages: BCP 47 tags of those that may be found.
        likelihoods: The language model, None where no language is detected.
    """

    here: Here | None
    languages: tuple[str, ...] = ("en",)
    likelihoods: Likelihoods | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A message with what it is.

    Attributes:
        message: As the person inside wrote it where it came through a channel, with its language.
        classification: What wrote it.
        authentication: How far the author's address can be believed; what a carrier proves is not the author's.
    """

    message: Message
    classification: Classification
    authentication: Authentication


def understood(message: Message, authentication: Authentication, around: Surroundings) -> Understood:
    """Return what a message is.

    Channels come first: their carriers look like machines, and it is the person inside who is classified. A forged
    carrier is no channel.

    Args:
        message: The parsed mail.
        authentication: What our own mail server said of From.
        around: Ourselves, languages.
    """
    if around.here is None:
        message = look_alike(message)
    elif authentication is not Authentication.FAIL:
        message = through_channel(message, around.here)
    if message.relay:
        authentication = Authentication.NONE
    own_addresses = around.here.own_addresses if around.here else frozenset[str]()
    classification = classify_through(message, own_addresses, authentication)
    if around.likelihoods is not None and classification.kind is MessageKind.PERSON:
        found = language_of(message.body.text, around.languages, around.likelihoods)
        message = replace(message, language=found)
    return Understood(message, classification, authentication)
