"""Runs a module as a program whose discord.py talks to a loopback.

    LOOPBACK_PORT=40123 python -m tests.bench.redirected bot

The module itself stays as it is: these are the two addresses from which discord.py derives all others.
"""

import os
import runpy
import sys

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

HOST = f"127.0.0.1:{os.environ['LOOPBACK_PORT']}"

Route.BASE = f"http://{HOST}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://{HOST}/gateway")

if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
