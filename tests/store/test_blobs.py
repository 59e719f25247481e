import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.errors import NotFoundError, TemporaryError

CONTENT = b"large " * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_blob_comes_back_as_it_was_put(blobs: FolderBlobs) -> None:
    stored = blobs.put([CONTENT[:7], b"", CONTENT[7:]])

    assert stored == (DIGEST, len(CONTENT))
    assert blobs.exists(DIGEST)
    with blobs.open(DIGEST) as file:
        assert file.read() == CONTENT


def test_the_same_content_is_kept_once(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put([CONTENT])
    blobs.put([CONTENT])

    assert files(tmp_path) == [f"blobs/{DIGEST[:2]}/{DIGEST[2:]}"]


def test_an_empty_blob_is_one(blobs: FolderBlobs) -> None:
    digest, size_bytes = blobs.put([])

    with blobs.open(digest) as file:
        assert (file.read(), size_bytes) == (b"", 0)


@pytest.mark.parametrize("digest", ["0" * 64, "", "../" * 21 + "x", "A" * 64, DIGEST + "\n"])
def test_what_is_not_there_is_not_found(blobs: FolderBlobs, digest: str) -> None:
    with pytest.raises(NotFoundError):
        blobs.open(digest)


def test_chunks_that_fail_leave_nothing_behind(blobs: FolderBlobs, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        blobs.put(broken())

    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(TemporaryError, match="cannot write a blob"):
        FolderBlobs(tmp_path / "file" / "blobs").put([CONTENT])


def test_a_full_disk_is_temporary_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.errors import TemporaryError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
blobs = FolderBlobs(Path(sys.argv[1]))
small, _ = blobs.put([b"small"])
try:
    blobs.put([b"x" * 1000] * 100)
except TemporaryError as error:
    print(error)
print(blobs.exists(small))
"""
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)

    assert run.stdout.splitlines() == ["cannot write a blob: File too large (the disk is full)", "True"]
    assert len(files(tmp_path)) == 1


def test_many_threads_may_put_the_same_content(blobs: FolderBlobs, tmp_path: Path) -> None:
    threads = [threading.Thread(target=blobs.put, args=([CONTENT],)) for _ in range(10)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert files(tmp_path) == [f"blobs/{DIGEST[:2]}/{DIGEST[2:]}"]


def test_blobs_are_nobody_elses_to_read(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put([CONTENT])

    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
