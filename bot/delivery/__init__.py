"""Posts that nobody typed: when they are due, what they say, and how each is said once."""
