"""Questions of a quote with the answers that stand below them."""

from collections.abc import Sequence
from itertools import groupby

from mailgateway.model.message import Pair
from mailgateway.parsers.reply.regions import Region, Text

_MARKED = ">"
_ASKED = ("?", "\uff1f")


def pairs_of(text: Text) -> tuple[Pair, ...]:
    """Return the answers between quoted lines with what they answer, in order.

    One answer below the only quote is a pair where that quote ends with a question: else it is a reply below a mail.
    """
    found: list[Pair] = []
    question: list[str] = []
    asked = 0
    for region, lines in _segments(text):
        if region is Region.QUOTED:
            asked += 1
            question.extend(lines)
        elif region is Region.NEW and question:
            answer = "\n".join(lines).strip()
            found.append(Pair(question=_unmarked(question), answer=answer))
            question = []
        elif region is Region.ATTRIBUTION:
            question = []
    found = [pair for pair in found if pair.question]
    if asked > 1 or (found and found[0].question.endswith(_ASKED)):
        return tuple(found)
    return ()


def _segments(text: Text) -> list[tuple[Region, list[str]]]:
    """Return the lines by region, without new lines that are blank."""
    found: list[tuple[Region, list[str]]] = []
    pairs = zip(text.regions, text.lines, strict=True)
    for region, group in groupby(pairs, key=lambda pair: pair[0]):
        words = [line for _, line in group]
        if region is Region.NEW and not any(map(str.strip, words)):
            continue
        if found and found[-1][0] is region:
            found[-1][1].extend(("", *words))
        else:
            found.append((region, words))
    return found


def _unmarked(lines: Sequence[str]) -> str:
    """Return quoted lines without their marks; of several levels only the nearest, which is what was asked last."""
    depths = [_depth(line) for line in lines]
    nearest = min((depth for depth in depths if depth), default=0)
    kept = (line for line, depth in zip(lines, depths, strict=True) if depth == nearest or not depth)
    return "\n".join(line.lstrip("> \t") for line in kept).strip()


def _depth(line: str) -> int:
    words = line.lstrip("> \t")
    return line[: len(line) - len(words)].count(_MARKED)
