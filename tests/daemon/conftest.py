from tests.app.conftest import desk, empty_database

__all__ = ["desk", "empty_database"]
