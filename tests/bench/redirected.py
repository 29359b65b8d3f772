"""Runs a module as a program whose platform's SDK talks to a loopback.

    PLATFORMS=discord LOOPBACK_PORT=40123 python -m tests.bench.redirected bot

The module itself stays as it is: these are the addresses from which the SDKs derive all others. Only the platform's own
SDK is imported here, so that a bare bot is bare.
"""

import os
import runpy
import sys

HOST = f"127.0.0.1:{os.environ['LOOPBACK_PORT']}"


def _redirect_discord() -> None:
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    Route.BASE = f"http://{HOST}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://{HOST}/gateway")


def _redirect_slack() -> None:
    from slack_sdk.web.async_client import AsyncWebClient

    AsyncWebClient.BASE_URL = f"http://{HOST}/api/"


if __name__ == "__main__":
    {"discord": _redirect_discord, "slack": _redirect_slack}[os.environ["PLATFORMS"]]()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
