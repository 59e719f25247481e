"""Signed tokens: reply addresses, bounce addresses, our Message-IDs and the check letters of ticket IDs."""
