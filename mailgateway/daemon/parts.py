"""From the configuration to the adapters: the one place where the program is put together."""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from mailgateway.adapters import imap
from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.adapters.clock import SystemClock
from mailgateway.adapters.files import LoadedConfig, load_templates, open_keyring
from mailgateway.adapters.languages import LanguageModel
from mailgateway.adapters.liveness import Liveness
from mailgateway.adapters.rulefiles import FolderSource, GitSource, KeptRules, RulesInbox, RulesNotes
from mailgateway.adapters.smtp import SmtpRelay
from mailgateway.adapters.store import open_store
from mailgateway.adapters.store.schema import upgrade
from mailgateway.app.ports import Blobs, Clock, MailServer, Relay, Store
from mailgateway.app.snapshot import Snapshot, snapshot
from mailgateway.config import Config, MailboxConfig
from mailgateway.daemon.rules import RulePlaces
from mailgateway.errors import ConfigError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a run needs.

    Attributes:
        snapshot: What admins wrote.
        store: The database, at the current schema.
        blobs: Where large mails are.
        clock: The time.
        connect: Opens a logged-in connection for a mailbox; raises TemporaryError or PermanentError.
        open_relay: Makes a relay; it connects when it is first used.
        owner: This run's name in the leases, different for every run.
        is_dead: Whether another owner has certainly ended.
        close: Lets go of the database and of the owner's mark.
        rules: Where the rules come from, None for the shipped ones.
    """

    snapshot: Snapshot
    store: Store
    blobs: Blobs
    clock: Clock
    connect: Callable[[MailboxConfig], MailServer]
    open_relay: Callable[[], Relay]
    owner: str
    is_dead: Callable[[str], bool]
    close: Callable[[], None]
    rules: RulePlaces | None = None


def open_parts(loaded: LoadedConfig) -> Parts:
    """Open the store (upgrading its schema), the keyring and the templates.

    Raises:
        ConfigError: A file cannot be used, the relay's password not be read, or the state folder not be written.
        TemporaryError: The database does not answer.
    """
    config = loaded.config
    owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    liveness = Liveness(loaded.state_folder / "owners")
    # What holds nothing comes first: a configuration that is refused leaves nothing open behind it.
    try:
        loaded.state_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        relay_password = loaded.password_for(config.smtp)
        keyring = open_keyring(loaded.keyring_path)
        written = snapshot(config, keyring, load_templates(loaded), _likelihoods(config))
        upgrade(loaded.database_url)
        liveness.mark(owner)
    except OSError as error:
        raise ConfigError(f"{loaded.state_folder}: {error.strerror or error}") from error
    store = open_store(loaded.database_url)

    def close() -> None:
        store.close()
        liveness.close()

    return Parts(
        snapshot=written,
        store=store,
        blobs=FolderBlobs(loaded.blob_folder),
        clock=SystemClock(),
        connect=lambda mailbox: imap.connect(mailbox.imap, loaded.password_for(mailbox.imap)),
        open_relay=lambda: SmtpRelay(config.smtp, relay_password),
        owner=owner,
        is_dead=liveness.is_dead,
        close=close,
        rules=rule_places(loaded),
    )


def rule_places(loaded: LoadedConfig) -> RulePlaces | None:
    """Return where the rules come from and are kept, None where no folder is configured. Nothing is made or read."""
    if not loaded.config.rules.folder:
        return None
    folder, kept = Path(loaded.config.rules.folder), loaded.state_folder / "rules"
    source = GitSource(folder) if loaded.config.rules.source == "git" else FolderSource(folder)
    inbox = RulesInbox(kept, _report)
    return RulePlaces(
        os.path.join(folder, ""),  # noqa: PTH118 -- with a slash at its end
        source,
        KeptRules(kept, _report),
        RulesNotes(kept, _report),
        inbox,
        inbox.prepare,
    )


def _report(sentence: str) -> None:
    log.warning("rules.damaged", problem=sentence)


def _likelihoods(config: Config) -> LanguageModel | None:
    """Return the language model, None where there is nothing to choose; it costs a second and 100 MiB."""
    return LanguageModel() if len(config.site.languages) > 1 else None
