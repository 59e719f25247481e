"""The tables of config.toml as immutable values, with units, limits and defaults.

Every docstring below is the text of the reference (docs/configuration.md) and of the JSON Schema.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from mailgateway.diagnostics.faults import CROSS_CHECK, NAME_FORM
from mailgateway.diagnostics.fields import Section
from mailgateway.model.people import Agent

ADDRESS_FORM = r"^[^@\s<>,;:\"()\x00-\x1f\x7f]+@[^@\s<>,;:\"()\x00-\x1f\x7f]+$"
LINE_FORM = r"^[^\x00-\x1f\x7f]*$"
HOST_FORM = r"^[^\x00-\x20\x7f/@]+$"
DOMAIN_FORM = r"^[A-Za-z0-9.-]+$"
PREFIX_FORM = r"^[A-Z][A-Z0-9]{0,9}$"
VARIABLE_FORM = r"^([A-Za-z_][A-Za-z0-9_]*)?$"
LANGUAGE_FORM = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

MailAddress = Annotated[str, StringConstraints(pattern=ADDRESS_FORM, max_length=254)]
Name = Annotated[str, StringConstraints(pattern=NAME_FORM, max_length=40)]
Line = Annotated[str, StringConstraints(pattern=LINE_FORM)]
"""Text on one line. It ends up in headers, paths and logs, so control characters are refused."""
FILE_MARK = "file"
FileName = Annotated[Line, FILE_MARK]
"""A file or folder. `adapters.files` makes it absolute: relative ones start at the configuration file."""
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_FORM, max_length=35)]
Host = Annotated[str, StringConstraints(pattern=HOST_FORM)]
Security = Literal["tls", "starttls", "none"]


class Secret(Section):
    """Where a password comes from: the environment or a file, never the configuration itself."""

    password_env: str = Field(default="", pattern=VARIABLE_FORM)
    """Name of the environment variable that holds the password."""
    password_file: FileName = ""
    """File whose first line is the password; relative to the configuration file. Nobody else should be able to read
    it."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.password_env and self.password_file:
            raise PydanticCustomError(CROSS_CHECK, "give password_env or password_file, not both")
        return self


class ServerAccess(Secret):
    """How to reach a mail server."""

    host: Host
    """Host name or address; the certificate must name it."""
    security: Security = "tls"
    """`tls` from the first byte, `starttls` before the login (never falls back to clear text), or `none`
    (for a server on this machine)."""
    ca_file: FileName = ""
    """PEM file of the authorities to trust instead of the system's; relative to the configuration file."""
    user: Line = ""
    """Login name; empty for no login (SMTP only)."""
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    """Seconds without an answer until the connection counts as lost."""


class ImapAccess(ServerAccess):
    """The account a mailbox is polled from."""

    port: int = Field(default=993, ge=1, le=65535)
    """993 for `tls`, 143 for `starttls` and `none` as a rule."""
    idle: bool = True
    """Use IDLE where the server has it."""
    poll_every_s: float = Field(default=60.0, ge=0.1, le=3600)
    """Seconds between two looks at every folder, also while IDLE waits."""


class SmtpAccess(ServerAccess):
    """The relay that takes outgoing mail."""

    port: int = Field(default=465, ge=1, le=65535)
    """465 for `tls`, 587 for `starttls`, 25 for `none` as a rule."""
    per_minute: int = Field(default=0, ge=0, le=1_000_000)
    """At most so many mails a minute; 0 for no cap."""
    null_sender: bool = True
    """Whether the relay takes the null envelope sender (RFC 3834 section 3.3 wants it on acknowledgements)."""


class FolderConfig(Section):
    """A folder to poll."""

    name: Line = Field(min_length=1)
    """The folder's name on the server."""
    acknowledge: bool = True
    """Whether mails found here are answered; false for Junk."""


