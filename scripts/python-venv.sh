#!/bin/sh
# Makes .venv in the repository's root with the Python clients that the client tests and the end-to-end proof run.
# Does nothing when it is there and has what scripts/requirements.txt asks for.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv="$root/.venv"
requirements="$root/scripts/requirements.txt"
installed="$venv/requirements.txt"

if [ -x "$venv/bin/python" ] && cmp -s "$requirements" "$installed"; then
  exit 0
fi
command -v python3 >/dev/null || { echo "python3 is not on this machine" >&2; exit 1; }
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" || {
  rm -rf "$venv" # half an environment looks like a whole one
  exit 1
}
cp "$requirements" "$installed"
