"""Values to values: what wrote a message, who it is, which ticket it belongs to."""
