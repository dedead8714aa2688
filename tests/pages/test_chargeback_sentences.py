"""What the Chargeback page says, on bills made up for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from cx_metrics.metrics.costs.bills import changed_lines, payer_table
from cx_metrics.store.decided.statements import Statement, StatementLine
from pages.shared import chargeback_sentences as say

EUR = "€\u202f"
PCT = "\u202f%"
DANA = StatementLine(
    "Visit", "Visits", "Dana", "d@x.org", "Dispatch", 1000, 2_200_000, 2_000_000, 1_302_000, 0, 0, 0, 0
)
ED = StatementLine("Bill", "Money", "*Ed*", None, None, 10, 700_000, 0, 0, 0, 0, 10, 0)
NOBODY = replace(ED, intent="Else", owner=None, direct_cents=100_000)
WHOLE = Statement("2026-10", "EUR", datetime(2026, 11, 2, 9, 30), (DANA, ED, NOBODY))
FREE = replace(ED, direct_cents=0, unpriced_contacts=10, repeats_cents=None)


def whole(*lines: StatementLine, currency: str = "EUR") -> str:
    made = replace(WHOLE, lines=lines, currency=currency)
    return say.whole_bill(made, payer_table(made))


def test_the_whole_bill_names_total_biggest_payer_and_what_nobody_owns() -> None:
    assert whole(*WHOLE.lines) == (
        f"Contacts cost **{EUR}50\u202f000** in October 2026. *Dana* pays most: **{EUR}42\u202f000** (84{PCT}). "
        f"**{EUR}1\u202f000** is nobody's (2{PCT})."
    )
    assert whole(DANA).endswith("Every intent has an owner.")
    assert whole(NOBODY) == f"Contacts cost **{EUR}1\u202f000** in October 2026. **Nobody owns any of it.**"
    assert r"*\*Ed\** pays most" in whole(ED)
    assert r"**\$" in whole(DANA, currency="USD")


def test_what_has_no_price_is_said_before_anyone_pays() -> None:
    assert whole(FREE) == "What the contacts of October 2026 cost is **not known**: no rate says it."
    half = replace(DANA, unpriced_contacts=500)
    assert f"The handling of 50{PCT} of the contacts has no price yet, and is not in it." in whole(half)
    assert "no price" not in whole(replace(DANA, unpriced_contacts=9))


def test_one_bill_says_its_share_and_its_repeats() -> None:
    part = WHOLE.of("Dana")
    assert say.one_bill(part, "Dana") == (
        f"*Dana* pays **{EUR}42\u202f000** for October 2026, 84{PCT} of the whole bill: "
        f"1\u202f000 contacts about 1 intent. **{EUR}13\u202f020** of it came from customers who had to ask again."
    )
    nobody = say.one_bill(WHOLE.of("(unowned)"), "(unowned)")
    assert nobody.startswith(f"Nobody pays **{EUR}1\u202f000** for October 2026, 2{PCT} of the whole bill: 10 contacts")
    free = replace(WHOLE, lines=(FREE,))
    assert "is **not known**" in say.one_bill(free, "*Ed*")


def test_the_state_says_open_or_closed_by_whom() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert "Open: a preview" in say.state(WHOLE, zone)
    assert "data until **2 Nov 2026, 10:30**" in say.state(WHOLE, zone)
    closed = replace(WHOLE, closed_at=datetime(2026, 11, 3, 8), closed_by="<Ada>")
    assert r"**Closed** by \<Ada\> on 3 Nov 2026, 09:00" in say.state(closed, zone)


def test_assumptions_and_gaps_are_counted() -> None:
    line = replace(DANA, assumed_contacts=7, downstream_assumed_contacts=9, unpriced_contacts=3)
    line = replace(line, downstream_unstated_contacts=5, repeats_cents=None)
    assert say.rests_on(replace(WHOLE, lines=(line,))) == (
        "1\u202f000 contacts · 7 have assumed minutes · 9 have an assumed downstream cost · "
        "5 have no downstream cost stated · 3 have no price, and are in no amount · "
        "repeats are not known: no customer ids"
    )
    assert say.rests_on(WHOLE.of("Dana")) == "1\u202f000 contacts"


def test_a_closed_month_says_what_today_would_give() -> None:
    today = replace(WHOLE, lines=(replace(DANA, direct_cents=2_000_050), ED, NOBODY))
    assert say.moved_since(WHOLE, today, changed_lines(WHOLE, today)) == (
        "The closed amounts stay. With today's data, rates and owners the month would cost "
        f"**{EUR}1\u202f999.50 less**; 1 line would differ."
    )
    other = replace(WHOLE, lines=(replace(DANA, owner="Eve", owner_email=None), ED, NOBODY))
    assert say.moved_since(WHOLE, other, changed_lines(WHOLE, other)) == (
        "The closed amounts stay. Today, 1 line would be billed to others or for other contacts."
    )


def test_closing_names_what_is_left_open() -> None:
    made = replace(WHOLE, lines=(replace(DANA, unpriced_contacts=3), NOBODY))
    said = list(say.before_closing(made, running=2, n_disputed=1))
    assert said[0].startswith(f"**{EUR}43\u202f000.00** for 1\u202f010 contacts. Once closed")
    assert said[1:] == [
        f"{EUR}1\u202f000.00 has no owner: nobody will pay it.",
        "3 contacts have no price: they will never be billed.",
        "2 contacts have not ended yet: further work on them is not billed.",
        "1 line is disputed and not answered yet.",
    ]
    assert len(list(say.before_closing(WHOLE.of("Dana"), running=None, n_disputed=0))) == 1


def test_a_line_in_words() -> None:
    assert say.line_note(DANA, "EUR") == (
        f"1\u202f000 contacts: {EUR}22\u202f000.00 handling and {EUR}20\u202f000.00 downstream. "
        f"{EUR}13\u202f020.00 of it are repeats."
    )
    assert say.line_note(FREE, "EUR") == "10 contacts, none of them with a price."
    only_downstream = replace(FREE, downstream_cents=500, downstream_unstated_contacts=0)
    assert say.line_note(only_downstream, "EUR") == f"10 contacts: {EUR}5.00 downstream."


def test_cards_and_months() -> None:
    assert say.card_money(None, "EUR") == "not known"
    assert say.card_money(4_200_000, "USD") == "\\$\u202f42\u202f000"
    assert [say.month_name(month) for month in ("2026-01", "2025-12")] == ["January 2026", "December 2025"]
