"""What is said of texts in config.toml that do not have the form of their key."""

from mailgateway.config import models
from mailgateway.config.models import Config
from mailgateway.diagnostics.faults import NAME_FORM, Form

_SHAPES = {
    models.ADDRESS_FORM: (
        "not a mail address",
        "write it as name@example.org, without a display name and angle brackets",
    ),
    NAME_FORM: ("not a short name", "small letters, digits, - and _; the first is a letter or a digit"),
    models.LINE_FORM: ("not on one line", "line ends, tabs and other control characters cannot stand here"),
    models.HOST_FORM: ("not a host name", "write the bare name or address, without protocol, user or path"),
    models.DOMAIN_FORM: ("not a domain", "letters, digits, - and dots, such as support.example.org"),
    models.PREFIX_FORM: (
        "not a ticket prefix",
        "capital letters and digits, a letter first, 10 characters at most, such as SUP",
    ),
    models.LANGUAGE_FORM: ("not a language tag", "write a tag such as en, de or pt-BR (BCP 47)"),
    models.VARIABLE_FORM: (
        "not the name of an environment variable",
        "letters, digits and _; the password itself does not stand here",
    ),
}

FORM = Form(Config, "the configuration", _SHAPES)
"""What config.toml should look like."""
