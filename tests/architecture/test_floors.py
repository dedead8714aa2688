"""An import only points down; this test reads every import and says where a new module belongs."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, ...], ...] = (
    ("cx_metrics.errors", "cx_metrics.config", "cx_metrics.spreadsheet", "cx_metrics.charts.numbers"),
    ("cx_metrics.contacts", "cx_metrics.statistics"),
    ("cx_metrics.store",),
    ("cx_metrics.metrics",),
    ("cx_metrics.reviews",),
    ("cx_metrics.charts", "cx_metrics.reports", "cx_metrics.keeping"),
    ("cx_metrics.demo",),
    ("cx_metrics.cli", "cx_metrics.__main__"),
    ("pages",),
    ("app",),
)
"""From the bottom up. A new module belongs on the lowest floor from which it sees all it needs."""

MODULES = sorted(
    path
    for path in (*ROOT.glob("cx_metrics/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py")
    if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int | None:
    for number, rooms in enumerate(FLOORS):
        if any(module == room or module.startswith(f"{room}.") for room in rooms):
            return number
    return None


def imports(path: Path) -> set[str]:
    """Every module a file imports, also inside functions; ``from a import b`` counts as a.b where that is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    own = floor_of(module)
    if module == "cx_metrics":
        return
    assert own is not None, f"{module} stands on no floor: add its room to FLOORS, as low as its imports allow"
    for imported in imports(path):
        other = floor_of(imported)
        assert other is None or other <= own, f"{module} (floor {own}) imports {imported} (floor {other})"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_imported_behind_the_back(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"__import__", "importlib", "exec", "eval"}
    assert not any(name.split(".")[0] == "importlib" for name in imports(path))


def test_streamlit_lives_in_the_pages_and_the_frame_only() -> None:
    strangers = [name_of(p) for p in MODULES if any(i.split(".")[0] == "streamlit" for i in imports(p))]
    assert all(name.startswith("pages") or name == "app" for name in strangers)


def test_duckdb_is_known_where_files_are_read_only() -> None:
    rooms = ("cx_metrics.contacts", "cx_metrics.store", "cx_metrics.demo", "cx_metrics.keeping")
    strangers = [name_of(p) for p in MODULES if any(i.split(".")[0] == "duckdb" for i in imports(p))]
    assert all(name.startswith(rooms) for name in strangers)


def test_caches_live_in_the_loaders_only() -> None:
    users = [name_of(p) for p in MODULES if "st.cache_" in p.read_text(encoding="utf-8")]
    assert users == ["pages.shared.contact_rows", "pages.shared.loaders", "pages.shared.uploads"]


def test_no_contact_row_is_kept_for_somebody_else() -> None:
    """Beside the loaders of aggregates, all share a connection only; what an upload holds stays in its session."""
    kept = {
        (name_of(path), node.name, "scope='session'" in ast.unparse(each))
        for path in MODULES
        if name_of(path) in ("pages.shared.contact_rows", "pages.shared.uploads")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for each in node.decorator_list
        if "cache" in ast.unparse(each)
    }
    assert kept == {
        ("pages.shared.contact_rows", "_drilldown", False),
        ("pages.shared.uploads", "_kept", True),
        ("pages.shared.uploads", "_preview", True),
    }


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("pages")], ids=name_of)
def test_pages_neither_write_sql_nor_group_nor_merge(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not calls & {"groupby", "merge", "pivot_table", "query", "execute", "sql"}, name_of(path)


def test_no_page_lies_directly_in_pages() -> None:
    """Streamlit would run a page there without the frame on a deep link."""
    assert list((ROOT / "pages").glob("*.py")) == []


def test_there_is_no_circle() -> None:
    names = {name_of(path) for path in MODULES}
    uses = {name_of(p): {i for i in imports(p) if i in names} - {name_of(p)} for p in MODULES}
    TopologicalSorter(uses).prepare()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_a_key_stands_for_one_kind_of_control() -> None:
    """A session keeps what was chosen under its key: two kinds of one key would get each other's choice."""
    silent = {"chart_card", "csv_button", "download_csv"}
    kinds: dict[str, set[str]] = {}
    for path in ROOT.glob("pages/**/*.py"):
        for call in (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
        ):
            given = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
            kind = ast.unparse(call.func).rpartition(".")[2]
            chooses = kind not in silent and (kind != "data_table" or given.get("select") is True)
            if chooses and isinstance(given.get("key"), str):
                kinds.setdefault(str(given["key"]), set()).add(kind)
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}
