"""The least a Bolt app can do about `/study resource`: acknowledge it with a fixed text, in both modes."""

import asyncio
import logging
import os

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

TEXT = (
    "Neural Networks and Deep Learning, a free online book by Michael Nielsen: http://neuralnetworksanddeeplearning.com"
)


async def study(ack: AsyncAck) -> None:
    """Answer, privately: that is how Slack shows an acknowledgement that says nothing else."""
    await ack(TEXT)


async def main() -> None:
    logging.basicConfig(level=os.environ["LOG_LEVEL"])
    app = AsyncApp(
        client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], AsyncWebClient.BASE_URL),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=True,  # by default, Bolt looks every 10 ms whether a command is acknowledged
    )
    app.command("/study")(study)
    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["HTTP_PORT"])).start()
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).connect_async()  # type: ignore[no-untyped-call]
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
