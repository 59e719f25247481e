from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LargePart:
    """A part that went round the parser, into a blob.

    Attributes:
        digest: SHA-256 of the decoded content in hex, the blob's address.
        size_bytes: Of the decoded content.
        head: The beginning of the decoded content where the part is text, else b"".
        words_digest: SHA-256 in hex of the decoded content without white space, where the part is text, else "".
    """

    digest: str
    size_bytes: int
    head: bytes
    words_digest: str
