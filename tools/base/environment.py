"""What the environment says of where the tools work."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """The environment variables that lead the tools to a deployment, as the Makefile sets them."""

    # A line of .env that nobody filled in counts as none.
    model_config = SettingsConfigDict(env_ignore_empty=True)

    stage: str = "local"
    backend: str = "embedded"
    aws_endpoint_url: str | None = None
    aws_region: str | None = None
    aws_default_region: str | None = None
