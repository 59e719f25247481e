"""The help desk that is nothing but mail."""

__version__ = "0.1.0"
