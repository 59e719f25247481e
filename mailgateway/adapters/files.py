"""Files an admin writes: the configuration, passwords, the keyring and templates.

Everything but the keyring is only read. A keyring appears whole or not at all: it is written aside, made durable, and
then linked or renamed into place; a crash leaves at most a stray `.keyring-*` file.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

import mailgateway
from mailgateway.compose.templates import Templates
from mailgateway.config import FILE_MARK, Config, ServerAccess, read_config
from mailgateway.diagnostics import DiagnosedError, Diagnostic, Document, KeyPath, Position, Severity, render
from mailgateway.diagnostics.fields import Section
from mailgateway.errors import ConfigError
from mailgateway.model.tokens import Key, Keyring

_CONFIG_BYTES = 1024 * 1024  # nobody writes more by hand
_PASSWORD_BYTES = 4096
_KEY_IDS = "abcdefghijklmnopqrstuvwxyz0123456789"
_SECRET_BYTES = 32
AnySection = TypeVar("AnySection", bound=Section)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


# --- configuration -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """The configuration with what lies around it.

    Attributes:
        config: The values; every file and folder in it is absolute (those left empty stay empty).
        path: The file, absolute.
        document: The file's text (passwords covered) and the places of its keys.
        warnings: What works but an admin should look at.
    """

    config: Config
    path: Path
    document: Document
    warnings: tuple[Diagnostic, ...] = ()

    def warning_text(self, *, color: bool = False) -> str:
        """Return the warnings as they are printed, "" where there are none."""
        return render(self.warnings, self.document.texts, color=color)

    @property
    def state_folder(self) -> Path:
        """The folder for everything the gateway keeps, absolute; need not exist yet."""
        return Path(self.config.state.folder)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database, absolute where it is a file."""
        written = self.config.state.database
        url = self._url(written) if written else URL.create("sqlite", database=str(self.state_folder / "gateway.db"))
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            url = url.set(database=str(self.path.parent / url.database))
        return url.render_as_string(hide_password=False)

    @property
    def blob_folder(self) -> Path:
        """The folder of large mails, absolute; need not exist yet."""
        return Path(self.config.state.blobs or self.state_folder / "blobs")

    @property
    def keyring_path(self) -> Path:
        """The file with the signing keys, absolute; need not exist yet."""
        return Path(self.config.state.keyring or self.state_folder / "keyring")

    def password_for(self, access: ServerAccess) -> str:
        """Return the password of a server, "" where none is configured.

        Read anew with every call, so that a changed password needs no restart.

        Args:
            access: `config.smtp` or the `imap` of one of its mailboxes.

        Raises:
            ConfigError: The variable is not set, the file cannot be read, or the password is empty; with the place of
                the key.
        """
        if access.password_env:
            password, source = os.environ.get(access.password_env), f"the environment variable {access.password_env}"
            if password is None:
                raise self._refused(access, "password_env", f"{source} is not set")
        elif access.password_file:
            password, source = self._first_line(access), access.password_file
        else:
            return ""
        if not password:
            raise self._refused(
                access, "password_env" if access.password_env else "password_file", f"{source} is empty"
            )
        return password

    def _first_line(self, access: ServerAccess) -> str:
        try:
            with Path(access.password_file).open("rb") as file:
                return file.readline(_PASSWORD_BYTES).decode("utf-8").rstrip("\r\n")
        except OSError as error:
            problem = f"{access.password_file}: {_reason(error)}"
        except UnicodeDecodeError:
            problem = f"{access.password_file}: the first line is not UTF-8"
        raise self._refused(access, "password_file", problem)

    def _refused(self, access: ServerAccess, key: str, problem: str) -> ConfigError:
        path = next((path for path, server in _servers(self.config) if server is access), ())
        return self._fault((*path, key), "E020", "the password cannot be read", problem)

    def _url(self, written: str) -> URL:
        try:
            return make_url(written)
        except (ArgumentError, ValueError):
            raise self._fault(
                ("state", "database"), "E015", '"database" cannot have this value', "not an SQLAlchemy URL"
            ) from None

    def _fault(self, path: KeyPath, code: str, message: str, label: str) -> DiagnosedError:
        place = self.document.place(path).value
        return DiagnosedError([Diagnostic(Severity.ERROR, code, message, place, label)], self.document.texts)


def load_config(path: Path) -> LoadedConfig:
    """Return the configuration of a file. Passwords are not read yet, nothing is created.

    Raises:
        ConfigError: The file cannot be read or used; the text names every fault with its place.
    """
    raw = _config_bytes(path)
    parsed = read_config(raw, str(path))
    config = _absolute(parsed.config, path.absolute().parent)
    loaded = LoadedConfig(config, path.absolute(), parsed.document)
    _ = loaded.database_url  # a URL that nobody can read is a fault of the file, to be said now
    open_secrets = tuple(_open_secrets(loaded))
    return LoadedConfig(config, loaded.path, parsed.document, (*parsed.warnings, *open_secrets))


def _config_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_CONFIG_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; copy config.example.toml there, or name another file with --config"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {_reason(error)}") from error
    if len(raw) > _CONFIG_BYTES:
        raise ConfigError(f"{path}: over {_CONFIG_BYTES:,} bytes: this is no configuration")
    return raw


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _absolute(section: AnySection, folder: Path) -> AnySection:
    """Return a table of the configuration with every file name in it, at any depth, made absolute."""
    changed: dict[str, object] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            changed[name] = _absolute(value, folder)
        elif isinstance(value, tuple):
            changed[name] = tuple(_absolute(each, folder) if isinstance(each, Section) else each for each in value)
        elif value and FILE_MARK in field.metadata:
            changed[name] = str(folder / value)
    return section.model_copy(update=changed)


