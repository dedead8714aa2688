#!/bin/sh
# The night's work, on the folders of a team's installation: load what lies in incoming, send what is due, back up, check.
# It ends with the first step that fails; systemd then says so. Write your own source, mapping and time zone.
set -eu
folder=${1:-/var/lib/cx-insight}
python=${PYTHON:-/opt/cx-insight/.venv/bin/python}
mkdir -p "$folder/incoming" "$folder/loaded" "$folder/backups"

for extract in "$folder"/incoming/*; do
  [ -f "$extract" ] || continue
  "$python" -m cx_metrics load "$extract" --source helpdesk --mapping zendesk --timezone Europe/Berlin
  mv "$extract" "$folder/loaded/"
done
"$python" -m cx_metrics notify
"$python" -m cx_metrics backup "$folder/backups/$(date +%Y-%m-%d-%H%M%S).zip"
find "$folder/backups" -name '*.zip' -mtime +14 -delete
"$python" -m cx_metrics doctor --quick