class MailboxConfig(Section):
    """One support address and the account behind it."""

    name: Name
    """Short name, unique: it stands in the log and in the rules."""
    address: MailAddress
    """The support address: replies come from it."""
    display_name: Line = ""
    """The name customers see; the site's where empty."""
    aliases: tuple[MailAddress, ...] = ()
    """Other addresses that lead to the same account; mail from any of them is our own."""
    plus_addressing: bool = False
    """Whether mail to `local+anything@domain` arrives here too (`mailgateway doctor` asks the relay)."""
    folders: tuple[FolderConfig, ...] = Field(default=(FolderConfig(name="INBOX"),), min_length=1)
    """The folders to poll, the first of them with IDLE."""
    processed_folder: Line = Field(default="Processed", min_length=1)
    """Where mails go once they are safe here."""
    set_aside_folder: Line = Field(default="Set aside", min_length=1)
    """Where mails go that a person must look at."""
    oversize_folder: Line = Field(default="Oversize", min_length=1)
    """Where mails over `limits.mail_bytes` stay whole."""
    quiet_before: AwareDatetime | None = None
    """Mails that arrived earlier become tickets without any answer (quiet start)."""
    authserv_id: Line = ""
    """The id of our own server in Authentication-Results (RFC 8601); no verdict is believed where empty. `"-"` is for
    a server that writes its field without an id (Exchange Online): the topmost field counts, so it must be its own."""
    imap: ImapAccess
    """The account."""

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address of this mailbox, in lower case."""
        return frozenset(address.lower() for address in (self.address, *self.aliases))


class SiteConfig(Section):
    """The words of this site."""

    name: Line = Field(default="Support", min_length=1)
    """The name that customers see beside the address."""
    host: str = Field(default="localhost", pattern=DOMAIN_FORM)
    """The right side of our Message-IDs; your mail domain as a rule."""
    ticket_prefix: str = Field(default="SUP", pattern=PREFIX_FORM)
    """What stands before the number in a ticket ID: `[SUP-1042-QX]`."""
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    """The languages your customers write in, as tags such as `en`, `de` or `pt-BR`: one of them is found in each mail,
    and answers are in it where there are templates. With one language alone none is looked for."""
    templates: FileName = ""
    """Folder whose templates come before the shipped ones; relative to the configuration file."""


class LabelsConfig(Section):
    """What the fields of a contact form are called in its mails, besides the usual words of many languages."""

    name: tuple[Line, ...] = ()
    """The visitor's name."""
    address: tuple[Line, ...] = ()
    """The visitor's mail address."""
    company: tuple[Line, ...] = ()
    """The visitor's organisation."""
    subject: tuple[Line, ...] = ()
    """What it is about, in one line."""
    message: tuple[Line, ...] = ()
    """What the visitor has to say."""


class ChannelConfig(Section):
    """A robot that brings people's words: its mails become tickets of the person inside, who gets the answer."""

    name: Name
    """Short name, unique: it stands in the log and in the notices."""
    kind: Literal["form", "chat", "list"]
    """`form` for the contact form of a web site, `chat` for conversations that a chat service sends, `list` for copies
    from a mailing group that writes itself into From."""
    addresses: tuple[MailAddress, ...] = ()
    """What From says in its mails; `*@domain` for every address of a domain."""
    list_ids: tuple[Line, ...] = ()
    """What List-Id says in its mails, the part between angle brackets."""
    labels: LabelsConfig = LabelsConfig()
    """What the fields of the form are called."""
    operators: tuple[Line, ...] = ()
    """The names under which you speak in the chat; the names of the agents are known."""

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        if not self.addresses and not self.list_ids:
            raise PydanticCustomError("channel_from", "give addresses or list_ids: nothing else tells its mails")
        return self


class RulesConfig(Section):
    """The rule files that decide: where a mail goes, how urgent it is, what is counted and answered."""

    folder: FileName = ""
    """Folder with the rule files; relative to the configuration file. Empty for the shipped rules;
    `mailgateway rules init` writes a folder to begin with."""
    source: Literal["folder", "git"] = "folder"
    """`folder` reads the files as they are, `git` from the last commit of the repository that the folder is in."""
    notify_roles: tuple[Name, ...] = ("admin",)
    """Every agent with one of these roles gets a mail when rule files are refused or a rule keeps failing; where nobody
    has one, those of `notify.roles` do."""


class StateConfig(Section):
    """Where the gateway keeps what it knows."""

    folder: FileName = Field(default="state", min_length=1)
    """Everything below lies here unless it says otherwise; relative to the configuration file."""
    database: Line = ""
    """SQLAlchemy URL, such as `postgresql+psycopg://gateway@db/gateway`; empty for SQLite in the folder.
    The password comes from PGPASSWORD or PGPASSFILE."""
    blobs: FileName = ""
    """Folder for large mails and attachments; empty for `blobs` in the folder. Several daemons must share it."""
    keyring: FileName = ""
    """File with the signing keys; empty for `keyring` in the folder. Several daemons must share it."""


