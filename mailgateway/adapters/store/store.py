"""The database as one object that fulfils `Store`."""

from mailgateway.adapters.store.amounts import Amounts
from mailgateway.adapters.store.desk import TicketDesk
from mailgateway.adapters.store.engine import Database, engine_for
from mailgateway.adapters.store.lease import Leases
from mailgateway.adapters.store.ledger import Intake
from mailgateway.adapters.store.outbox import Deliveries
from mailgateway.adapters.store.people import People
from mailgateway.adapters.store.queue import Queue
from mailgateway.adapters.store.recorded import RecordedDecisions
from mailgateway.adapters.store.schema import check_schema


class SqlStore(Leases, Intake, Queue, Deliveries, TicketDesk, People, Amounts, RecordedDecisions):
    """Fulfils `Store`; each parent holds the methods for one thing and shares no code with the others.

    Methods may be called from several threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Let go of every connection."""
        self._database.close()


def open_store(url: str) -> SqlStore:
    """Open a database that is at this program's schema.

    Args:
        url: A SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://USER@HOST/NAME`; a password is better left to
            PGPASSWORD or PGPASSFILE.

    Raises:
        TemporaryError: The database does not answer.
        PermanentError: Its schema is older or newer (`mailgateway db upgrade`), or the URL is none.
    """
    check_schema(url)
    return SqlStore(Database(engine_for(url)))
