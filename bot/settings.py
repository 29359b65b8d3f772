"""Every environment variable, typed, read once."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.shipped import shipped


class SettingsError(Exception):
    """A setting is missing or malformed; one line a setting, which names it, the value and what to write."""


class Settings(BaseSettings):
    """The settings, from the environment or a `.env` file; the environment wins."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    database_url: str = "sqlite+aiosqlite:///milepost.db"
    curriculum_dir: Path = Field(default_factory=lambda: shipped("curriculum"))
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    facilitators: Annotated[frozenset[tuple[str, str, str]], NoDecode] = frozenset()
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("facilitators", mode="before")
    @classmethod
    def _read_facilitators(cls, value: Any) -> Any:
        """`platform:community:user`, several with commas or spaces between them."""
        if not isinstance(value, str):
            return value
        entries = [tuple(each.split(":")) for each in value.replace(",", " ").split()]
        if wrong := [":".join(each) for each in entries if len(each) != 3 or not all(each)]:
            raise ValueError(f"{wrong[0]} is not platform:community:user, such as discord:1234:5678")
        return frozenset(entries)

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("http_host")
    @classmethod
    def _is_loopback(cls, value: str) -> str:
        """The playground lets anybody be anybody, so nobody else's machine may reach it."""
        try:
            is_loopback = value == "localhost" or ip_address(value).is_loopback
        except ValueError:
            is_loopback = False
        if not is_loopback:
            raise ValueError("the playground needs no password, so it is served on this machine only; write 127.0.0.1")
        return value


def read_settings() -> Settings:
    """The settings. Raises SettingsError with a line for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for each in error.errors():
            name = str(each["loc"][0]).upper()
            value = "" if "TOKEN" in name or "SECRET" in name else f"{each['input']}: "
            lines.append(f"{name}: {value}{each['msg'].removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from error
