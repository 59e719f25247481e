"""What our own mail server said of the sender: Authentication-Results (RFC 8601), one field of it, and the verdict.

Anybody can write such a field. Only the topmost one that bears the id of our own server counts: that server puts its
field above whatever came with the mail. It must remove or outdo what others wrote in its name (RFC 8601 section 5).
Where our server writes no id at all, which the RFC does not allow and Exchange Online does, the configuration must say
so; then the topmost field of all counts, and only if it names nobody either.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailgateway.model.message import Message
from mailgateway.model.people import Authentication, AuthenticationResults

FIELD = "authentication-results"
WITHOUT_ID = "-"
"""Configured instead of an id where the server writes none into its field, as Exchange Online does."""
NO_RESULTS = AuthenticationResults(Authentication.NONE)
MAX_RESULTS = 100
"""Results of one field that are looked at."""

# RFC 8601 section 2.2 with the words of RFC 5322 section 3.2; each alternative begins with another character: linear.
_OUTSIDE = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*)"?|(?P<mark>[;=])|(?P<word>[^\s;=()"\\]+)|(?P<comment>\()|.', re.DOTALL
)
_INSIDE = re.compile(r"[^()\\]+|\\.|[()]|\\", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MIN_LABELS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result.

    Attributes:
        method: Such as `dkim`, in lower case.
        result: Such as `pass`, in lower case.
        properties: (`ptype.property`, value), both in lower case; "reason" is among them.
    """

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return the value of a property, "" where it is absent."""
        return next((value for known, value in self.properties if known == name), "")


def authentication(message: Message, authserv_id: str) -> AuthenticationResults:
    """Return the verdict on From, and the results it rests on.

    `fail` is dmarc=fail. `pass` is dmarc=pass, or dkim=pass of a domain that is aligned with From's: the same, or one
    a subdomain of the other. Without a list of public suffixes that is DMARC's relaxed alignment (RFC 7489 section 3.1)
    for a sender and a signer of which one is above the other; two subdomains side by side are not aligned. Everything
    else is `none`; so is a mail whose author is not exactly one address in one From field.

    Args:
        message: The mail; the folded fields of its header are on one line, words in them not decoded.
        authserv_id: The configured id of our own server; nothing is believed where it is "". With "-" the topmost field
            counts where it names no server: it is up to ours that nobody else's can be there.
    """
    wanted = authserv_id.strip().lower()
    values = [value for name, value in message.headers if name == FIELD and wanted]
    if wanted == WITHOUT_ID:
        results = _without_id(values[0]) if values else None
    else:
        results = next((found for found in map(parsed_results, values) if found and found[0] == wanted), None)
    if results is None:
        return NO_RESULTS
    verdict, because = _verdict(message, results[1])
    spf, dkim, dmarc, arc = (_shown(message, results[1], method) for method in ("spf", "dkim", "dmarc", "arc"))
    return AuthenticationResults(verdict, wanted, spf, dkim, dmarc, arc, because)


def parsed_results(value: str) -> tuple[str, tuple[Result, ...]] | None:
    """Return the id of the server that wrote a field, in lower case, and its results; None where it names none.

    Args:
        value: The field body, unfolded. Comments, quoted strings and versions are allowed everywhere the RFC allows
            them; a part that is not understood is passed over.
    """
    sections = list(_sections(value))
    if not sections or not sections[0] or sections[0][0] == "=":
        return None
    found = (_result(section) for section in sections[1 : MAX_RESULTS + 1])
    # Servers that leave their id out begin with a result: `spf=pass ...; dkim=...` names nobody.
    return (sections[0][0].lower(), tuple(one for one in found if one)) if "=" not in sections[0] else None


def _without_id(value: str) -> tuple[str, tuple[Result, ...]] | None:
    """Return the results of a field that begins with one, under the id "-"; None for every other field."""
    sections = list(_sections(value))
    if "=" not in sections[0][1:]:
        return None
    found = (_result(section) for section in sections[:MAX_RESULTS])
    return WITHOUT_ID, tuple(one for one in found if one)


def is_aligned(signer: str, author: str) -> bool:
    """Return whether two domains are the same, or one is a subdomain of the other; both need two labels."""
    one, other = _ascii(signer), _ascii(author)
    if min(one.count("."), other.count(".")) + 1 < _MIN_LABELS:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _verdict(message: Message, results: tuple[Result, ...]) -> tuple[Authentication, str]:
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.result == "fail" for result in dmarc):
        return Authentication.FAIL, "dmarc=fail"
    if not _has_one_author(message):
        return Authentication.NONE, "From does not name exactly one author"
    if dmarc and all(_is_dmarc_pass(result, message.sender.domain) for result in dmarc):
        return Authentication.PASS, "dmarc=pass"
    signer = next((_signer(result) for result in results if _is_signed_by_author(result, message)), "")
    return (Authentication.PASS, f"dkim=pass header.d={signer}") if signer else (Authentication.NONE, "")


def _has_one_author(message: Message) -> bool:
    return [author.key for author in message.authors] == [message.sender.key]


def _is_dmarc_pass(result: Result, domain: str) -> bool:
    """Return whether DMARC passed for this very From; servers that do not say which (header.from) are believed."""
    return result.result == "pass" and _ascii(result.get("header.from") or domain) == _ascii(domain)


def _is_signed_by_author(result: Result, message: Message) -> bool:
    return result.method == "dkim" and result.result == "pass" and is_aligned(_signer(result), message.sender.domain)


def _signer(result: Result) -> str:
    """Return the domain that signed (RFC 8601 section 2.7.1): header.d, else the one in header.i."""
    return result.get("header.d") or result.get("header.i").rpartition("@")[2]


def _shown(message: Message, results: Iterable[Result], method: str) -> str:
    """Return the result of a method, "" where there is none; of several signatures the author's own counts."""
    of_method = [result for result in results if result.method == method]
    own = [result for result in of_method if _is_signed_by_author(result, message)]
    return next((result.result for result in (*own, *of_method)), "")