class LimitsConfig(Section):
    """How much is taken in at once."""

    mail_bytes: int = Field(default=64 * 1024 * 1024, ge=64 * 1024, le=2 * 1024**3)
    """A larger mail (in bytes) becomes a ticket from its beginning alone; the whole stays in the Oversize folder."""
    row_bytes: int = Field(default=256 * 1024, ge=1024, le=64 * 1024**2)
    """A larger mail (in bytes) is kept in the blob store, not in the database row."""
    batch_mails: int = Field(default=50, ge=1, le=1000)
    """Mails in one commit at most."""
    batch_bytes: int = Field(default=8 * 1024 * 1024, ge=64 * 1024, le=1024**3)
    """Bytes of mail in one commit at most."""


class DeliveryConfig(Section):
    """How outgoing mail is tried again."""

    first_retry_s: float = Field(default=30.0, gt=0, le=86_400)
    """Seconds until the second attempt; doubles each time, spread by up to a quarter."""
    longest_retry_s: float = Field(default=3600.0, gt=0, le=86_400)
    """Seconds between attempts at most."""
    give_up_after_h: float = Field(default=120.0, gt=0, le=8_760)
    """Hours after which a mail counts as failed (RFC 5321 section 4.5.4.1 wants four to five days)."""


class AgentConfig(Section):
    """One of you who answers."""

    id: Name
    """Short name, unique, kept for ever."""
    name: Line = Field(min_length=1)
    """As customers see it."""
    addresses: tuple[MailAddress, ...] = Field(min_length=1)
    """The addresses this person writes from; the first is written to."""
    roles: tuple[Name, ...] = ("support",)
    """Such as support, sales, manager."""

    @property
    def agent(self) -> Agent:
        """The agent as the core knows it."""
        return Agent(self.id, self.name, tuple(a.lower() for a in self.addresses), self.roles)


class NotifyConfig(Section):
    """Who is told of new mail."""

    roles: tuple[Name, ...] = ("support",)
    """Every agent with one of these roles gets a notice of new tickets and replies."""


class HttpConfig(Section):
    """The health and metrics port."""

    enabled: bool = True
    """Whether to listen at all."""
    host: Host = "127.0.0.1"
    """A loopback address as a rule: there is no login."""
    port: int = Field(default=9780, ge=0, le=65535)
    """0 for any free port (it is in the log)."""


class LogConfig(Section):
    """The log, on standard error."""

    format: Literal["auto", "console", "json"] = "auto"
    """`auto`: console on a terminal, JSON otherwise."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important level that is shown."""


class Config(Section):
    """The whole configuration."""

    site: SiteConfig = SiteConfig()
    """The words of this site."""
    state: StateConfig = StateConfig()
    """Where the gateway keeps what it knows."""
    rules: RulesConfig = RulesConfig()
    """The rule files that decide."""
    mailbox: tuple[MailboxConfig, ...] = Field(min_length=1)
    """The support addresses, one `[[mailbox]]` each."""
    smtp: SmtpAccess
    """The relay that takes outgoing mail."""
    delivery: DeliveryConfig = DeliveryConfig()
    """How outgoing mail is tried again."""
    limits: LimitsConfig = LimitsConfig()
    """How much is taken in at once."""
    channel: tuple[ChannelConfig, ...] = ()
    """Contact forms, chat services and mailing groups, one `[[channel]]` each."""
    agent: tuple[AgentConfig, ...] = ()
    """The people who answer, one `[[agent]]` each."""
    notify: NotifyConfig = NotifyConfig()
    """Who is told of new mail."""
    http: HttpConfig = HttpConfig()
    """The health and metrics port."""
    log: LogConfig = LogConfig()
    """The log."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, names in (
            ("mailbox name", [mailbox.name for mailbox in self.mailbox]),
            ("mailbox address", [a for mailbox in self.mailbox for a in mailbox.own_addresses]),
            ("agent id", [agent.id for agent in self.agent]),
            ("channel name", [channel.name for channel in self.channel]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                context = {"what": what, "name": min(twice)}
                raise PydanticCustomError(CROSS_CHECK, "{what} {name} is used twice", context)
        return self

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address of the gateway, in lower case."""
        return frozenset().union(*(mailbox.own_addresses for mailbox in self.mailbox))

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents as the core knows them."""
        return tuple(agent.agent for agent in self.agent)
