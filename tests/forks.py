"""What processes that run the program in forks load themselves, so that no fork has to."""

from mailgateway.adapters import files
from mailgateway.adapters.languages import LanguageModel
from mailgateway.compose.templates import Templates
from mailgateway.daemon import parts


def load_for_forks() -> None:
    """Load the model of languages, and compile the shipped templates: no test here has any of its own."""
    LanguageModel()("loaded here once, not in every fork")
    shipped = Templates(files._texts(files._shipped_templates()))
    parts.load_templates = lambda _loaded: shipped
