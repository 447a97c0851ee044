# The life of a test server: data folder, start, readiness, what it exports, stop. Sourced by the scripts beside it.
#
# A run has one folder, named by $run:
#   NAME/           what belongs to the server NAME and the user it runs as: data, socket, log
#   NAME.pid        its process
#   NAME.env        `export` lines for the tests
#   certificates/   of the tests' own certificate authority (certificates.sh)

# The servers never run as root: PostgreSQL refuses to. `as_server` comes before a command that a server's user runs, in
# the same language and time zone everywhere.
as_server=(env LC_ALL=C.UTF-8 TZ=UTC)
server_user=$(id -un)
if [ "$(id -u)" = 0 ]; then
  server_user=nobody
  as_server+=(setpriv --reuid="$(id -u nobody)" --regid="$(id -g nobody)" --clear-groups --)
fi

# A folder for the server's own user to write in.
server_folder() {
  mkdir -p "$1"
  chmod 755 "$1"
  [ "$(id -u)" != 0 ] || chown "$server_user" "$1"
}

# fresh_data NAME VERSION: $run/NAME/data, copied from the cache, where `initialise FOLDER` makes it once for each
# version and each text of the scripts.
fresh_data() { locked "$1-data" fresh_data_once "$@"; }

fresh_data_once() {
  local name=$1 key template
  key=$({ printf '%s\n' "$2"; cat "$here/$name" "$here/lifecycle.sh"; } | cksum | cut -d ' ' -f 1)
  template=$cache/$name-data-$key
  if [ ! -d "$template" ]; then
    rm -rf "$cache/$name-data-"*
    local new=$cache/$name-data-new
    server_folder "$new"
    chmod 700 "$new"
    if ! initialise "$new" >"$run/$name.log" 2>&1; then
      tail -n 30 "$run/$name.log" >&2
      say "error: $name: the data folder could not be initialised"
      return 1
    fi
    mv "$new" "$template"
  fi
  cp -a --reflink=auto "$template" "$run/$name/data"
}

# A port that nothing listens on, below those that the kernel hands out to clients.
free_port() {
  local port
  while port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s\n' "$port"
}

# launch NAME: starts what `command_line PORT` puts into $command and sets $port, when `ready` succeeds. Readiness is asked over
# the private socket: on the port another process might answer. A port lost to another process in between is tried anew.
launch() {
  local name=$1 attempt pid deadline
  for attempt in 1 2 3 4 5; do
    port=$(free_port)
    command_line "$port"
    # A session of its own, so that Ctrl-C on the terminal reaches the tests and not the server under them.
    setsid "${as_server[@]}" "${command[@]}" >"$run/$name.log" 2>&1 </dev/null &
    pid=$!
    printf '%s\n' "$pid" >"$run/$name.pid"
    deadline=$((SECONDS + 90))
    while kill -0 "$pid" 2>/dev/null; do
      if ready >/dev/null 2>&1; then
        # The socket may answer a moment before the port.
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
      fi
      if [ "$SECONDS" -ge "$deadline" ]; then
        tail -n 30 "$run/$name.log" >&2
        fail "$name: not ready after 90 seconds"
      fi
      sleep 0.05
    done
    grep -qi 'address already in use' "$run/$name.log" || break
  done
  tail -n 30 "$run/$name.log" >&2
  fail "$name: the server stopped while it started (attempt $attempt)"
}

# publish NAME VARIABLE=VALUE…: for the tests.
publish() {
  local name=$1 pair
  shift
  for pair; do
    printf 'export %s=%q\n' "${pair%%=*}" "${pair#*=}"
  done >"$run/$name.env"
}

# Stops the servers of the folder $1 and removes it. The data is of no use to anyone, so a server that takes its time is killed.
stop_run() {
  local folder=$1 file pid deadline=$((SECONDS + 5))
  [ -d "$folder" ] || return 0
  for file in "$folder"/*.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    # QUIT: PostgreSQL's immediate shutdown; a shutdown for the other two. Only to a process that names this folder: ids are used again.
    grep -qsF "$folder" "/proc/$pid/cmdline" || continue
    kill -QUIT "$pid" 2>/dev/null || true
  done
  for file in "$folder"/*.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    while grep -qsF "$folder" "/proc/$pid/cmdline"; do
      if [ "$SECONDS" -ge "$deadline" ]; then kill -KILL "$pid" 2>/dev/null || true; fi
      sleep 0.05
    done
  done
  # A process of a server may still write as it ends.
  rm -rf "$folder" 2>/dev/null || { sleep 1; rm -rf "$folder"; }
}

# Ends a process and all that it started, parents first held still so that nothing new appears.
stop_tree() {
  local child
  kill -STOP "$1" 2>/dev/null || return 0
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do stop_tree "$child"; done
  kill -TERM "$1" 2>/dev/null || true
  kill -CONT "$1" 2>/dev/null || true
}
