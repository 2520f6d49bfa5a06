"""Where the tools work: on an emulator of this machine, or on AWS."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import boto3
from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings

EMULATOR_KEY = "test"
"""The emulators take any credentials."""
ROOT = Path(__file__).resolve().parents[1]


class _Environment(BaseSettings):
    stage: str = Field(default="local", pattern=r"^[a-z][a-z0-9]{1,15}$")
    aws_endpoint_url: str | None = None
    aws_region: str | None = None
    aws_default_region: str | None = None


class Target(BaseModel):
    """One deployment of the stack. With an `endpoint` it is on this machine, without one it is on AWS."""

    model_config = ConfigDict(frozen=True)

    stage: str
    endpoint: str | None
    region: str | None
    stack_name: str

    @classmethod
    def from_environment(cls) -> Self:
        """Read STAGE, AWS_ENDPOINT_URL and AWS_REGION, as the Makefile sets them."""
        read = _Environment()
        region = read.aws_region or read.aws_default_region or ("us-east-1" if read.aws_endpoint_url else None)
        return cls(
            stage=read.stage,
            endpoint=read.aws_endpoint_url,
            region=region,
            stack_name=f"order-saga-{read.stage}",
        )

    @property
    def port(self) -> int:
        """The endpoint's port."""
        return urlsplit(self.endpoint or "").port or 4566

    @property
    def name(self) -> str:
        """Where this is, in words."""
        return self.endpoint or "AWS"

    def session(self) -> boto3.Session:
        """Give a session with the credentials for this place: an emulator takes any, AWS takes the person's own."""
        if self.endpoint:
            return boto3.Session(EMULATOR_KEY, EMULATOR_KEY, region_name=self.region)
        return boto3.Session(region_name=self.region)

    def environment(self) -> dict[str, str]:
        """Give the environment variables that lead AWS clients and tools here."""
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region} if self.region else {}
        if not self.endpoint:
            return region
        return {
            **region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": EMULATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": EMULATOR_KEY,
        }
