"""Where things rest: contacts in the lake, aggregates in the mart, decisions in the records."""
