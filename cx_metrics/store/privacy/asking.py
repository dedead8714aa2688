"""What people may ask for their contacts: to be erased, with a proof; and that nothing is kept longer than was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.errors import BadUse, StoreError
from cx_metrics.store import ledger
from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.home import Home
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.privacy import erasing
from cx_metrics.store.privacy.erasure_plan import Plan, planned
from cx_metrics.store.privacy.pseudonyms import check_key, resting


@dataclass(frozen=True)
class Erasure:
    """What an erasure took away, or, as a dry run, would.

    Attributes:
        number: Its number in the audit trail; None for a dry run, and where nothing was old enough to go.
        contacts: Contacts that go.
        superseded: Older versions of contacts that go.
        before: The first month that is kept, where contacts go by their age.
        keys: Source and contact id of a customer's contacts that went.
    """

    number: int | None
    contacts: int
    superseded: int
    before: str | None = None
    keys: frozenset[ContactKey] = frozenset()


def ids_of(home: Home, customer_id: str) -> tuple[str, ...]:
    """The ids by which a customer may be named here: as it rests, and in clear."""
    return tuple(dict.fromkeys((resting(customer_id, settings=home.settings), customer_id)))


def erase_customer(
    home: Home,
    customer_id: str,
    *,
    actor: str,
    source: str | None = None,
    reference: str | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Erasure:
    """Erase a person's contacts from every snapshot, file and record; waits while another process writes.

    The mart is brought up to date by the next refresh.

    Args:
        home: Where from.
        customer_id: In clear, also where ids rest as pseudonyms; or as pages show it.
        actor: Who erases.
        source: Only contacts of this source; None: of all.
        reference: What the request is called elsewhere, for the audit trail.
        dry_run: Whether to count only.
        progress: Told the steps.

    Raises:
        BadUse: No id was given.
        BadInput: Ids are pseudonyms here, and the key is missing or another.
    """
    wanted = customer_id.strip()
    if not wanted:
        raise BadUse("Whom to erase? Give a customer id, as the extracts have it.")
    with home.session() as session:
        check_key(session, home.settings)
    plan = Plan("erase", ids=ids_of(home, wanted), source=source, reference=reference)
    if dry_run:
        return _told(None, erasing.find(home, plan))
    with home.writing("erasure of a customer", progress=progress):
        repair(home, progress=progress)
        return _carried_out(home, plan, actor=actor, progress=progress)


def forget(home: Home, *, months: int, actor: str, dry_run: bool = False, progress: Progress = silent) -> Erasure:
    """Forget contacts that started more than some whole months ago, if there are any.

    Args:
        home: Where from.
        months: How many months before the present one are kept.
        actor: Who forgets.
        dry_run: Whether to count only.
        progress: Told the steps.

    Raises:
        BadUse: The number of months is none.
    """
    if months < 1:
        raise BadUse(f"Contacts are kept for 1 month or more, not {months}: give --older-than, or set CX_KEEP_MONTHS.")
    plan = Plan("forget", before=first_kept_month(months))
    if dry_run:
        return _told(None, erasing.find(home, plan))
    if not is_due(home, plan):
        return _told(None, plan)
    with home.writing("forgetting of old contacts", progress=progress):
        repair(home, progress=progress)
        return _carried_out(home, plan, actor=actor, progress=progress)


def is_due(home: Home, plan: Plan) -> bool:
    """Whether the lake has a month that is to be forgotten, or there is a file of rejected rows of such a load."""
    assert plan.before is not None
    assert plan.cut_at is not None
    files = (*home.lake.contacts.files(), *home.lake.superseded.files())
    if any(month_in(file) < plan.before for file in files):
        return True
    with home.session() as session:
        old = [row.id for row in ledger.loads(session) if row.at < plan.cut_at]
    return any(home.rejects_file(number).exists() for number in old)


def first_kept_month(months: int, *, now: datetime | None = None) -> str:
    """The first of the months that are kept, as ``2024-01``; the present one, in UTC, and as many before it are."""
    present = now or ledger.utc_now()
    year, month = divmod(present.year * 12 + present.month - 1 - months, 12)
    return f"{max(year, 1):04d}-{month + 1:02d}"


def month_in(file: str) -> str:
    """The month of a file of the lake, from its path."""
    return file.rsplit("/", 2)[-2].removeprefix("month=")


def _carried_out(home: Home, plan: Plan, *, actor: str, progress: Progress) -> Erasure:
    number = erasing.begin(home, plan, actor=actor)
    keys = planned(home, number) if plan.ids else frozenset()
    done = erasing.resume(home, operation_id=number, progress=part(progress, 0.05, 1.0))
    if done is None:
        raise StoreError(f"Erasure {number} lost its plan; do it again.")
    return replace(_told(number, done), keys=keys)


def _told(number: int | None, plan: Plan) -> Erasure:
    return Erasure(number, plan.contacts, plan.superseded, plan.before)
