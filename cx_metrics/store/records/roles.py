"""Who may do what: the rules that give roles to people who sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base


class RoleRow(Base):
    """One rule: whoever has this e-mail address, or is in this group, has this role.

    Attributes:
        kind: email or group.
        value: The address in lower case, or the group as the provider names it.
        role: viewer, owner, analyst or admin.
        given_by: Who made the rule.
    """

    __tablename__ = "roles"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(320), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    given_by: Mapped[str] = mapped_column(String(320))
    given_at: Mapped[datetime]
