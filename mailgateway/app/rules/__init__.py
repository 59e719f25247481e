"""Use cases of the rule files: examples, explanations, and what becomes of a new state of the files."""
