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

# Passes on what `swift test` prints, without the lines that say that all goes well: what is built, which test starts
# and which one passes. On a terminal it counts tests meanwhile. It ends with what was skipped and why, what failed,
# and Swift's own summary, unchanged.
only_failures() {
  local line count=0 skipped="" failed="" summary=""
  local building='^\[[0-9]+/[0-9]+\] |^(Building for|Build complete|Planning build)'
  local xctest="^Test Suite '|Executed 0 tests" versions='^↳ (Testing Library Version|Target Platform):'
  while IFS= read -r line; do
    case "$line" in
      "◇ "* | "✔ Suite "* | "✔ Test case "*) continue ;;
      "✔ Test run with "* | "✘ Test run with "* | "━ Test run with "*) summary+="$line"$'\n'; continue ;;
      "➜ "*) skipped+="${line##* skipped}"$'\n'; continue ;;
      "✔ Test "*)
        count=$((count + 1))
        if [[ -t 1 ]]; then printf '\r%d tests have passed ' "$count"; fi
        continue ;;
      "✘ Test "*" failed after "*) failed+="$line"$'\n' ;;
    esac
    if [[ "$line" =~ $building || "$line" =~ $xctest || "$line" =~ $versions ]]; then continue; fi
    if [[ -t 1 ]]; then printf '\r\033[K'; fi
    printf '%s\n' "$line"
  done
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
  if [[ -n "$skipped" ]]; then
    printf 'Skipped, and why:\n'
    printf '%s' "$skipped" | sed -E 's/^: //; s/^\.$/(no reason is given)/' | sort | uniq -c
  fi
  if [[ -n "$failed" ]]; then printf 'Failed:\n%s' "$failed"; fi
  if [[ -n "$summary" ]]; then
    printf '%s' "$summary"
  elif [[ "$count" -gt 0 ]]; then
    printf 'The tests ended early, after %d had passed; --verbose shows which ones had started.\n' "$count"
  fi
}

# The build that script/check makes: in its own folder, so that other builds need not start again because of these flags.
# shellcheck disable=SC2034 # for the scripts that source this
strict=(-c release --scratch-path .build/check -Xswiftc -warnings-as-errors -Xswiftc -enable-testing)

# The libraries that people can depend on, each one after those that it needs.
libraries=(Voxtile VoxtileFormats VoxtileStore VoxtileInference VoxtileCases VoxtileReport VoxtileViewer)

# write_symbol_graphs FOLDER: describes the public symbols of each library in a folder of FOLDER named like it.
# `swift package dump-symbol-graph` would build and describe the tests too. VOXTILE_MODULES names the folder Modules
# of a build that is there already; without it the program and its libraries are built for debugging.
write_symbol_graphs() {
  local folder="$1" modules="${VOXTILE_MODULES:-}" extract library searched=() map scratch
  extract="$(command -v swift-symbolgraph-extract || xcrun --find swift-symbolgraph-extract)"
  if [[ -z "$modules" ]]; then
    swift build --product voxtile >&2
    modules="$(swift build --show-bin-path)/Modules"
  fi
  searched=(-I "$modules" -target "$(swiftc -print-target-info | sed -nE 's/^ *"triple": "(.*)",$/\1/p')")
  if command -v xcrun >/dev/null; then searched+=(-sdk "$(xcrun --show-sdk-path)"); fi
  # C modules of this package and of what that build depends on; those of another build would be there twice.
  scratch="$(cd "$modules" && pwd -P)"
  while [[ "$scratch" != / && ! -d "$scratch/checkouts" ]]; do scratch="$(dirname "$scratch")"; done
  while IFS= read -r map; do searched+=(-I "$(dirname "$map")"); done \
    < <(find Sources "$scratch/checkouts" -name module.modulemap 2>/dev/null)
  for library in "${libraries[@]}"; do
    mkdir -p "$folder/$library"
    "$extract" -module-name "$library" "${searched[@]}" -minimum-access-level public \
      -output-dir "$folder/$library" >&2
  done
}
