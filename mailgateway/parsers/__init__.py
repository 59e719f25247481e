"""Bytes to values. Nothing here raises on any input, and everything here is bounded."""
