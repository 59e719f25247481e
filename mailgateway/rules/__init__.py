"""Facts to decisions. The rule files come with their own loader; until then the built-in defaults decide."""
