"""Upload: bring in an extract, see what is taken and what is not, and take a load back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.errors import CxError
from cx_metrics.store.lake.intake import Preview
from cx_metrics.store.lake.loading import LoadResult
from pages.manage import ledger_table, mapping_editor
from pages.shared import actions, contact_rows, loaders, uploads
from pages.shared.format import plural
from pages.shared.frame import show_error
from pages.shared.registry import page
from pages.shared.text import plain

TYPES = ["csv", "tsv", "txt", "xlsx", "parquet", "json", "jsonl", "ndjson", "zip", "gz"]


def main() -> None:
    """Draw the page."""
    st.title(page("upload").title)
    st.markdown("Bring in an extract of tickets or calls. Nothing counts before you have seen what becomes of it.")
    file = st.file_uploader("Extract: CSV, TSV, XLSX, Parquet or JSON, zipped or not", type=TYPES, key="extract")
    if file is None:
        st.session_state.pop("upload_result", None)
    else:
        _extract(uploads.keep_upload(file))
    ledger_table.draw()


def _extract(path: Path) -> None:
    try:
        seen = uploads.preview(path)
    except CxError as error:
        show_error(error)
        return
    st.subheader("1 · What is in the file")
    st.caption(
        f"Read as {plain(seen.read_as)} · {len(seen.headers)} columns · first {len(seen.rows)} rows, as they stand"
    )
    st.dataframe(pd.DataFrame(seen.rows, columns=list(seen.headers)), hide_index=True, height=240, width="stretch")
    st.subheader("2 · What each column is taken for")
    mapping = mapping_editor.draw(path.name, seen)
    if mapping is None:
        return
    st.subheader("3 · Load")
    _load(path, seen, mapping)


def _load(path: Path, seen: Preview, mapping: Mapping) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.text_input(
            "Source: the system it comes from",
            mapping.name if mapping.name in seen.presets else Path(path.name).stem.split(".")[0],
            key="upload_source",
            max_chars=100,
            help="Contacts are known by source and id: use the same name for every extract of one system.",
        )
        zone = None
        if mapping.timezone is None:
            zones = uploads.time_zones()
            zone = st.selectbox(
                "Time zone of stamps without an offset",
                zones,
                index=None,
                placeholder="needed only where stamps have none",
                key="upload_zone",
            )
    demo = loaders.demo_loads()
    replace_demo = bool(demo) and st.checkbox(
        "Remove the demo data, and what the demo company decided, when this is loaded", value=True, key="drop_demo"
    )
    with st.container(horizontal=True):
        dry = st.button("Check without loading", icon=":material/fact_check:", key="check")
        wet = st.button("Load", type="primary", icon=":material/upload:", key="load")
    if dry or wet:
        _run(path, source=source, mapping=mapping, zone=zone, dry=dry, remove=demo if replace_demo else ())
    result = st.session_state.get("upload_result")
    if result is not None and result[0] == path:
        _receipt(result[1])


def _run(path: Path, *, source: str, mapping: Mapping, zone: str | None, dry: bool, remove: tuple[int, ...]) -> None:
    st.session_state.pop("upload_result", None)
    with st.status("Checking ..." if dry else "Loading ...", expanded=True) as status:
        bar = st.progress(0.0)

        def progress(step: str, share: float) -> None:
            bar.progress(min(max(share, 0.0), 1.0), text=plain(step))

        try:
            result = actions.bring_in(
                path, source=source, mapping=mapping, timezone=zone, dry_run=dry, remove=remove, progress=progress
            )
        except CxError as error:
            status.update(label="Nothing was changed.", state="error")
            show_error(error)
            return
        status.update(label="Checked." if dry else "Loaded.", state="complete", expanded=False)
    st.session_state["upload_result"] = (path, result)


def _receipt(result: LoadResult) -> None:
    receipt = result.receipt
    what = "would be" if result.load is None else "were"
    st.markdown(
        f"**{receipt.read:,} read** = {receipt.accepted:,} accepted + {receipt.merged:,} merged "
        f"+ {receipt.dropped:,} dropped + {receipt.rejected:,} rejected. "
        f"{result.added:,} {what} new, {result.replaced:,} replaced, {result.unchanged:,} unchanged."
    )
    if result.load is not None:
        st.success(f"Load {result.load} is in. The pages show it now.", icon=":material/check_circle:")
        st.page_link(page("overview").script, label="See the overview", icon=page("overview").icon)
    if result.rejects_file:
        rows = plural(receipt.rejected, "row was", "rows were")
        st.warning(f"{rows} rejected; each with its row, column, value and reason:")
        st.dataframe(contact_rows.rejected_rows(result.rejects_file), hide_index=True, height=200, width="stretch")
        make = contact_rows.rejected_rows_csv(result.rejects_file)
        st.download_button(
            "Rejected rows (CSV)", make, "rejected-rows.csv", "text/csv", key="rejects_csv", on_click="ignore"
        )
    uses = pd.DataFrame(
        [(use.header or "", use.field or "not used", use.note or "") for use in result.uses],
        columns=["column of the extract", "taken for", "note"],
    )
    with st.expander("What each column was taken for", expanded=result.load is None):
        st.dataframe(uses, hide_index=True, width="stretch")


main()
