"""Looking at the curriculum's links: politely, one after the other, and never at anything private."""
