#!/bin/sh
# The beginning of what scripts/pack makes: it unpacks what follows it into this user's cache, once, and runs that.
#
# scripts/pack puts before these lines: version, name (of the folder in the cache), lines (how many come before the
# archive), kilobytes (what it takes unpacked), names (of the files), and checksums (what cksum prints for them).
# shellcheck disable=SC2154

# POSIX has no stat, and of what ls prints only the mode and the owner are read.
# shellcheck disable=SC2012

fail() {
  printf 'pgrehearse: %s\n' "$1" >&2
  exit 2
}

# Succeeds if only this user and root can put something else in the place of what lies in the directory.
is_safe_place() {
  ls -ldn "$1/." 2>/dev/null | {
    read -r mode _ owner _
    case $mode in
      d????????[tT]*) ;; # sticky: what lies there can be renamed by its owner only
      d????????*)
        case $mode in ????????w*) exit 1 ;; esac
        [ "$owner" = "$user" ] || [ "$owner" = 0 ]
        ;;
      *) exit 1 ;;
    esac
  }
}

# Succeeds if the directory is this user's own, and closed to everybody else.
is_private() {
  ls -ldn "$1" 2>/dev/null | {
    read -r mode _ owner _
    case $mode in drwx------*) [ "$owner" = "$user" ] ;; *) exit 1 ;; esac
  }
}

# use_cache PARENT NAME: sets `cache`; fails if none can be there.
use_cache() {
  (umask 077 && mkdir -p "$1") 2>/dev/null
  place=$(CDPATH='' cd -P -- "$1" 2>/dev/null && pwd -P) && is_safe_place "$place" || return 1
  cache=$place/$2
  if mkdir -m 700 "$cache" 2>/dev/null; then return 0; fi
  [ -e "$cache" ] || [ -L "$cache" ] || return 1
  is_private "$cache" || fail "$cache is not a directory of mode 0700 of this user (uid $user), so what lies there may be \
anybody's: remove it, or set XDG_CACHE_HOME to a directory of yours."
  [ -w "$cache" ] || [ -d "$cache/$name" ]
}

find_cache() {
  case ${XDG_CACHE_HOME:-}:${HOME:-} in
    /*) use_cache "$XDG_CACHE_HOME" pgrehearse && return ;;
    *:/?*) is_safe_place "$HOME" && use_cache "$HOME/.cache" pgrehearse && return ;;
  esac
  temporary=${TMPDIR:-/tmp}
  if [ -d "$temporary" ] && use_cache "$temporary" "pgrehearse-cache-$user"; then return; fi
  fail "There is no safe place to unpack this program, neither in XDG_CACHE_HOME or ~/.cache nor in $temporary: set \
XDG_CACHE_HOME to a directory of yours."
}

# Succeeds if the directory holds every file as it was packed.
is_whole() {
  # shellcheck disable=SC2086 # names without blanks, as scripts/pack saw to
  [ "$(cd -- "$1" 2>/dev/null && cksum $names 2>/dev/null)" = "$checksums" ]
}

# Unpacks beside the files' place, and moves them there one by one: whoever else unpacks now moves the same files, and
# who runs them already keeps them, even where they take the place of damaged ones.
unpack() (
  umask 077
  new=
  trap '[ -z "$new" ] || rm -rf "$new"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # What was killed while it unpacked, and versions that were not started for a month.
  find "$cache" -name 'unpacking.*' -prune -mmin +60 -exec rm -rf {} +
  find "$cache" -name started -mtime +30 -exec sh -c 'rm -rf "${1%/*}"' sh {} \;
  new=$(mktemp -d "$cache/unpacking.XXXXXX") || exit
  tail -n "+$((lines + 1))" "$self" | gzip -dc | tar -xof - -C "$new" || exit
  is_whole "$new" || { echo 'what came out is not what was packed' && exit 1; }
  mkdir -p "$program" && mv -f "$new"/* "$program/"
)

PATH=${PATH:+$PATH:}/usr/bin:/bin
export PATH
self=$0
user=$(id -u)
find_cache
program=$cache/$name
if ! is_whole "$program"; then
  said=$(unpack 2>&1) || fail "Cannot unpack $self into $cache, which takes $kilobytes kB: ${said:-no reason was given}
Is there room (df -h $cache)? If the file was cut short on its way, fetch it again. XDG_CACHE_HOME names another place."
fi
[ -x "$program/deno" ] || fail "$cache lies on a file system that allows no programs (noexec): set XDG_CACHE_HOME to a \
directory on another one."
{ true >"$program/started"; } 2>/dev/null # says to later versions that this one is in use

# Deno looks for an .npmrc there, and ends where the home that some accounts have is a file, /dev/null.
[ -d "${HOME:-/}" ] || HOME=/nonexistent
# Deno's own notes stay in the cache, too. It keeps no compiled code there, which would not be checked.
export DENO_DIR="$program/notes" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
exec "$program/deno" run --v8-flags=--max-semi-space-size=4 --unstable-lazy-dynamic-imports --quiet --no-prompt \
  --no-lock --cached-only --no-remote --no-npm --no-code-cache --config "$program/deno.json" -P "$program/main.js" "$@"
