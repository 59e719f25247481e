"""Whether a mail is the second copy of one we have (design.md section 4)."""

from mailgateway.model.decision import Keys, Known


def duplicate_of(known: Known, keys: Keys) -> int | None:
    """Return the ledger id of the first copy of a mail, None where it is new.

    The same Message-ID with the same digest is a duplicate (two mailboxes, a retry); so is the same digest where
    neither has an id. An id that it had before a server gave it another one counts like its own. The same id with
    another digest is a new mail (see `reused_id`).
    """
    candidates = known.same_id if keys.message_id or keys.names.other_ids else known.same_digest
    copies = (copy.mail for copy in candidates if copy.digest == keys.digest and copy.mail is not None)
    return min(copies, default=None)


def reused_id(known: Known, keys: Keys) -> str:
    """Return the defect of a mail whose Message-ID another mail has, "" where there is none."""
    same = (other for other in known.same_id if other.message_id == keys.message_id)
    if keys.message_id and any(other.digest != keys.digest for other in same):
        return "another mail has the same Message-ID"
    return ""
