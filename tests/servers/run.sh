# A run: one folder, all the servers in it. Sourced by `with`, `start` and `stop`.

. "$here/packages.sh"
. "$here/lifecycle.sh"
. "$here/certificates.sh"

# Makes $run. Short, because the path of a Unix socket is limited to 107 bytes.
new_run() {
  run=$(mktemp -d /tmp/aludel-tests.XXXXXX)
  chmod 711 "$run"
  mkdir -p "$cache"
  "${as_server[@]}" test -x "$cache" ||
    fail "$server_user, the user that the servers run as, cannot enter $cache: set XDG_CACHE_HOME to a folder that everyone may enter"
}

# However the script that has sourced this ends, the servers stop and their data goes, unless it sets run= before.
run='' guard=''
finish() {
  local status=$? job
  trap '' INT TERM HUP
  for job in $(jobs -p); do stop_tree "$job"; done
  [ -z "$run" ] || stop_run "$run"
  [ -z "$guard" ] || stop_tree "$guard"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# No trap sees SIGKILL: a process outside this session then does what `finish` does.
guard_run() {
  setsid bash -c 'tail --pid="$1" -f /dev/null; . "$2/packages.sh"; . "$2/lifecycle.sh"; stop_run "$3"' \
    - "$$" "$here" "$run" </dev/null >/dev/null 2>&1 &
  guard=$!
  disown
}

# Starts all that the environment does not name already, at the same time; the tests' variables are then exported.
start_all() {
  local name starters=() failed=
  certificates
  for name in postgres mysql mariadb sqlite; do
    "$here/$name" "$run" &
    starters+=($!)
  done
  for name in "${starters[@]}"; do
    wait "$name" || failed=yes
  done
  [ -z "$failed" ] || fail "not every server started"
  local file
  for file in "$run"/*.env; do . "$file"; done
}
