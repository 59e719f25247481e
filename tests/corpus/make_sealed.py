"""Write the sealed sets anew, the same octets each time: `python -m tests.corpus.make_sealed`.

`sealed` has mails as each program and server writes them, `sealed_wild` replies that went a hard way, `sealed_odd`
what further programs, servers and people do. They are for bench/evaluate.py alone: nobody who works on the parsers reads
them, so that the scores are those of unseen mail.
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
from tests.corpus.sealing.wild import wild_replies

HERE = Path(__file__).parent
SEALED = HERE / "sealed"
WILD = HERE / "sealed_wild"
ODD = HERE / "sealed_odd"
SETS = (SEALED, WILD, ODD)
HAND = "hand-"


def seal(folder: Path) -> Path:
    """Return the file with a set's hash."""
    return folder.with_suffix(".sha256")


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every generated file of a set."""
    first = (replies, standard_bounces, old_bounces, machines, people, carriers, with_files)
    generators = {SEALED: first, WILD: (wild_replies,), ODD: ()}[folder]
    for name, mail, expected in chain.from_iterable(make() for make in generators):
        yield f"{name}.eml", mail
        yield f"{name}.json", expected


def sealed_hash(folder: Path) -> str:
    """Return the SHA-256 in hex over names and contents of all files of the set, in the order of their names."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def main() -> None:
    """Write the files of all sets and their hashes."""
    for folder in SETS:
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            if not path.name.startswith(HAND):
                path.unlink()
        for name, content in files(folder):
            (folder / name).write_bytes(content)
        seal(folder).write_text(f"{sealed_hash(folder)}\n")


if __name__ == "__main__":
    main()
