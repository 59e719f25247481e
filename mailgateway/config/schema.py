"""The JSON Schema of the configuration, for editors that check and complete TOML."""

from mailgateway.config.models import Config


def config_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of config.toml; the descriptions are those of the reference."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
