"""What a server tells of the UIDs that moved mails have now: COPYUID (RFC 4315 section 3)."""

from collections.abc import Iterator, Mapping, Sequence

MAX_UIDS = 10_000
"""Of one answer; a longer set is somebody's nonsense."""


def new_places(answers: Sequence[bytes]) -> tuple[int, Mapping[int, int]]:
    """Return the destination's UIDVALIDITY and the new UIDs by old ones; (0, {}) where the server did not say.

    Args:
        answers: The data of each COPYUID response code: `b"38505 304,319:320 3956:3958"`.
    """
    uidvalidity, places = 0, dict[int, int]()
    for answer in answers:
        try:
            number, old, new = answer.decode("ascii").split()
            uidvalidity = int(number)
            places.update(zip(_uids(old), _uids(new), strict=True))
        except ValueError:
            return 0, {}
    return uidvalidity, places


def _uids(written: str) -> Iterator[int]:
    """Yield the UIDs of a set in its order.

    Raises:
        ValueError: It is none, or names more than MAX_UIDS.
    """
    for span in written.split(","):
        first, _, last = span.partition(":")
        low, high = sorted((int(first), int(last or first)))
        if high - low >= MAX_UIDS:
            raise ValueError("too many UIDs")
        yield from range(low, high + 1)
