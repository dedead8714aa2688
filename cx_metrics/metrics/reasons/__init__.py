"""The intents: how many, how they move, who owns them, what comes."""
