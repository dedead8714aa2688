"""Who may do what, and who did it: roles, rights, the audit trail."""
