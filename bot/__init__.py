"""Milepost: takes a group of people through a curriculum together."""
