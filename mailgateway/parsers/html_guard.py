"""HTML cut down to what the tree builder reads in linear time.

The tree builder compares every attribute of an element with all those before it: a megabyte of attributes takes it half
a minute. Here each tag keeps its first attributes, and what changes how the text after it is read (comments, scripts,
raw text) is resolved or left out, so that both see the same tags.
"""

import re

_SMALL = 16 * 1024  # Shorter markup cannot hold enough attributes to matter
_MAX_ATTRIBUTES = 64
_RAW = r"(?:script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)"
# The grammar of the HTML standard's tokenizer (section 13.2.5.32 and following); possessive, so each is one pass.
_ATTRIBUTE = (
    r"[\s/]*+[^\s/>][^\s/>=]*+"
    r"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+)?+)?+"
)
_PLAIN = re.compile(
    rf"(?:[^<]++|<(?![!/?a-z])|</?+(?!(?:{_RAW}|html|body)[\s/>])[a-z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+[\s/]*+>)++",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--(?:-?+>|(?:[^-]++|-(?!-!?+>))*+(?:--!?+>|\Z))")
_OPENING = re.compile(rf"<({_RAW})(?:{_ATTRIBUTE})*+[\s/]*+(?:>|\Z)", re.IGNORECASE)
_TAG = re.compile(
    rf"(</?+[a-z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+)(?:{_ATTRIBUTE})*+[\s/]*+(?:>|\Z)", re.IGNORECASE
)
_BOGUS = re.compile(r"<[^>]*+(?:>|\Z)")
_ROOT = re.compile(r"</?+(?:html|body)(?=[\s/>])", re.IGNORECASE)
_READ = {"style", "textarea"}
_SHOWN = {"textarea", "xmp", "plaintext"}


def guarded(markup: str) -> str:
    """Return markup whose elements have at most 64 attributes; what is short enough as it stands.

    Longer markup also loses its comments and scripts. Linear in the input.
    """
    if len(markup) < _SMALL:
        return markup
    kept: list[str] = []
    roots: set[str] = set()
    at = 0
    while at < len(markup):
        plain = _PLAIN.match(markup, at)
        if plain:
            kept.append(plain[0])
            at = plain.end()
        if at < len(markup):
            # The attributes of every further html and body tag are added to the first one's
            root = _ROOT.match(markup, at)
            again = root is not None and root[0].lower() in roots
            roots.update((root[0].lower(),) if root else ())
            at = _take_special(markup, at, [] if again else kept)
    return "".join(kept)


def _take_special(markup: str, at: int, kept: list[str]) -> int:
    """Take a comment, raw text or a tag with too many attributes; return where it ends."""
    comment = _COMMENT.match(markup, at)
    if comment:
        return comment.end()
    opening = _OPENING.match(markup, at)
    if opening:
        return _take_raw(markup, opening, kept)
    tag = _TAG.match(markup, at)
    if tag:
        whole = len(tag[0]) > len(tag[1]) and tag[0].endswith(">") and tag[1].count('"') % 2 == 0
        kept.append(f"{tag[1]}>" if whole else " ")
        return tag.end()
    bogus = _BOGUS.match(markup, at)
    return bogus.end() if bogus else at + 1


def _take_raw(markup: str, opening: re.Match[str], kept: list[str]) -> int:
    """Take an element whose content is no markup, up to its end tag or the end."""
    name = opening[1].lower()
    ending = re.compile(rf"</{name}(?=[\s/>])[^>]*+>?+", re.IGNORECASE)
    found = ending.search(markup, opening.end()) if name != "plaintext" else None
    content = markup[opening.end() : found.start() if found else len(markup)]
    if name in _READ:
        kept.append(f"<{name}>{content.replace('<', '&lt;' if name in _SHOWN else ' ')}</{name}>")
    elif name in _SHOWN:
        kept.append(f"<pre>{content.replace('&', '&amp;').replace('<', '&lt;')}</pre>")
    return found.end() if found else len(markup)