def _servers(config: Config) -> Iterator[tuple[KeyPath, ServerAccess]]:
    yield ("smtp",), config.smtp
    for index, mailbox in enumerate(config.mailbox):
        yield ("mailbox", index, "imap"), mailbox.imap


def _open_secrets(loaded: LoadedConfig) -> Iterator[Diagnostic]:
    """Yield a warning for each password file that everybody on the machine can read."""
    for path, access in _servers(loaded.config):
        if access.password_file and _mode(Path(access.password_file)) & stat.S_IROTH:
            place = loaded.document.place((*path, "password_file")).value
            hint = (f"chmod o-r {access.password_file}",)
            message = "everybody on this machine can read a password"
            yield Diagnostic(Severity.WARNING, "W001", message, place, "readable by others", hint)


def _mode(path: Path) -> int:
    """Return the permission bits of a file, 0 where it cannot be looked at: reading it will say why."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except (OSError, ValueError):
        return 0


# --- keyring -----------------------------------------------------------------------------------------------


def load_keyring(path: Path) -> Keyring:
    """Return the signing keys of a file: one `id secret-in-hex` a line, the signing key first, `#` for comments.

    Raises:
        ConfigError: The file is missing, not a keyring, or others than its owner may read it. Secrets are never named.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read(_CONFIG_BYTES)
    except OSError as error:
        raise ConfigError(f"{path}: {_reason(error)}") from error
    if mode & _OTHERS:
        raise ConfigError(f"{path}: others may read the signing keys (mode {mode:04o}): chmod 600 {path}")
    keys = tuple(_keys(raw, str(path)))
    try:
        return Keyring(keys)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error


def _keys(raw: bytes, path: str) -> Iterator[Key]:
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
        written = line.strip()
        if written and not written.startswith("#"):
            yield _key(written, Position(path, number, 1))


def _key(written: str, position: Position) -> Key:
    name, _, secret = written.partition(" ")
    try:
        return Key(name, bytes.fromhex(secret))
    except ValueError:
        message, hint = "not a signing key", "a line is: id, a space, the secret in hexadecimal digits"
        fault = Diagnostic(Severity.ERROR, "E021", message, position, "", (hint,))
        raise DiagnosedError([fault], {}) from None  # without the text: it would show a secret


def open_keyring(path: Path) -> Keyring:
    """Return the signing keys of a file, made with one new key where there is none.

    Raises:
        ConfigError: As for `load_keyring`, or the file cannot be written.
    """
    return load_keyring(path) if path.exists() else create_keyring(path)


def create_keyring(path: Path) -> Keyring:
    """Make a keyring with one new key and return it; never overwrites.

    Of several that create it at once one wins, and the others return the winner's.

    Raises:
        ConfigError: The file cannot be written, or the one that is there cannot be used.
    """
    text = f"# Signing keys of mailgateway: keep this file secret, and keep a copy.\n{_new_line('a')}"
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_aside(path, text, _link_if_absent)
    return load_keyring(path)


def rotate_keyring(path: Path) -> Keyring:
    """Put a new key in front of a keyring and return it; the old keys stay, so that old tokens keep their meaning.

    Raises:
        ConfigError: The file cannot be used or written, or all 36 ids are taken.
    """
    with _told(path), _locked(path.parent):
        name = _next_id(load_keyring(path), path)
        _write_aside(path, _new_line(name) + path.read_text(encoding="utf-8"), os.replace)
    return load_keyring(path)


def _new_line(name: str) -> str:
    return f"# {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{name} {secrets.token_hex(_SECRET_BYTES)}\n"


def _next_id(keyring: Keyring, path: Path) -> str:
    """Return the id after the signing key's that is free."""
    start = _KEY_IDS.index(keyring.signing.id) + 1
    taken = {key.id for key in keyring.keys}
    free = [name for name in _KEY_IDS[start:] + _KEY_IDS[:start] if name not in taken]
    if not free:
        raise ConfigError(f"{path}: all {len(_KEY_IDS)} ids are taken; remove a key that no open ticket needs")
    return free[0]


def _write_aside(path: Path, text: str, put: Callable[[Path, Path], None]) -> None:
    """Write a file that only its owner may read, make it durable, then put it in place."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 -- a descriptor, not a path
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        put(aside, path)
        _sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def _link_if_absent(aside: Path, path: Path) -> None:
    """Give a finished file its name unless the name is taken."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return


def _sync_folder(folder: Path) -> None:
    with _opened(folder) as descriptor:
        os.fsync(descriptor)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other rotations of this folder's keyring waiting."""
    with _opened(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn a failure of the file system into words."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path}: {_reason(error)}") from error


# --- templates ---------------------------------------------------------------------------------------------


def template_folders(config: Config) -> tuple[Path, ...]:
    """Return the folders with templates, the site's own first (where one is configured), then the shipped ones."""
    own = (Path(config.site.templates),) if config.site.templates else ()
    return (*own, _shipped_templates())


def _shipped_templates() -> Path:
    package = Path(mailgateway.__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"  # a wheel has them inside, a checkout beside


def load_templates(loaded: LoadedConfig) -> Templates:
    """Return all templates, compiled.

    Raises:
        ConfigError: A template cannot be read, or the site's folder is missing. A broken template of the site is no
            error: it is in `Templates.problems`, and the shipped one is used.
    """
    *own, shipped = [_texts(folder) for folder in template_folders(loaded.config)]
    return Templates(shipped, own[0] if own else None)


def _texts(folder: Path) -> dict[str, str]:
    """Return every template below a folder by its name relative to it."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder of templates")
    files = sorted(file for suffix in ("*.txt", "*.html") for file in folder.rglob(suffix) if file.is_file())
    return {file.relative_to(folder).as_posix(): _text(file) for file in files}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {_reason(error)}") from error
