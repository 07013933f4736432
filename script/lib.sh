# What the scripts share. Source it; it changes to the root of the repository.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Where Python packages for comparisons are installed, outside of the repository.
venv="${VOXTILE_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/voxtile/venv}"

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Prints the comment at the head of the running script.
show_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# Lets the tests find the Python of script/bootstrap, unless VOXTILE_PYTHON names another.
use_python() {
  if [[ -z "${VOXTILE_PYTHON:-}" && -x "$venv/bin/python" ]]; then export VOXTILE_PYTHON="$venv/bin/python"; fi
}
