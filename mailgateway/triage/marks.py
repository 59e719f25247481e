"""The words and headers by which automatic mail gives itself away: data (phrases/machines.toml), no code.

Everything is in lower case; phrases are compared with white space collapsed and with plain apostrophes.
"""

from mailgateway.parsers.bounce import BOUNCERS, SUBJECTS
from mailgateway.parsers.bounce_names import SYSTEM_NAMES
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("machines")

RESPONDER_MARKS = _TABLES["headers"]["responders"]
"""Headers that vendors' responders put on their answers; any value but "no", "false" and "0" is the mark."""

PROGRAM_MARKS = _TABLES["headers"]["programs"]
"""Headers of programs that speak up by themselves."""

CHALLENGE_MARKS = _TABLES["headers"]["challengers"]
"""Headers of filters that ask the sender to prove to be a person."""

RESPONDER_VALUES = (
    ("x-post-messageclass", "autoresponder"),
    ("delivered-to", "autoresponder"),
    ("x-precedence", "auto_reply"),
    ("precedence", "auto_reply"),
    ("precedence", "auto-reply"),
    ("x-ms-exchange-generated-message-source", "mailbox rules agent"),
    ("x-mailer", "autoresponder"),
    ("x-mailer", "auto-reply"),
    ("user-agent", "vacation"),
)
"""(header, words in its value) by which other responders show."""

BOUNCER_NAMES = BOUNCERS
"""Local parts of mail systems that write bounces and nothing else."""

DAEMON_NAMES = SYSTEM_NAMES
"""Local parts of mail systems themselves (RFC 5321 section 4.5.1, RFC 2142)."""

NOREPLY_WORDS = _TABLES["noreply"]["any"]
"""What a local part contains, once its punctuation is gone, when nobody reads answers."""

BOUNCE_SUBJECTS = SUBJECTS
"""What the subject of a bounce contains; believed only of a mail system or under a null Return-Path."""

EXCHANGE_SUBJECTS = all_of(_TABLES["exchange_subjects"])
"""How the subjects of Exchange's absence replies begin."""

ABSENCE_SUBJECTS = all_of(_TABLES["absence_subjects"])
"""How the subjects of other absence replies begin."""

ABSENCE_HINTS = all_of(_TABLES["absence_hints"])
"""The same as far as people write it too."""

AUTOMATIC_SUBJECTS = all_of(_TABLES["automatic_subjects"])
"""How the subjects of other automatic answers begin."""

ABSENCE_WORDS = all_of(_TABLES["absence_words"])
"""What the text of an absence reply says."""

RECEIVED_WORDS = all_of(_TABLES["received_words"])
"""What the text of other automatic answers says."""

AUTOMATIC_WORDS = all_of(_TABLES["automatic_words"])
"""How a line begins that says that a machine wrote it."""

CHALLENGE_SUBJECTS = all_of(_TABLES["challenge_subjects"])
"""What the subject of a challenge contains."""

CHALLENGE_WORDS = all_of(_TABLES["challenge_words"])
"""What the text of a challenge says."""

RECEIPT_SUBJECTS = all_of(_TABLES["receipt_subjects"])
"""How the subject of a receipt begins."""

RECEIPT_OBJECTS = all_of(_TABLES["receipt_objects"])
"""What a receipt calls the mail it is about."""

RECEIPT_WORDS = all_of(_TABLES["receipt_words"])
"""What the text of a receipt says."""

SPAM_MARKS = (
    ("x-spam-flag", "yes"),
    ("x-spam-status", "yes"),
    ("x-spam", "yes"),
)
"""(header, how its value begins) that filters put on what they take for spam."""

HIGH_SCL = 5
"""From this spam confidence level on Exchange treats a mail as spam."""
