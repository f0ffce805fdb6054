# shellcheck shell=bash disable=SC2154 # scripts/setup sources it
# PostgreSQL's client and server programs.

# directory_holds DIRECTORY PROGRAM…
directory_holds() {
  local directory=$1 program
  shift
  for program; do
    [ -x "$directory/$program" ] || return 1
  done
}

# one_of_holds DIRECTORY:DIRECTORY… PROGRAM…
one_of_holds() {
  local directory directories=$1 IFS=:
  shift
  for directory in $directories; do
    directory_holds "$directory" "$@" && return
  done
  return 1
}

# some_directory_holds PROGRAM…: looks where the program does, see lib/postgres/tools.ts.
some_directory_holds() {
  local directory IFS=:
  for directory in $PATH /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    directory_holds "$directory" "$@" && return
  done
  return 1
}

find_postgres() {
  some_directory_holds pg_dump pg_restore && some_directory_holds initdb postgres
}

# Runs as root, with apt-get. Debian's package would make and start a cluster; the line that prevents it is taken out
# again, as it is the administrator's file.
# shellcheck disable=SC2016 # the variables are the inner shell's
apt_install_postgres='
  set -eu
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
  configuration=/etc/postgresql-common/createcluster.conf
  apt-get update || echo "apt-get update failed; trying with the package lists at hand." >&2
  install postgresql-common
  [ -e "$configuration.before-pgrehearse" ] || cp -p "$configuration" "$configuration.before-pgrehearse"
  trap "mv -f $configuration.before-pgrehearse $configuration" EXIT
  trap "exit 143" INT TERM HUP
  printf "\ncreate_main_cluster = false\n" >>"$configuration"
  contrib=
  if apt-cache show postgresql-contrib >/dev/null 2>&1; then contrib=postgresql-contrib; fi
  install postgresql $contrib
'

# One at a time: apt-get update does not wait for another one.
install_postgres() (
  become_root || exit 1
  exec 9<"$root/scripts/setup"
  flock 9
  find_postgres && exit 0
  say "Installing PostgreSQL with apt-get, without creating a cluster."
  log=$(mktemp) || exit 1
  trap 'rm -f "$log"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  $as_root sh -c "$apt_install_postgres" >"$log" 2>&1 </dev/null 9<&- && find_postgres && exit 0
  cat "$log" >&2
  say "apt-get cannot install PostgreSQL (see above)."
  exit 1
)

set_up_postgres() {
  local argument previous='' pg_bin=${PGREHEARSE_PG_BIN:-}
  for argument in "$@"; do
    case $argument in
      --pg-bin=*) pg_bin=${argument#*=} ;;
      *) [ "$previous" != --pg-bin ] || pg_bin=$argument ;;
    esac
    previous=$argument
  done
  if [ -n "$pg_bin" ]; then
    one_of_holds "$pg_bin" pg_dump pg_restore && one_of_holds "$pg_bin" initdb postgres && return
    say "$pg_bin (--pg-bin or PGREHEARSE_PG_BIN) does not hold all of pg_dump, pg_restore, initdb, postgres:" \
      "name the bin directory of a PostgreSQL server installation."
    return 2
  fi
  find_postgres && return
  if type -P apt-get >/dev/null && install_postgres; then return; fi
  say "PostgreSQL's programs (pg_dump, pg_restore, initdb, postgres) are missing. Install them, or name their folder" \
    "with --pg-bin:"
  say "  Debian, Ubuntu: sudo apt-get install postgresql"
  say "  Fedora, RHEL:   sudo dnf install postgresql-server postgresql-contrib"
  say "  SUSE:           sudo zypper install postgresql-server postgresql-contrib"
  say "  Arch:           sudo pacman -S postgresql"
  say "  macOS:          brew install postgresql@17"
  return 2
}
