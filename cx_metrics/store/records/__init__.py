"""What people decided and did: the tables of the records. Of business numbers they keep closed bills only."""

from __future__ import annotations

from cx_metrics.store.records.alerts import AlertCustomer, AlertRow
from cx_metrics.store.records.base import Base, Exact
from cx_metrics.store.records.bills import ClosedLine, ClosedStatement, Dispute, DisputeState
from cx_metrics.store.records.decided import ChannelRate, FollowUpDone, Intent, Revision, UnitsOfX
from cx_metrics.store.records.loads import Audit, Load, LoadState, Operation, PseudonymKey, SavedMapping
from cx_metrics.store.records.messages import Message, MessageState
from cx_metrics.store.records.reviews import (
    ReviewCause,
    ReviewEvidence,
    ReviewNote,
    ReviewRow,
    ReviewStep,
    ReviewVerdict,
)
from cx_metrics.store.records.roles import RoleRow

__all__ = [
    "AlertCustomer",
    "AlertRow",
    "Audit",
    "Base",
    "ChannelRate",
    "ClosedLine",
    "ClosedStatement",
    "Dispute",
    "DisputeState",
    "Exact",
    "FollowUpDone",
    "Intent",
    "Load",
    "LoadState",
    "Message",
    "MessageState",
    "Operation",
    "PseudonymKey",
    "ReviewCause",
    "ReviewEvidence",
    "ReviewNote",
    "ReviewRow",
    "ReviewStep",
    "ReviewVerdict",
    "Revision",
    "RoleRow",
    "SavedMapping",
    "UnitsOfX",
]
