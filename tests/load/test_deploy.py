"""The files a team's installation is made of: they name what there is, and the night's work does its work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from streamlit import config

from benchmarks.team import DEPLOY, PROJECT, PROXY, UNIT
from cx_metrics.config import Settings
from cx_metrics.store.home import Home
from cx_metrics.store.ledger import loads

EXTRACT = PROJECT / "tests" / "contacts" / "extracts" / "zendesk.csv"
MEGABYTES_AROUND = 64


def test_the_settings_of_a_team_are_settings_there_are() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "cx-insight.env").read_text(), re.MULTILINE)
    ours = {f"CX_{name.upper()}" for name in Settings.model_fields}
    streamlits = {option.env_var for option in config.get_config_options().values()}
    assert len(names) == len(set(names)) >= 7
    assert [name for name in names if name not in ours | streamlits] == []


def test_the_proxy_lets_through_what_may_be_uploaded() -> None:
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", PROXY.read_text())
    allowed = Settings.model_fields["max_upload_mb"].default
    assert allowed < int(limit) <= allowed + MEGABYTES_AROUND


def test_every_process_and_job_reads_the_same_settings_as_the_same_user() -> None:
    units = [UNIT.read_text(), (DEPLOY / "cx-insight-nightly.service").read_text()]
    for line in ("User=cx-insight", "EnvironmentFile=/etc/cx-insight.env", "ReadWritePaths=/var/lib/cx-insight"):
        assert [re.findall(rf"^{line}$", unit, re.MULTILINE) for unit in units] == [[line], [line]]
    assert "ExecStart=/opt/cx-insight/deploy/nightly.sh" in units[1]


def test_the_nights_work_loads_backs_up_and_checks(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    shutil.copy(EXTRACT, tmp_path / "incoming")
    settings = {"CX_HOME": str(tmp_path / "home"), "CX_TIMEZONE": "Europe/Berlin", "CX_USER": "night"}
    for night in (1, 2):
        done = subprocess.run(
            [DEPLOY / "nightly.sh", tmp_path],
            cwd=PROJECT,
            env={**os.environ, **settings, "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(list((tmp_path / "backups").glob("*.zip"))) == night
    assert list((tmp_path / "incoming").iterdir()) == []
    assert [path.name for path in (tmp_path / "loaded").iterdir()] == [EXTRACT.name]
    with Home(Settings(home=tmp_path / "home")).session() as session:
        (load,) = loads(session)
    assert (load.source, load.actor) == ("helpdesk", "night")
    assert load.accepted > 0
