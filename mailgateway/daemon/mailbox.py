"""One mailbox's thread: look at every folder, wait for news, come back after a failure with growing patience."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import structlog
import tenacity

from mailgateway.app.health import Health
from mailgateway.app.intake import Intake, move_set_aside, poll_folder
from mailgateway.app.ports import Lease, MailServer
from mailgateway.config import MailboxConfig
from mailgateway.daemon.leases import Leases
from mailgateway.errors import FencedError, MailgatewayError, NotFoundError

LONGEST_WAIT_S = 60.0
"""Between two tries to reach a server that does not answer."""
WAIT_FOR_LEASE_S = 1.0
"""Between two looks whether the mailbox is ours."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Poller:
    """What a mailbox's thread works with."""

    intake: Intake
    leases: Leases
    health: Health
    connect: Callable[[MailboxConfig], MailServer]
    new_mail: Callable[[], None]
    stop: threading.Event

    @property
    def mailbox(self) -> MailboxConfig:
        """The mailbox."""
        return self.intake.mailbox


def poll_until_stopped(poller: Poller) -> None:
    """Poll a mailbox until the stop event is set; a server that fails is waited for, longer each time."""
    while not poller.stop.is_set():
        lease = poller.leases.held(poller.mailbox.name)
        if lease is None:
            poller.stop.wait(WAIT_FOR_LEASE_S)
            continue
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(MailgatewayError),
            wait=tenacity.wait_exponential_jitter(initial=1.0, max=LONGEST_WAIT_S, jitter=2.0),
            stop=tenacity.stop_when_event_set(poller.stop),
            sleep=tenacity.sleep_using_event(poller.stop),
            retry_error_callback=lambda _state: None,
        )
        tries(_session, poller)


def poll_once(poller: Poller, server: MailServer, lease: Lease) -> int:
    """Look at every folder of a mailbox once; return the number of new mails.

    Raises:
        MailgatewayError: As `poll_folder`; a folder other than the first may be missing.
    """
    new = 0
    for number, folder in enumerate(poller.mailbox.folders):
        try:
            new += poll_folder(poller.intake, server, lease, folder)
        except NotFoundError:
            if number == 0:
                raise
            log.debug("folder.missing", mailbox=poller.mailbox.name, folder=folder.name)
        if new:
            poller.new_mail()
    move_set_aside(poller.intake, server)
    poller.health.polled(poller.mailbox.name, poller.intake.clock.now())
    return new


def _session(poller: Poller) -> None:
    """Keep one connection as long as it lasts.

    Raises:
        MailgatewayError: It failed before the first good look; after one the caller begins anew at once.
    """
    looked = False
    try:
        with closing(poller.connect(poller.mailbox)) as server:
            while not poller.stop.is_set() and (lease := poller.leases.held(poller.mailbox.name)):
                poll_once(poller, server, lease)
                looked = True
                _wait(poller, server)
    except FencedError:
        poller.leases.lost(poller.mailbox.name)
    except MailgatewayError as error:
        _say_failed(poller, str(error))
        if not looked:
            raise
    except Exception as error:
        _say_failed(poller, repr(error))
        log.exception("mailbox.bug", mailbox=poller.mailbox.name)
        raise MailgatewayError(str(error)) from error


def _say_failed(poller: Poller, problem: str) -> None:
    poller.health.failed(poller.mailbox.name, problem)
    log.warning("mailbox.failed", mailbox=poller.mailbox.name, problem=problem)


def _wait(poller: Poller, server: MailServer) -> None:
    """Wait for news in the first folder, at most until the next look at all of them is due."""
    access = poller.mailbox.imap
    if access.idle and server.can_idle:
        server.select(poller.mailbox.folders[0].name)
        server.wait(access.poll_every_s, poller.stop.is_set)
    else:
        poller.stop.wait(access.poll_every_s)
