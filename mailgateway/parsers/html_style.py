"""What a reader of HTML mail does not see: inline styles, old attributes and the simple rules of style sheets.

Only what is sure counts as hidden. Sizes and colours are inherited, so that a wrapper of size 0 whose children set
their own (common in newsletters) hides nothing; an unknown background never hides text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

_MAX_RULES = 2_000
_MAX_STYLE = 4_096
_NEARLY = 12  # Channels that differ less look the same
_TINY_PX = 1.0
_NUMBER = re.compile(r"-?\d{0,6}\.?\d{1,4}")
_RULE = re.compile(r"([^{}]{0,500}+)\{([^{}]{0,4000}+)\}")
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/")
_SIMPLE = re.compile(r"[a-z][a-z0-9]*|[a-z0-9]*\.[a-z0-9_-]+|\.[a-z0-9_-]+")
_LAST_NAME = re.compile(r"([.#]?[a-z0-9_-]+)(?::[a-z-]+)?$")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*([\d.]{1,6})\s*)?\)")
_NAMED_COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245),
    "ivory": (255, 255, 240),
}
_TRANSPARENT = (-1, -1, -1)

Colour = tuple[int, int, int]
Style = Mapping[str, str]
"""Properties in lower case with their values in lower case."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is inherited of the look of text.

    Attributes:
        colour: Of the text; None where it is not known.
        background: Behind it; None where it is not known (an image, a rule that is not understood).
        tiny: Whether the text has no size.
        invisible: Whether `visibility` hides it.
        preformatted: Whether white space and line ends are kept.
    """

    colour: Colour | None = (0, 0, 0)
    background: Colour | None = (255, 255, 255)
    tiny: bool = False
    invisible: bool = False
    preformatted: bool = False

    @property
    def unseen(self) -> bool:
        """Whether text of this look cannot be read."""
        return self.tiny or self.invisible or self._same_colours()

    def _same_colours(self) -> bool:
        if self.colour is None or self.background is None:
            return False
        if self.colour == _TRANSPARENT:
            return True
        return all(abs(one - other) < _NEARLY for one, other in zip(self.colour, self.background, strict=True))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rules of a mail's style elements that are understood.

    Attributes:
        rules: Properties by selector: `p`, `.name` or `p.name`.
        backgrounds: Names (`td`, `.hero`, `#top`) that some rule gives a background, understood or not.
    """

    rules: Mapping[str, Style]
    backgrounds: frozenset[str]

    def style(self, tag: str, attributes: Mapping[str, str]) -> dict[str, str]:
        """Return the properties of an element: its classes' first, then its own."""
        merged: dict[str, str] = {}
        for name in attributes.get("class", "").lower().split()[:20] if self.rules else ():
            merged.update(self.rules.get(f".{name}", ()))
            merged.update(self.rules.get(f"{tag}.{name}", ()))
        own = attributes.get("style")
        if own:
            merged.update(declarations(own))
        return merged

    def may_colour(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Return whether a rule may give this element a background that is not known."""
        if not self.backgrounds:
            return False
        names = [tag, f"#{attributes.get('id', '').lower()}"]
        names += [f".{name}" for name in attributes.get("class", "").lower().split()[:20]]
        return not self.backgrounds.isdisjoint(names)


NO_SHEET = Sheet({}, frozenset())


def declarations(style: str) -> dict[str, str]:
    """Return the properties of a style attribute or a rule; `!important` is dropped."""
    found: dict[str, str] = {}
    for piece in style[:_MAX_STYLE].lower().split(";"):
        name, colon, value = piece.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def sheet(css: str) -> Sheet:
    """Return what is understood of a style sheet, without @media: those rules hold for some readers only."""
    rules: dict[str, dict[str, str]] = {}
    backgrounds: set[str] = set()
    for selectors, body in _RULE.findall(_without_media(_COMMENT.sub(" ", css.lower())))[:_MAX_RULES]:
        style = declarations(body)
        coloured = "background" in style or "background-color" in style
        for selector in map(str.strip, selectors.split(",")):
            last = _LAST_NAME.search(selector) if coloured else None
            if last:
                backgrounds.add(last[1])
            if "." in selector and _SIMPLE.fullmatch(selector):
                rules.setdefault(selector, {}).update(style)
    return Sheet(rules, frozenset(backgrounds))


def _without_media(css: str) -> str:
    """Return a sheet without its @media blocks."""
    kept: list[str] = []
    at = 0
    while (start := css.find("@media", at)) >= 0:
        kept.append(css[at:start])
        at = _block_end(css, start)
    kept.append(css[at:])
    return "".join(kept)


def _block_end(css: str, start: int) -> int:
    """Return where the block that opens after `start` is closed, the end of the sheet where it is not."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(css, start):
        depth += 1 if match[0] == "{" else -1
        if depth <= 0:
            return match.end()
    return len(css)


def is_removed(tag: str, attributes: Mapping[str, str], style: Style) -> bool:
    """Return whether an element and everything in it is not shown."""
    if "hidden" in attributes or style.get("display") == "none" or style.get("mso-hide") == "all":
        return True
    if tag == "input" or not style:
        return False
    return _is_faded(style) or _has_no_room(style) or _is_off_screen(style)


def inherited(look: Look, tag: str, attributes: Mapping[str, str], style: Style, known: Sheet) -> Look:
    """Return the look of an element's text.

    Args:
        look: Of the element around it.
        tag: The element's name.
        attributes: Its attributes.
        style: Its properties, as `Sheet.style` gives them.
        known: The mail's style sheet.
    """
    changes: dict[str, object] = {}
    colour = style.get("color") or (attributes.get("color", "") if tag == "font" else attributes.get("text", ""))
    if colour:
        changes["colour"] = _colour(colour)
    background = _background(attributes, style)
    if background:
        changes["background"] = _behind(look, background)
    elif known.may_colour(tag, attributes):
        changes["background"] = None
    if "font-size" in style:
        changes["tiny"] = _is_tiny(style["font-size"])
    if "visibility" in style:
        changes["invisible"] = style["visibility"] in ("hidden", "collapse")
    if tag in ("pre", "textarea", "xmp", "listing") or style.get("white-space", "").startswith("pre"):
        changes["preformatted"] = style.get("white-space") != "pre-line"
    return replace(look, **changes) if changes else look  # type: ignore[arg-type]  # each under its own name


def _background(attributes: Mapping[str, str], style: Style) -> str:
    if attributes.get("background") or "url(" in style.get("background-image", ""):
        return "url("
    return style.get("background-color") or style.get("background") or attributes.get("bgcolor", "")


def _behind(look: Look, background: str) -> Colour | None:
    """Return the colour behind the text; a transparent one lets the one below through."""
    if background in ("transparent", "none", "inherit", "initial"):
        return look.background
    found = _colour(background.split(maxsplit=1)[0] if not background.startswith("rgb") else background)
    return look.background if found == _TRANSPARENT else found


def _colour(value: str) -> Colour | None:
    """Return a colour, None where it is not understood."""
    value = value.strip().lower()
    if value == "transparent":
        return _TRANSPARENT
    if value in _NAMED_COLOURS:
        return _NAMED_COLOURS[value]
    digits = value.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004 -- #rgb is #rrggbb
        digits = "".join(2 * digit for digit in digits)
    if len(digits) == 6 and not set(digits) - set("0123456789abcdef"):  # noqa: PLR2004 -- #rrggbb
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    match = _RGB.match(value)
    if not match:
        return None
    if match[4] and match[4].strip("0.") == "":
        return _TRANSPARENT
    return int(match[1]), int(match[2]), int(match[3])


def _is_tiny(size: str) -> bool:
    return not size.endswith(("em", "%")) and _pixels(size) <= _TINY_PX if _pixels(size) else _is_zero(size)


def _is_zero(value: str | None) -> bool:
    return value is not None and _NUMBER.match(value) is not None and _pixels(value) == 0


def _pixels(value: str) -> float:
    """Return the number a value begins with; where it has none, more than any that hides."""
    match = _NUMBER.match(value)
    return float(match[0]) if match else 1000.0


def _is_faded(style: Style) -> bool:
    return _is_zero(style.get("opacity"))


def _has_no_room(style: Style) -> bool:
    """Return whether an element has no size and cuts what flows over."""
    sizes = ("max-height", "max-width", "height", "width")
    return style.get("overflow", "") == "hidden" and any(
        name in style and abs(_pixels(style[name])) <= _TINY_PX and not style[name].endswith(("em", "%"))
        for name in sizes
    )


def _is_off_screen(style: Style) -> bool:
    if _pixels(style.get("text-indent", "")) < -900:  # noqa: PLR2004 -- far outside any window
        return True
    if style.get("position") not in ("absolute", "fixed"):
        return False
    return "rect(0" in style.get("clip", "") or any(
        _pixels(style.get(side, "")) < -900  # noqa: PLR2004 -- far outside any window
        for side in ("left", "top", "right")
    )
