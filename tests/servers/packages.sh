# Debian packages for the tests, unpacked into a private folder: nothing is installed, no root is needed.
# Sourced by the scripts beside it.
#
# Each set of packages is resolved as if nothing were installed, so it comes with its own C library, and its programs run
# through their own dynamic loader. So a program of Debian unstable runs on an older system, and one of the system's own
# release runs where the libraries it needs are missing.

# Where downloads and initialised data folders are kept between runs. Root's is outside its home, which is closed to the
# unprivileged user that root's servers run as.
if [ "$(id -u)" = 0 ]; then
  cache=${XDG_CACHE_HOME:-/var/cache}/aludel-tests
else
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/aludel-tests
fi

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# locked NAME COMMAND…: one process at a time, over all runs that share the cache.
locked() (
  mkdir -p "$cache"
  exec 9>"$cache/$1.lock"
  flock 9
  shift
  "$@" 9>&-
)

# The mirror and the release this machine gets its own packages from: "URI RELEASE". apt is asked, whether or not it has
# ever fetched a list.
apt_origin() {
  command -v apt-get >/dev/null || {
    say "error: no apt-get: on a system that is not Debian-like, start the servers with tests/compose.yaml"
    return 1
  }
  local own
  own=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get update --print-uris 2>/dev/null | awk -v own="$own" -F "'" '
    match($2, "/dists/[^/]+/InRelease$") {
      uri = substr($2, 1, RSTART - 1)
      release = substr($2, RSTART + 7, RLENGTH - 17)
      if (release == own || (release ~ /^(sid|unstable|testing|stable)$/ && !found)) { found = uri " " release }
      if (release == own) exit
    }
    END { if (found) print found; else exit 1 }' ||
    { say "error: apt names no mirror of this system's release (apt-get update --print-uris)"; return 1; }
}

# unpack NAME SUITE PACKAGE…: the packages and all they need, in $cache/NAME-SUITE, whose path is printed.
# SUITE is a release of the mirror, or `own` for the machine's.
unpack() { locked "$1-$2" unpack_once "$@"; }

unpack_once() {
  local name=$1 suite=$2 origin mirror keyring signed=
  shift 2
  local root=$cache/$name-$suite
  printf '%s\n' "$root"
  [ "$(cat "$root/.packages" 2>/dev/null)" = "$*" ] && return
  say "$name: fetching $* ($suite)"

  origin=$(apt_origin) || return 1
  mirror=${origin% *}
  [ "$suite" = own ] && suite=${origin##* }
  for keyring in "/usr/share/keyrings/$(. /etc/os-release && printf '%s' "$ID")-archive-keyring".*; do
    [ -e "$keyring" ] && signed="[signed-by=$keyring]"
  done

  local apt=$cache/$name-apt log=$cache/$name-apt.log
  rm -rf "$root" "$apt"
  mkdir -p "$apt/state/lists/partial" "$apt/archives/partial" "$root"
  : >"$apt/status"
  printf 'deb %s %s %s main\n' "$signed" "$mirror" "$suite" >"$apt/sources.list"
  local options=(
    -o Dir::State="$apt/state" -o Dir::State::Lists="$apt/state/lists" -o Dir::State::status="$apt/status"
    -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives"
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=-
    -o APT::Sandbox::User="$(id -un)" -o APT::Update::Post-Invoke::= -o Acquire::Languages=none
    -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30
  )
  if ! { apt-get "${options[@]}" update &&
    apt-get "${options[@]}" install -y --download-only --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    say "error: could not fetch $* of $suite from the mirror that apt uses"
    return 1
  fi
  local archive
  for archive in "$apt/archives"/*.deb; do
    dpkg-deb -x "$archive" "$root"
  done
  rm -rf "$apt" "$log" "$root/usr/share/doc" "$root/usr/share/man"
  # Some packages hold directories that only their own user may enter.
  chmod -R u+rwX,go+rX "$root"
  printf '%s' "$*" >"$root/.packages"
}

# own_loader ROOT PROGRAM…: puts a script in the place of each program, which runs it with the loader and the libraries
# of ROOT. In its place, so that programs that start one another are served too.
own_loader() { locked "$(basename "$1")" own_loader_once "$@"; }

own_loader_once() {
  local root=$1 loader directory libraries program
  shift
  for program; do
    [ -e "$program.real" ] && continue
    loader=$(echo "$root"/{usr/,}lib/*-linux-gnu*/ld-linux*.so.*)
    for loader in $loader; do [ -e "$loader" ] && break; done
    [ -e "$loader" ] || { say "error: no dynamic loader under $root"; return 1; }
    libraries=
    for directory in "$root"/{usr/,}lib/*-linux-gnu* "$root"/{usr/,}lib/*-linux-gnu*/private "$root"/usr/lib/mysql/private; do
      [ -d "$directory" ] && libraries+=${libraries:+:}$directory
    done
    mv "$program" "$program.real"
    printf '#!/bin/sh\nexec "%s" --library-path "%s" --argv0 "$0" "%s" "$@"\n' "$loader" "$libraries" "$program.real" >"$program.new"
    chmod 755 "$program.new"
    mv "$program.new" "$program"
  done
}