def _ascii(domain: str) -> str:
    name = domain.strip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


# --- the grammar -----------------------------------------------------------------------------------------------


def _sections(value: str) -> Iterator[list[str]]:
    """Yield the words between semicolons; "=" is a word of its own, quoted strings are words, comments are gone."""
    section: list[str] = []
    position = 0
    while position < len(value) and (found := _OUTSIDE.match(value, position)):
        position = found.end()
        if found["comment"]:
            position = _end_of_comment(value, position)
        elif found["mark"] == ";":
            yield section
            section = []
        elif found["quoted"] is not None:
            section.append(_ESCAPE.sub(r"\1", found["quoted"]))
        elif found["mark"] or found["word"]:
            section.append(found[0])
    yield section


def _end_of_comment(value: str, position: int) -> int:
    """Return where a comment ends whose opening bracket was read (RFC 5322 section 3.2.2); they nest."""
    depth = 1
    while depth and (found := _INSIDE.match(value, position)):
        depth += (found[0] == "(") - (found[0] == ")")
        position = found.end()
    return position if depth == 0 else len(value)


def _result(section: list[str]) -> Result | None:
    """Return what a section says, None for `none` and for what is no result."""
    pairs = list(_pairs(section))
    if not pairs:
        return None
    (method, result), *properties = pairs
    return Result(method.partition("/")[0], result, tuple(properties))


def _pairs(section: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) in lower case; a name may be written with space around its dot or slash."""
    name = ""
    words = iter(section)
    for word in words:
        if word == "=" and name:
            yield name.lower(), next(words, "").lower()
            name = ""
        elif word == "=":  # unquoted padding of a signature
            continue
        elif word.startswith((".", "/")) or name.endswith((".", "/")):
            name += word
        else:
            name = word
