"""Files an admin writes: the configuration, secrets, the keyring and templates.

Nothing here is changed by a crash: files are read whole, and the keyring is written aside and then linked or renamed.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import URL

from mailgateway.config import Config, ServerAccess
from mailgateway.errors import ConfigError


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """The configuration with what lies around it.

    Attributes:
        config: The values.
        path: The file, absolute.
        warnings: What an admin should mend although the configuration works, a sentence each.
    """

    config: Config
    path: Path
    warnings: tuple[str, ...] = ()

    def resolve(self, name: str) -> Path:
        """Return a path of the configuration as an absolute one; relative ones start at the configuration file."""
        return self.path.parent / name

    @property
    def state_folder(self) -> Path:
        """The folder for everything the gateway keeps, absolute; need not exist yet."""
        return self.resolve(self.config.state.folder)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database, absolute where it is a file."""
        default = URL.create("sqlite", database=str(self.state_folder / "gateway.db"))
        return self.config.state.database or default.render_as_string(hide_password=False)

    @property
    def blob_folder(self) -> Path:
        """The folder of large mails, absolute; need not exist yet."""
        return self.resolve(self.config.state.blobs) if self.config.state.blobs else self.state_folder / "blobs"

    @property
    def keyring_path(self) -> Path:
        """The file with the signing keys, absolute; need not exist yet."""
        return self.resolve(self.config.state.keyring) if self.config.state.keyring else self.state_folder / "keyring"

    def password_for(self, access: ServerAccess) -> str:
        """Return the password of a server, "" where none is configured.

        Raises:
            ConfigError: The variable is not set or the file cannot be read.
        """
        if access.password_env:
            return self._from_environment(access.password_env)
        return self._from_file(access.password_file) if access.password_file else ""

    @staticmethod
    def _from_environment(name: str) -> str:
        try:
            return os.environ[name]
        except KeyError:
            raise ConfigError(f"the environment variable {name} is not set") from None

    def _from_file(self, name: str) -> str:
        try:
            return self.resolve(name).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except OSError as error:
            raise ConfigError(f"{name}: {error.strerror}") from error


def load_config(path: Path) -> LoadedConfig:
    """Return the configuration of a file.

    Raises:
        ConfigError: The file cannot be read or used; the text names every fault with its place.
    """
    try:
        return LoadedConfig(Config.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))), path.absolute())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (ValidationError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
