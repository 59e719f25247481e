"""Links and pictures of HTML mail in words: where a link leads, what a picture is said to show."""

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

_SCHEMES = ("http://", "https://", "mailto:", "tel:", "ftp://", "sip:")
_MAX_URL = 2_000
_MAX_ALT = 300
# What wraps the links of a mail: how the host ends, the path, and the parameter that holds the real link.
_WRAPPERS = ((".safelinks.protection.outlook.com", "/", "url"), (".www.google.com", "/url", "q"))


def target(href: str) -> str:
    """Return where a link leads, as shown to a person; "" for what leads nowhere outside the mail.

    A scanner's wrapper (Outlook's Safe Links) is taken off. `mailto:` is not shown, nor are its parameters.
    """
    href = "".join(href.split())
    if not href.lower().startswith(_SCHEMES) or len(href) > _MAX_URL:
        return ""
    if href.lower().startswith(("mailto:", "tel:", "sip:")):
        return unquote(href.partition(":")[2].partition("?")[0])
    return _unwrapped(href)


def says(label: str, url: str) -> bool:
    """Return whether the text of a link says where it leads already."""
    shown, led = _plain(label), _plain(url)
    return bool(led) and (shown == led or shown.rstrip("\u2026.") == led or led in shown)


def picture(attributes: Mapping[str, str], style: Mapping[str, str]) -> str:
    """Return what stands for a picture: its alternative text in brackets, an emoji as it is; "" where there is nothing.

    Pictures of one pixel only count who reads the mail, and say nothing.
    """
    alt = " ".join(attributes.get("alt", "").split())[:_MAX_ALT]
    sizes = [attributes.get(name, "") or style.get(name, "") for name in ("width", "height")]
    if not alt or any(size.strip().removesuffix("px") in ("0", "1") for size in sizes):
        return ""
    return f"[{alt}]" if any(map(str.isalnum, alt)) else alt


def _unwrapped(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        wrapper = next((each for each in _WRAPPERS if f".{host}".endswith(each[0]) and parts.path == each[1]), None)
        inner = parse_qs(parts.query, max_num_fields=50).get(wrapper[2], [""])[0] if wrapper else ""
    except ValueError:
        return url
    return inner if inner.lower().startswith(("http://", "https://")) else url


def _plain(url: str) -> str:
    """Return an address as it is compared: without scheme, `www.` and a last slash, in lower case."""
    plain = "".join(url.split()).lower().strip("<>[]()")
    for scheme in ("http://", "https://", "mailto:", "tel:", "www."):
        plain = plain.removeprefix(scheme)
    return unquote(plain.rstrip("/"))
