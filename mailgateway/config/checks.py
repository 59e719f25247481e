"""Faults between several keys: names used twice, keys that exclude each other, doubtful choices.

They look at the file as it was written, not at the finished models, so that they are found together with all other
faults and know every place.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from mailgateway.config.models import DeliveryConfig, MailboxConfig
from mailgateway.diagnostics import Diagnostic, Document, KeyPath, Mark, Position, Severity


@dataclass(frozen=True, slots=True)
class _Written:
    """A value of the file and the way to it."""

    path: KeyPath
    value: object


def faults(document: Document) -> list[Diagnostic]:
    """Return the faults between several keys, as errors."""
    return [fault for check in _FAULTS for fault in check(document)]


def doubts(document: Document) -> list[Diagnostic]:
    """Return what works but is probably not meant, as warnings."""
    return [doubt for check in _DOUBTS for doubt in check(document)]


# --- the file as it was written: any key may be missing and any value of any type --------------------------


def _at(document: Document, *names: str) -> list[_Written]:
    """Return every value that a dotted name leads to, through all elements of lists."""
    found = [_Written((), document.values)]
    for name in names:
        found = [
            _Written((*table.path, name), table.value[name])
            for table in _elements(found)
            if isinstance(table.value, Mapping) and name in table.value
        ]
    return found


def _elements(found: Iterable[_Written]) -> Iterator[_Written]:
    """Yield the elements of lists, and what is no list itself."""
    for written in found:
        if isinstance(written.value, list):
            yield from (_Written((*written.path, i), element) for i, element in enumerate(written.value))
        else:
            yield written


def _texts(document: Document, *names: str) -> list[tuple[KeyPath, str]]:
    """Return every text at a dotted name, or in the lists that stand there."""
    return [(w.path, w.value) for w in _elements(_at(document, *names)) if isinstance(w.value, str)]


def _text(document: Document, path: KeyPath, default: str = "") -> str:
    """Return one text by its full path; the default where something else or nothing stands there."""
    value = _value(document, path)
    return value if isinstance(value, str) else default


def _value(document: Document, path: KeyPath) -> object:
    """Return one value by its full path, None where nothing stands there."""
    value: object = document.values
    for part in path:
        value = _inside(value, part)
    return value


def _inside(value: object, part: str | int) -> object:
    """Return what a table or list holds at a key, None where it holds nothing there or is neither."""
    if isinstance(value, Mapping):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _servers(document: Document) -> list[KeyPath]:
    """Return the path of every table that holds a server."""
    return [w.path for w in _elements([*_at(document, "smtp"), *_at(document, "mailbox", "imap")])]


# --- errors ------------------------------------------------------------------------------------------------


def _twice(document: Document) -> Iterator[Diagnostic]:
    """Find names and addresses that must be unique and are not."""
    yield from _doubled(document, "mailbox name", _texts(document, "mailbox", "name"))
    yield from _doubled(document, "agent id", _texts(document, "agent", "id"))
    yield from _doubled(document, "channel name", _texts(document, "channel", "name"))
    addresses = (("mailbox", "address"), ("mailbox", "aliases"), ("agent", "addresses"))
    found = [(path, text.lower()) for names in addresses for path, text in _texts(document, *names)]
    yield from _doubled(document, "address", found)
    for mailbox in _elements(_at(document, "mailbox")):
        folders = _texts(document, "mailbox", "folders", "name")
        yield from _doubled(document, "folder", [f for f in folders if f[0][: len(mailbox.path)] == mailbox.path])


def _doubled(document: Document, what: str, found: Iterable[tuple[KeyPath, str]]) -> Iterator[Diagnostic]:
    """Yield a fault for each text that stands there already, with the first place."""
    first: dict[str, Position] = {}
    placed = [(document.place(path).value, text) for path, text in found]
    for position, text in sorted(placed, key=lambda each: (each[0].line, each[0].column)):
        if text in first:
            marks = (Mark(first[text], "first used here"),)
            message = f'the {what} "{text}" is used twice'
            yield Diagnostic(Severity.ERROR, "E016", message, position, "used again", _UNIQUE[what], marks)
        first.setdefault(text, position)


_UNIQUE = {
    "mailbox name": ("give each mailbox its own name",),
    "agent id": ("give each agent an own id",),
    "channel name": ("give each channel its own name",),
    "address": ("an address belongs to one mailbox or to one agent; mail between them would go round in circles",),
    "folder": ("name each folder once",),
}


def _both_passwords(document: Document) -> Iterator[Diagnostic]:
    """Find servers with two sources of the password."""
    for path in _servers(document):
        if _text(document, (*path, "password_env")) and _text(document, (*path, "password_file")):
            marks = (Mark(document.place((*path, "password_env")).key, "one source"),)
            position = document.place((*path, "password_file")).key
            hint = ("keep one of the two",)
            yield Diagnostic(
                Severity.ERROR, "E017", "the password has two sources", position, "another source", hint, marks
            )


def _no_user(document: Document) -> Iterator[Diagnostic]:
    """Find accounts without a login name: no mailbox can be read without."""
    for table in _elements(_at(document, "mailbox", "imap")):
        if isinstance(table.value, Mapping) and table.value.get("user", "") == "":
            path = (*table.path, "user")
            message, label = 'missing key "user"', 'has no "user"'
            hint = ("user: Login name of the account that is polled",)
            yield Diagnostic(Severity.ERROR, "E011", message, document.place(path).value, label, hint)


def _own_destination(document: Document) -> Iterator[Diagnostic]:
    """Find polled folders that are also where finished mails go: each would be fetched for ever."""
    for path, name in _texts(document, "mailbox", "folders", "name"):
        mailbox = path[: path.index("folders")]
        for key in ("processed_folder", "set_aside_folder", "oversize_folder"):
            if name == _text(document, (*mailbox, key), MailboxConfig.model_fields[key].default):
                label = f"also the {key}"
                hint = ("poll another folder, or put finished mails elsewhere",)
                place = document.place(path).value
                yield Diagnostic(Severity.ERROR, "E017", f'the folder "{name}" is polled', place, label, hint)


def _retries(document: Document) -> Iterator[Diagnostic]:
    """Find a first retry that is longer than the longest."""
    first, longest = (
        next((w.value for w in _at(document, "delivery", key)), DeliveryConfig.model_fields[key].default)
        for key in ("first_retry_s", "longest_retry_s")
    )
    if isinstance(first, (int, float)) and isinstance(longest, (int, float)) and first > longest:
        path = next(w.path for key in ("first_retry_s", "longest_retry_s") for w in _at(document, "delivery", key))
        label = f"first_retry_s is {first:g}, longest_retry_s is {longest:g}"
        message = "the first retry is later than the longest one"
        yield Diagnostic(Severity.ERROR, "E017", message, document.place(path).value, label)


_FAULTS: tuple[Callable[[Document], Iterator[Diagnostic]], ...] = (
    _twice,
    _both_passwords,
    _no_user,
    _own_destination,
    _retries,
)


# --- warnings ----------------------------------------------------------------------------------------------


def is_local(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def _clear_text(document: Document) -> Iterator[Diagnostic]:
    """Find servers elsewhere that are reached without encryption."""
    for path in _servers(document):
        host = _text(document, (*path, "host"))
        if _text(document, (*path, "security")) == "none" and host and not is_local(host):
            place = document.place((*path, "security")).value
            hint = ('use "tls" or "starttls"; "none" is for a server on this machine',)
            message = "passwords and mails cross the network in clear text"
            yield Diagnostic(Severity.WARNING, "W002", message, place, f"to {host}", hint)


def _url_password(document: Document) -> Iterator[Diagnostic]:
    """Find a password in the database URL."""
    for path, url in _texts(document, "state", "database"):
        if password_in(url):
            place = document.place(path).value
            hint = ("leave it out and set PGPASSWORD, or PGPASSFILE with a password file",)
            yield Diagnostic(Severity.WARNING, "W003", "a password in the configuration", place, "", hint)


def password_in(url: str) -> str:
    """Return the password of a URL as it is written there, "" where it has none."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _local_message_ids(document: Document) -> Iterator[Diagnostic]:
    """Find a gateway that writes to the world under the name of no domain."""
    hosts = [host for _, host in _texts(document, "smtp", "host")]
    if _text(document, ("site", "host"), "localhost") == "localhost" and not all(map(is_local, hosts)):
        place = document.place(("site", "host")).value
        hint = ("set host in [site] to your mail domain: other servers distrust ids of localhost",)
        yield Diagnostic(Severity.WARNING, "W004", "our Message-IDs end in @localhost", place, "", hint)


# (port for TLS from the first byte, ports for STARTTLS and none), the usual one first: RFC 8314 section 7
_IMAP_PORTS = (993, (143,))
_SMTP_PORTS = (465, (587, 25))


def _port_and_security(document: Document) -> Iterator[Diagnostic]:
    """Find ports that as a rule speak another kind of TLS than the one configured."""
    for path in _servers(document):
        tls, plain = _SMTP_PORTS if path == ("smtp",) else _IMAP_PORTS
        security = _text(document, (*path, "security"), "tls")
        port = _value(document, (*path, "port"))
        if (security == "tls" and port in plain) or (security in {"starttls", "none"} and port in {None, tls}):
            place = document.place((*path, "port")).value
            message = f'port {port or tls} as a rule does not speak security = "{security}"'
            hint = f"write port = {tls if security == 'tls' else plain[0]}"
            label = "" if port else f"port is {tls} where none is given"
            yield Diagnostic(Severity.WARNING, "W005", message, place, label, (hint,))


_DOUBTS: tuple[Callable[[Document], Iterator[Diagnostic]], ...] = (
    _clear_text,
    _url_password,
    _local_message_ids,
    _port_and_security,
)
