"""The transaction in which mails are processed: what is known is read, what was decided is written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.engine import Connection

from mailgateway.adapters.store.engine import Transaction, translated
from mailgateway.adapters.store.known import await_turn, known
from mailgateway.adapters.store.outcome import write_outcome
from mailgateway.adapters.store.quota import usage
from mailgateway.adapters.store.rows import Waiting
from mailgateway.model.decision import Keys, Known, Outcome, ReservedIds
from mailgateway.model.quota import QuotaKey, Usage


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Return a context that is rolled back alone; SQLAlchemy's own does more than a mail needs."""
    connection.exec_driver_sql("SAVEPOINT one_mail")
    try:
        yield
    except BaseException:
        if not connection.invalidated:  # without a connection the whole transaction is gone
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one_mail")
            connection.exec_driver_sql("RELEASE SAVEPOINT one_mail")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT one_mail")


class SqlBatch:
    """Fulfils `Batch`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._waiting = Waiting()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Return a context that rolls back what was written inside it when it is left by an exception."""
        mark = self._waiting.mark()
        try:
            with translated(), _savepoint(self._transaction.connection):
                yield
        except BaseException:
            self._waiting.forget(mark)
            raise

    def known(self, keys: Keys, now: datetime) -> Known:
        """Return what the store holds under the keys. Tickets found are locked against other writers."""
        with translated():
            if self._transaction.is_postgres:
                await_turn(self._transaction.connection, keys)
            return known(self._transaction.connection, keys, now)

    def usage(self, keys: Sequence[QuotaKey]) -> tuple[Usage, ...]:
        """Return how much of each quota is used, in the order of the keys, locked until the transaction ends."""
        with translated():
            return usage(self._transaction, keys)

    def reserve(self, tickets: int, outbox: int) -> ReservedIds:
        """Return fresh numbers."""
        with translated():
            take = self._transaction.numbers.take
            return ReservedIds(take("ticket_number", tickets), take("outbox_number", outbox))

    def write(self, outcome: Outcome) -> None:
        """Write everything one mail changes, its final state included."""
        with translated():
            write_outcome(self._transaction, outcome, self._waiting)

    def finish(self) -> None:
        """Write what waited; called once, before the commit."""
        with translated():
            self._waiting.carry_out(self._transaction.connection)
