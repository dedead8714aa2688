"""Every door to contact rows and to the records that pages have, each tried once: what it lets whom do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.contacts.progress import silent
from cx_metrics.errors import CxError, NotAllowed
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.effect_question import answer
from cx_metrics.reviews.states import Severity, State
from cx_metrics.store.people.access import Action, Role
from cx_metrics.store.people.roles import Rule
from cx_metrics.store.records import Dispute, DisputeState
from pages.shared import (
    actions,
    alerting,
    billing,
    contact_rows,
    decided,
    effects,
    follow_ups,
    giving,
    loaders,
    naming,
    reviewing,
    uploads,
)
from tests.browser.homes import LAST_DAY

MAPPING = 'name = "m"\n[columns]\ncontact_id = "contact_id"\nstarted_at = "started_at"\n'


def tried(intent: str) -> dict[str, str]:
    """What became of each door, by its name: ``no`` where who is looking may not go through, else ``yes``.

    Doors that would change something are handed what can't be done: whether they ask first is what counts.
    """
    found = {}
    for action, doors in DOORS.items():
        for door in doors:
            name = f"{action}: {door.__name__.strip('_')}"
            try:
                door(intent)
            except NotAllowed:
                found[name] = "no"
            except CxError:
                found[name] = "yes"
            else:
                found[name] = "yes"
    return found


def _slice(intent: str) -> Slice:
    return Slice(from_on=LAST_DAY - timedelta(days=9), to_on=LAST_DAY, where=(("intent", (intent,)),))


def _contacts(intent: str) -> None:
    assert set(contact_rows.contacts(_slice(intent), limit=None, offset=0)["intent"]) == {intent}


def _wishes(intent: str) -> None:
    assert len(contact_rows.follow_ups(_slice(intent), marked=(), done=False, limit=5)) == 5


def _contacts_csv(intent: str) -> None:
    assert intent in contact_rows.contacts_csv(_slice(intent))()


def _rows_csv(intent: str) -> None:
    rows = pd.DataFrame({"contact_id": ["a"], "intent": [intent]})
    assert intent in contact_rows.rows_csv(rows, what="rows", about={})()


def _evidence_csv(intent: str) -> None:
    contact_rows.rows_csv(pd.DataFrame({"contact_id": ["a"]}), what="rows", about={}, intent=intent)()


def _preview(_: str) -> None:
    path = loaders.home().folder.with_suffix(".csv")
    assert uploads.preview(path).headers[0] == "contact_id"


def _check(_: str) -> None:
    actions.bring_in(
        loaders.home().folder / "none.csv",
        source="desk",
        mapping=parse_mapping(MAPPING, origin="m"),
        timezone=None,
        dry_run=True,
        remove=(),
        progress=silent,
    )


def _rejected(_: str) -> None:
    assert len(contact_rows.rejected_rows(loaders.home().rejects_file(2)))


def _rejected_csv(_: str) -> None:
    assert contact_rows.rejected_rows_csv(loaders.home().rejects_file(2))()


def _take_back(_: str) -> None:
    actions.take_back(999, progress=silent)


def _save_mapping(_: str) -> None:
    actions.save_mapping(parse_mapping(MAPPING, origin="m"))


def _flag(intent: str) -> None:
    reviewing.flag(
        intent,
        severity=Severity.NOTIFY,
        paused_what=None,
        reason="",
        resume_when="",
        acknowledge_within=timedelta(hours=1),
        decide_within=timedelta(days=1),
        signal=None,
    )


def _review(intent: str) -> int:
    return next(each.id for each in reviewing.every() if each.intent == intent)


def _step(intent: str) -> None:
    review = reviewing.one(_review(intent))[0]
    reviewing.step(review, to=State.INVESTIGATING, note="", version=-1, fixed_on=None)


def _name_a_cause(intent: str) -> None:
    naming.save(_review(intent), None, ids="", bone="", text="", state="suspected", contacts=None, whys=[])


def _suspect(intent: str) -> None:
    offered = {"attribute": "a", "level": "b", "kind": "rate", "contacts": 1, "sentence": "c"}
    naming.suspect(_review(intent), pd.Series(offered), bone="")


def _attach(intent: str) -> None:
    naming.attach(_review(intent), voice="nobody", said="", cause_id=None, where="")


def _record(intent: str) -> None:
    asked = effects.asked(reviewing.one(_review(intent))[0])
    assert asked is not None
    effects.record(_review(intent), loaders.ask(answer, asked))


def _tell(_: str) -> None:
    reviewing.tell_now()


def _mark(intent: str) -> None:
    follow_ups.mark(("desk", "none"), intent=intent, done=False)


def _save_alert(intent: str) -> None:
    alerting.save(replace(alerting.present()[f"told {intent}"], n_sent=-1))


def _take_customers(intent: str) -> None:
    alerting.take_customers(f"told {intent}", b"nothing", file="x.csv")


def _dispute(intent: str) -> None:
    shown = billing.bill(f"{LAST_DAY:%Y-%m}").shown
    billing.dispute(shown, intent, reason="")


def _withdraw_dispute(intent: str) -> None:
    billing.answer(Dispute(id=999, intent=intent), state=DisputeState.WITHDRAWN, note="")


def _answer(intent: str) -> None:
    billing.answer(Dispute(id=999, intent=intent), state=DisputeState.ACCEPTED, note="")


def _close(_: str) -> None:
    billing.close(billing.bill(f"{LAST_DAY:%Y-%m}").shown)


def _decide(_: str) -> None:
    decided.save([], gone=(), since="another")


def _take_in(_: str) -> None:
    decided.take_in(b"name,on,units\norders,2026-13-01,1\n", name="x.csv")


def _rules(_: str) -> None:
    assert giving.rules()


def _give(_: str) -> None:
    giving.give(kind="email", value="ann@example.com", role="emperor")


def _take_role(_: str) -> None:
    giving.take_away(Rule("email", "none@example.com", Role.VIEWER, "nobody", datetime.min))


def _history(_: str) -> None:
    decided.edits(5, of="intents")


DOORS: dict[Action, tuple[Callable[[str], None], ...]] = {
    Action.SEE_CONTACTS: (_contacts, _wishes),
    Action.EXPORT_CONTACTS: (_contacts_csv, _rows_csv, _evidence_csv),
    Action.LOAD: (_preview, _check, _rejected, _rejected_csv),
    Action.WITHDRAW: (_take_back,),
    Action.SAVE_MAPPING: (_save_mapping,),
    Action.FLAG: (_flag,),
    Action.STEP: (_step, _name_a_cause, _suspect, _attach, _record),
    Action.TELL: (_tell,),
    Action.FOLLOW_UP: (_mark,),
    Action.NOTE_ALERT: (_save_alert, _take_customers),
    Action.DISPUTE: (_dispute, _withdraw_dispute),
    Action.SETTLE: (_answer,),
    Action.CLOSE: (_close,),
    Action.DECIDE: (_decide, _take_in),
    Action.GIVE_ROLES: (_rules, _give, _take_role),
    Action.READ_AUDIT: (_history,),
}
