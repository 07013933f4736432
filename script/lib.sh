# What the scripts share. Source it; it changes to the root of the repository.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Where Python packages for comparisons are installed, outside of the repository.
venv="${VOXTILE_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/voxtile/venv}"

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Prints the comment at the head of the running script.
show_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# The Python that VOXTILE_PYTHON names, or that of script/bootstrap; nothing where there is neither.
venv_python() {
  if [[ -n "${VOXTILE_PYTHON:-}" ]]; then
    echo "$VOXTILE_PYTHON"
  elif [[ -x "$venv/bin/python" ]]; then
    echo "$venv/bin/python"
  fi
}

# The folder with real volumes: that of Debian's mricron-data, or VOXTILE_TEMPLATES.
templates() { echo "${VOXTILE_TEMPLATES:-/usr/share/mricron/templates}"; }

# Lets the tests find the Python of venv_python.
use_python() {
  local python
  python="$(venv_python)"
  if [[ -n "$python" ]]; then export VOXTILE_PYTHON="$python"; fi
}
