"""Every environment variable, typed, read once."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.shipped import shipped

PlatformName = Literal["discord", "slack", "playground"]

# How Slack's keys begin, and where an app's settings show them (docs.slack.dev/authentication/tokens).
_SLACK_KEYS = {
    "slack_bot_token": ("xoxb-", "OAuth & Permissions"),
    "slack_app_token": ("xapp-", "Basic Information"),
    "slack_signing_secret": ("", "Basic Information"),
}
_WORD = re.compile(r"[!-~]+")
_WEB = re.compile(r"https?://[!-~]{3,}")
_SLACK_COMMAND = re.compile(r"[a-z0-9_-]{1,31}")  # with its slash 32 characters (docs.slack.dev/reference/app-manifest)
_SLACK_OWN = frozenset({
    "me", "status", "away", "dnd", "shrug", "remind", "msg", "feed", "who", "collapse", "expand", "leave", "join",
    "open", "search", "topic", "mute", "pro", "shortcuts", "archive", "invite", "rename", "remove",
})  # fmt: skip


class SettingsError(Exception):
    """A setting is missing or malformed; one line a setting, which names it, the value and what to write."""


class Settings(BaseSettings):
    """The settings, from the environment or a `.env` file; the environment wins."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    database_url: str = "sqlite+aiosqlite:///milepost.db"
    backup_dir: Path | Literal["off"] | None = None
    curriculum_dir: Path = Field(default_factory=lambda: shipped("curriculum"))
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    platforms: Annotated[tuple[PlatformName, ...], NoDecode] = ()
    discord_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_command: str = "study"
    slack_aliases: bool = True
    link_check: bool = False
    link_check_about: str | None = None
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

    @field_validator("link_check_about")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not _WEB.fullmatch(value):
            raise ValueError("is no web address; write one that begins with https://")
        return value

    @field_validator("curriculum_dir")
    @classmethod
    def _is_there(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError("is not a folder; name the one that holds your curricula")
        return value

    @field_validator(*_SLACK_KEYS)
    @classmethod
    def _is_of_its_kind(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """One key in the place of another is the commonest slip."""
        if value is None:
            return value
        key, name = value.get_secret_value(), str(info.field_name)
        for other, (begins, _) in _SLACK_KEYS.items():
            if begins and other != name and key.startswith(begins):
                raise ValueError(f"this is {other.upper()}, since it begins with {begins}; put it there")
        begins, page = _SLACK_KEYS[name]
        if not key.startswith(begins):
            raise ValueError(f"it begins with {begins}; copy it from your app's {page} page")
        return value

    @field_validator("discord_token", *_SLACK_KEYS)
    @classmethod
    def _is_one_word(cls, value: SecretStr | None) -> SecretStr | None:
        """What a header cannot hold is found here, and not by the SDK's traceback."""
        if value is not None and not _WORD.fullmatch(value.get_secret_value()):
            raise ValueError("it holds a space, a line break or another stray character; copy it anew")
        return value

    @field_validator("slack_command")
    @classmethod
    def _can_be_had(cls, value: str) -> str:
        if not _SLACK_COMMAND.fullmatch(value):
            raise ValueError("write 1 to 31 of a-z, 0-9, _ and -, without the slash")
        if value in _SLACK_OWN:
            raise ValueError(f"Slack keeps /{value} for itself; choose another name")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("platforms", mode="before")
    @classmethod
    def _read_platforms(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """The settings. Raises SettingsError with a line for each that is wrong.

    Where no platforms are named, those run for which a key is set; without any, the playground.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_line(each) for each in error.errors())) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env: it cannot be read ({error}). Keep it as UTF-8 text.") from error
    if not settings.platforms:
        keys: dict[PlatformName, SecretStr | None] = {
            "discord": settings.discord_token,
            # Any of them: whoever forgot the first is to be told, and not to be shown a playground.
            "slack": settings.slack_bot_token or settings.slack_app_token or settings.slack_signing_secret,
        }
        settings.platforms = tuple(name for name, key in keys.items() if key) or ("playground",)
    if problem := _misfit(settings):
        raise SettingsError(problem)
    return settings


def _line(error: ErrorDetails) -> str:
    name = str(error["loc"][0]).upper()
    value = "" if "TOKEN" in name or "SECRET" in name else f"{error['input']}: "
    said = f"{name}: {value}{error['msg'].removeprefix('Value error, ')}"
    # A value may hold anything, and it may neither break its line nor colour a terminal.
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in said)


def _misfit(settings: Settings) -> str | None:
    """Which setting does not go with which, if any."""
    if "discord" in settings.platforms and settings.discord_token is None:
        return "DISCORD_TOKEN: PLATFORMS names discord, which needs your bot's token; copy it from its Bot page"
    if "slack" in settings.platforms and settings.slack_bot_token is None:
        return "SLACK_BOT_TOKEN: Slack does not run without it; copy it from your app's OAuth & Permissions page"
    if "slack" in settings.platforms and settings.slack_app_token is None and settings.slack_signing_secret is None:
        return (
            "SLACK_APP_TOKEN, SLACK_SIGNING_SECRET: Slack needs one of them: an app-level token to listen on a socket, "
            "which is simplest, or the signing secret to be reached at HTTP_HOST"
        )
    if "playground" in settings.platforms and len(settings.platforms) > 1:
        return "PLATFORMS: the playground runs alone, since anybody can be anybody there; leave it out"
    if "playground" in settings.platforms and not _is_loopback(settings.http_host):
        # It lets anybody be anybody, so nobody else's machine may reach it.
        return (
            f"HTTP_HOST: {settings.http_host}: the playground needs no password, so it is served on this machine only; "
            "write 127.0.0.1"
        )
    return None
