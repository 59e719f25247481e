"""From a decision to everything it changes: tickets, posts, events and the final bytes of what is sent. Pure.

Every effect becomes a `Changes`; the changes of a mail, in the order of its effects, are its `Outcome`.
"""

from mailgateway.app.plan.carry_out import needed_ids, plan
from mailgateway.app.plan.new_ticket import MAX_TITLE, NOBODY

__all__ = ["MAX_TITLE", "NOBODY", "needed_ids", "plan"]
