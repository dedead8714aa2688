"""Chargeback: who pays for a month's contacts, line by line, with the contacts behind each line."""

from __future__ import annotations

from functools import partial

import streamlit as st

from cx_metrics.charts import owners as owners_chart
from cx_metrics.metrics.costs.bills import changed_lines, line_table, payer_table
from cx_metrics.store.decided.statements import UNOWNED, Statement
from cx_metrics.store.marts.mart import MartFacts
from pages.explore import closing_panel, dispute_panel, line_panel
from pages.shared import billing, cards, loaders
from pages.shared import chargeback_sentences as sentences
from pages.shared import format as write
from pages.shared.billing import Bill
from pages.shared.cards import Card
from pages.shared.empty import empty_state
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table

EVERYONE = "Everyone"


def main() -> None:
    """Draw the page."""
    st.title(page("chargeback").title)
    facts = loaders.facts()
    if facts is None or not facts.contacts:
        empty_state(
            ":material/receipt_long:",
            "There is nothing to bill yet",
            "Load an extract, then say in Settings who owns which intent and what contacts cost.",
            link=(page("upload").script, "Load an extract"),
        )
        return
    bill, payer = _choose(facts)
    shown = bill.shown.of(payer) if payer else bill.shown
    st.caption(sentences.state(shown, loaders.home().settings.zone))
    if not shown.lines:
        empty_state(":material/event_busy:", "No contacts in this month", "Choose another month above.")
        return
    cards.answer(sentences.one_bill(shown, payer) if payer else sentences.whole_bill(shown, payer_table(shown)))
    _cards(shown)
    _what_changed(bill)
    _payers(bill.shown)
    _lines(bill, shown)
    dispute_panel.draw(shown.month, currency=shown.currency)
    if payer is None:
        closing_panel.draw(bill)
    st.caption(sentences.ONCE)


def _choose(facts: MartFacts) -> tuple[Bill, str | None]:
    """The month and, if only one payer is asked for, who."""
    months = billing.months(facts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = st.selectbox(
            "Month", months, index=billing.usual_month(facts), key="month", bind="query-params", width=160
        )
        bill = billing.bill(month if month in months else months[billing.usual_month(facts)])
        payers = bill.shown.payers
        payer = st.selectbox("Owner", [EVERYONE, *payers], key="owner", bind="query-params", width=280)
    return bill, payer if payer in payers else None


def _cards(shown: Statement) -> None:
    lines = shown.lines
    is_known = any(line.is_known for line in lines)
    amounts = {
        "Total": shown.total_cents if is_known else None,
        "Handling": sum(line.direct_cents for line in lines) if any(line.has_direct for line in lines) else None,
        "Downstream": sum(line.downstream_cents for line in lines) if is_known else None,
        "Repeats": shown.repeats_cents if is_known else None,
    }
    found = [Card(name, sentences.card_money(cents, shown.currency)) for name, cents in amounts.items()]
    if shown.part_of_cents is None:
        found.append(Card("Without owner", sentences.card_money(shown.unowned_cents, shown.currency)))
    cards.card_row(found, caption=sentences.rests_on(shown))


def _what_changed(bill: Bill) -> None:
    """A closed month stays; what today would give instead is said beside it."""
    changed = changed_lines(bill.shown, bill.today) if bill.is_closed else None
    if changed is None or changed.empty:
        return
    with st.container(border=True):
        st.markdown(f":material/difference: {sentences.moved_since(bill.shown, bill.today, changed)}")
        with st.expander("Which lines would differ"):
            show = partial(write.price, currency=bill.shown.currency)
            columns = [
                Column("intent", "Intent", pinned=True),
                Column("owner", "Billed to"),
                Column("total", "Billed", show),
                Column("owner_today", "Today's owner"),
                Column("total_today", "Today", show),
            ]
            data_table(changed, columns, alt="Lines that would be billed otherwise today", key="changed_lines")
            csv_button(changed, key="statement_differences")


def _payers(statement: Statement) -> None:
    payers = payer_table(statement)
    cards.chart_card(
        "Who pays?",
        "What each owner's intents cost in the month · hatched = nobody owns it",
        owners_chart.owners(payers, currency=statement.currency, nobody=UNOWNED),
        alt=owners_chart.alt(payers, currency=statement.currency),
        data=payers,
        key="owners",
    )


def _lines(bill: Bill, shown: Statement) -> None:
    """Every line; the one chosen shows its contacts and can be disputed."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Every line", anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            csv_button(line_table(shown), key=f"statement-{shown.month}")
            billing.xlsx_button(shown)
    st.caption("Select a line to see the contacts behind it, or to dispute it.")
    show = partial(write.price, currency=shown.currency)
    columns = [
        Column("intent", "Intent", pinned=True),
        Column("owner", "Owner"),
        Column("department", "Department"),
        Column("category", "Category"),
        Column("contacts", "Contacts", write.count),
        Column("direct", "Handling", show),
        Column("downstream", "Downstream", show),
        Column("total", "Total", show),
        Column("repeats", "Repeats", show, help="Part of the total: contacts whose customer had asked the same before"),
        Column("assumed_contacts", "Assumed minutes", write.count, help="Contacts whose minutes are assumed"),
        Column("unpriced_contacts", "No price", write.count, help="Contacts without a rate for channel and day"),
    ]
    chosen = data_table(line_table(shown), columns, alt="Lines of the statement", key="statement_lines", select=True)
    if chosen is not None and chosen < len(shown.lines):
        line_panel.draw(bill, shown.lines[chosen])


main()
