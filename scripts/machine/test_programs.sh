# shellcheck shell=bash disable=SC2154 # scripts/test sources it
# What only tests want, so only scripts/test gets it. All of it may fail: a test that lacks its program says so in its
# name, and counts as skipped.

tests_own=$root/.tools/tests-$MACHTYPE

has_chromium() {
  type -P chromium >/dev/null || type -P chromium-browser >/dev/null || type -P google-chrome >/dev/null
}

# has_own PROGRAM
has_own() {
  type -P "$1" >/dev/null || [ -x "$tests_own/$1" ]
}

# Prints the packages that hold the programs that this machine lacks: a browser looks at reports, systemd checks units,
# shells run completions and wrappers, servers speak other languages, pgBackRest and Barman make physical backups, and so
# on.
lacking_packages() {
  local program
  has_chromium || printf '%s ' chromium fonts-liberation
  [ -e /usr/share/i18n/locales/de_DE ] || printf '%s ' locales # a server that speaks German
  for program in barman:barman bwrap:bubblewrap curl:curl fish:fish groff:groff-base openssl:openssl \
    pgbackrest:pgbackrest ps:procps rsync:rsync script:bsdutils shellcheck:shellcheck systemd-analyze:systemd zsh:zsh; do
    type -P "${program%:*}" >/dev/null || printf '%s ' "${program#*:}"
  done
}

# Debian's package of promtool would start a server, so a program is taken out of its package, not installed.
# shellcheck disable=SC2016 # the variables are the inner shell's
take_out_program='
  set -u
  cd "$1" || exit
  destination=$2
  program=${2##*/}
  shift 2
  for package; do
    apt-get download "$package" && dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x "./usr/bin/$program" && break
  done
  mkdir -p "${destination%/*}" && mv -f "usr/bin/$program" "$destination"
'

set_up_test_programs() (
  packages=$(lacking_packages)
  [ -n "$packages" ] || ! has_own promtool || ! has_own kubectl || exit 0
  type -P apt-get >/dev/null || exit 1
  temporary=$(mktemp -d) || exit 1
  trap 'rm -rf "$temporary"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [ -n "$packages" ] && become_root; then
    say "Installing with apt-get, for tests: ${packages% }."
    # One package that cannot be had keeps none of the others away.
    # shellcheck disable=SC2086 # several packages
    apt_install $packages >"$temporary/log" 2>&1 || for package in $packages; do
      apt_install "$package" >"$temporary/log" 2>&1 && continue
      cat "$temporary/log" >&2
      say "apt-get cannot install $package (see above): tests that need it are skipped."
    done
  fi
  # From Debian 13 on the packages have the programs' names.
  for names in 'promtool prometheus' 'kubectl kubernetes-client'; do
    program=${names% *}
    ! has_own "$program" || continue
    say "Taking $program out of Debian's package into .tools/, for tests."
    # shellcheck disable=SC2086 # several packages
    sh -c "$take_out_program" sh "$temporary" "$tests_own/$program" $names >"$temporary/log" 2>&1 </dev/null ||
      { cat "$temporary/log" >&2 && say "$program cannot be had (see above): tests that need it are skipped."; }
  done
)
