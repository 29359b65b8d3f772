"""A whole season, played offline in seconds: the real records, schedule, outbox and Desk, with members who are made up.

Whoever plans a cohort sees every post with its date before the first member does, and whoever changes Milepost sees
whether a season still holds together.
"""
