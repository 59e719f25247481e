"""A use case that loses against another writer is tried again: nothing of it was written."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mailgateway.errors import ConflictError

ATTEMPTS = 3
"""How often a use case is tried in all; whoever won had its turn by then."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def tried_again(use_case: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return a use case of one transaction that begins anew where the database ended it for another writer's sake."""

    @wraps(use_case)
    def attempt(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for _ in range(ATTEMPTS - 1):
            try:
                return use_case(*args, **kwargs)
            except ConflictError:
                continue
        return use_case(*args, **kwargs)

    return attempt
