"""Write tests/corpus/sealed/ anew, the same octets each time: `python -m tests.corpus.make_sealed`.

The set is for bench/evaluate.py alone. Nobody who works on the parsers reads it, so that the scores are those of unseen mail.
Mails whose names begin with `hand-` were written by hand and are left as they are.
"""

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.corpus.sealing.bounces import standard_bounces
from tests.corpus.sealing.carriers import carriers
from tests.corpus.sealing.files import files as with_files
from tests.corpus.sealing.machines import machines
from tests.corpus.sealing.old_bounces import old_bounces
from tests.corpus.sealing.people import people
from tests.corpus.sealing.replies import replies

SEALED = Path(__file__).parent / "sealed"
SEAL = SEALED.with_suffix(".sha256")
HAND = "hand-"


def files() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every generated file."""
    everything = chain(replies(), standard_bounces(), old_bounces(), machines(), people(), carriers(), with_files())
    for name, mail, expected in everything:
        yield f"{name}.eml", mail
        yield f"{name}.json", expected


def sealed_hash(folder: Path = SEALED) -> str:
    """Return the SHA-256 in hex over names and contents of all files of the set, in the order of their names."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def main() -> None:
    """Write the files and their hash."""
    SEALED.mkdir(exist_ok=True)
    for path in SEALED.iterdir():
        if not path.name.startswith(HAND):
            path.unlink()
    for name, content in files():
        (SEALED / name).write_bytes(content)
    SEAL.write_text(f"{sealed_hash()}\n")


if __name__ == "__main__":
    main()
