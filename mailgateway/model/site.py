"""What pure code needs to know of the site and of the mailbox a mail came to: configuration as a plain value.

`config.site_of` makes it from the configuration and the keyring.
"""

from dataclasses import dataclass

from mailgateway.model.message import Through
from mailgateway.model.people import Agent
from mailgateway.model.tokens import Keyring, plus_suffix

FREE_MAIL_DOMAINS = frozenset({
    "126.com", "139.com", "163.com", "aim.com", "aliyun.com", "aol.com", "arcor.de", "att.net", "bellsouth.net",
    "bigpond.com", "bk.ru", "bluewin.ch", "bol.com.br", "btinternet.com", "centrum.cz", "charter.net", "comcast.net",
    "cox.net", "daum.net", "earthlink.net", "email.cz", "email.it", "fastmail.com", "fastmail.fm", "foxmail.com",
    "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.fr", "gmx.net",
    "googlemail.com",
    "hanmail.net", "hey.com", "hotmail.ch", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr",
    "hotmail.it", "hotmail.nl", "hotmail.se", "hushmail.com", "icloud.com", "inbox.lv", "inbox.ru", "interia.pl",
    "laposte.net", "libero.it", "list.ru", "live.ca", "live.co.uk", "live.com", "live.de", "live.fr", "live.it",
    "live.nl", "live.se", "mac.com", "mail.bg", "mail.com", "mail.de", "mail.ru", "mailbox.org", "me.com", "msn.com",
    "naver.com", "ntlworld.com", "o2.pl", "onet.pl", "op.pl", "optonline.net", "orange.fr", "outlook.at", "outlook.com",
    "outlook.de", "outlook.es", "outlook.fr", "outlook.it", "outlook.jp", "pm.me", "posteo.de", "posteo.net",
    "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com",
    "sapo.pt", "sbcglobal.net", "seznam.cz", "sfr.fr", "sina.cn", "sina.com", "sky.com", "sohu.com", "t-online.de",
    "talktalk.net", "telenet.be", "telia.com", "terra.com.br", "tiscali.it", "tutamail.com", "tutanota.com",
    "tutanota.de", "ukr.net", "uol.com.br", "verizon.net", "virgilio.it", "virginmedia.com", "vk.com", "wanadoo.fr",
    "web.de", "windowslive.com", "wp.pl", "xs4all.nl", "ya.ru", "yahoo.ca", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk",
    "yahoo.com", "yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.mx", "yahoo.de", "yahoo.es", "yahoo.fr",
    "yahoo.it", "yandex.com", "yandex.ru", "yeah.net", "ymail.com", "zoho.com", "zohomail.com",
})  # fmt: skip
"""Domains where anybody gets an address: sharing one says nothing about whom a person belongs to."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A robot whose mails hold a person's words.

    Attributes:
        name: As configured.
        kind: FORM, CHAT or LIST.
        addresses: What From says, in lower case; `*@domain` for a whole domain.
        list_ids: What List-Id says between its angle brackets, in lower case.
        labels: (what a form's field is, what it is called), besides the usual words.
        operators: The names under which we speak in a chat.
    """

    name: str
    kind: Through
    addresses: tuple[str, ...] = ()
    list_ids: tuple[str, ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """The site as one mailbox sees it.

    Attributes:
        mailbox: The mailbox's configured name.
        address: Its support address, as configured.
        display_name: The name customers see beside it.
        plus_addressing: Whether mail to `local+anything@domain` arrives in it.
        host: The right side of our Message-IDs.
        prefix: What stands before the number in a ticket ID.
        keyring: The signing keys.
        own_addresses: Every address of every mailbox of the gateway, in lower case.
        agents: The people who answer.
        null_sender: Whether the relay takes the null envelope sender.
        free_mail_domains: In lower case.
        authserv_id: The id of our own mail server in Authentication-Results, "" where none is believed.
        channels: The robots whose mails hold a person's words.
        languages: BCP 47 tags of the languages customers write in.
    """

    mailbox: str
    address: str
    display_name: str
    plus_addressing: bool
    host: str
    prefix: str
    keyring: Keyring
    own_addresses: frozenset[str]
    agents: tuple[Agent, ...] = ()
    null_sender: bool = True
    free_mail_domains: frozenset[str] = FREE_MAIL_DOMAINS
    authserv_id: str = ""
    channels: tuple[Channel, ...] = ()
    languages: tuple[str, ...] = ("en",)

    @property
    def agent_ids(self) -> tuple[str, ...]:
        """The ids of all agents."""
        return tuple(agent.id for agent in self.agents)

    def agent_with(self, address: str) -> Agent | None:
        """Return the agent who has an address (in lower case), None where nobody does."""
        return next((agent for agent in self.agents if address in agent.addresses), None)


def own_suffix(recipient: str, own_addresses: frozenset[str]) -> str | None:
    """Return the suffix of a recipient that is an address of ours, "" without "+", None for anybody else's."""
    suffixes = (plus_suffix(recipient, address) for address in sorted(own_addresses))
    return next((suffix for suffix in suffixes if suffix is not None), None)
