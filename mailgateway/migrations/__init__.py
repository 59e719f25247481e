"""The history of the schema: one file for each step in `versions`, forwards only, run by Alembic.

Nothing here knows the package: a migration of today must do the same in ten years.
"""
