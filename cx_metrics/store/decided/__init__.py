"""What people decide and note: owners, rates, bills, alerts, follow-ups."""
