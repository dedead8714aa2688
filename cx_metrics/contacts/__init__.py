"""What a contact is, and how an extract becomes contacts."""
