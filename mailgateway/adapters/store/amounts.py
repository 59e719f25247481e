"""How much waits, counted along the partial indexes: the cost grows with what waits, with nothing else."""

import sqlalchemy as sa

from mailgateway.adapters.store.engine import Database
from mailgateway.adapters.store.tables import mail, outbox, outbox_recipient
from mailgateway.app.ports import Backlog
from mailgateway.model.ledger import DeliveryState, MailState

_WAITING = (MailState.RECEIVED, MailState.ACKNOWLEDGED)
_COUNTED = (*_WAITING, MailState.ASIDE)
_COUNT = {
    state: sa.select(sa.func.count()).select_from(mail).where(mail.c.state == sa.literal_column(f"'{state.value}'"))
    for state in _COUNTED
}
_OLDEST = {
    state: sa.select(sa.func.min(mail.c.received_at)).where(mail.c.state == sa.literal_column(f"'{state.value}'"))
    for state in _WAITING
}
_QUEUED = (
    sa.select(sa.func.count())
    .select_from(outbox_recipient)
    .where(outbox_recipient.c.state == sa.literal_column("'queued'"))
)
_OLDEST_QUEUED = sa.select(sa.func.min(outbox.c.created_at)).where(outbox.c.state == sa.literal_column("'queued'"))


class Amounts:
    """The part of the store behind /metrics."""

    _database: Database

    def backlog(self) -> Backlog:
        """Return what waits: mails received, acknowledged and set aside, recipients queued. Ends are not counted."""
        with self._database.read() as connection:
            mails = tuple((state.value, connection.execute(_COUNT[state]).scalar_one()) for state in _COUNTED)
            oldest = [connection.execute(_OLDEST[state]).scalar() for state in _WAITING]
            return Backlog(
                mails=mails,
                oldest_mail=min((one for one in oldest if one is not None), default=None),
                deliveries=((DeliveryState.QUEUED.value, connection.execute(_QUEUED).scalar_one()),),
                oldest_delivery=connection.execute(_OLDEST_QUEUED).scalar(),
            )
