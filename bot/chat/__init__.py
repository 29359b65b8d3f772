"""The neutral language: commands, messages, forms and buttons that no platform's name appears in."""
