"""The least a discord.py bot can do about `/resource`: answer a fixed text, privately, from a command tree."""

import os

import discord
from discord import app_commands

TEXT = (
    "Neural Networks and Deep Learning, a free online book by Michael Nielsen: http://neuralnetworksanddeeplearning.com"
)

client = discord.Client(intents=discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)


@tree.command()
async def resource(interaction: discord.Interaction, query: str) -> None:
    """Find books, videos, courses and people."""
    await interaction.response.send_message(TEXT, ephemeral=True)


if __name__ == "__main__":
    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
