# shellcheck shell=bash disable=SC2034,SC2154 # scripts/setup sources it
# Deno: the one on the PATH, or one of a pinned version and a pinned SHA-256 in .tools/.

deno_version=2.9.6
deno_minimum_minor=9 # of Deno 2

# One checkout may be mounted on several platforms, so the platform is part of the name.
deno_own=$root/.tools/deno-$deno_version-$MACHTYPE/deno
deno=

# Sets `deno` to the one on PATH if it is new enough. It asks that Deno for the real executable's path: what npm puts on
# the PATH may be a Node script that starts Deno, 0.1 s later.
find_deno_on_path() {
  local answer version minor
  type -P deno >/dev/null || return 1
  answer=$(deno eval --no-config --no-lock 'console.log(Deno.version.deno + " " + Deno.execPath())' \
    2>/dev/null </dev/null) || return 1
  version=${answer%% *}
  minor=${version#*.}
  minor=${minor%%.*}
  case ${version%%.*} in
    2) [ "$minor" -ge "$deno_minimum_minor" ] 2>/dev/null || return 1 ;;
    [3-9] | [1-9][0-9]) ;;
    *) return 1 ;;
  esac
  deno=${answer#* }
}

# Prints Deno's package for this platform in npm's registry, and the SHA-256 of its file, which is the same whatever
# fetches it.
deno_package() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo linux-x64-glibc a6596af07f3570b4f1ffa6783bfee9942aac14a719a601baa6bf5b71bf0105e2 ;;
    Linux-aarch64) echo linux-arm64-glibc 8e32a9c72c84c14f91fde26efbef0b5f347286f3c68b4b7d4b8040ae9e6f42ec ;;
    Darwin-x86_64) echo darwin-x64 7de9ca51343ef2f2ef1996e4a673d37920386681c3fef4aa964638ec62df398f ;;
    Darwin-arm64) echo darwin-arm64 60321cf03244e275589f0d099575bfc739c72ff5aa6e9d19d47d8f0757c24bad ;;
    *) return 1 ;;
  esac
}

sha256_of() {
  if type -P sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -c 1-64
}

# fetch_deno_with TOOL PACKAGE DIRECTORY: leaves Deno's package as DIRECTORY/deno.tgz.
fetch_deno_with() {
  local registry=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}}
  local url=${registry%/}/@deno/$2/-/$2-$deno_version.tgz
  case $1 in
    npm)
      mkdir -p "$3/npm" && npm pack --silent --ignore-scripts --pack-destination "$3/npm" "@deno/$2@$deno_version" &&
        mv -f "$3"/npm/*.tgz "$3/deno.tgz"
      ;;
    curl) curl -fsSL --retry 2 --connect-timeout 30 -o "$3/deno.tgz" "$url" ;;
    wget) wget -nv --tries=3 --timeout=30 -O "$3/deno.tgz" "$url" ;;
  esac
}

# The first of what can fetch Deno and does; with apt-get curl comes first.
fetch_deno() {
  local package=$1 sha256=$2 directory=$3 tool found tools=
  for tool in npm curl wget; do
    ! type -P "$tool" >/dev/null || tools="$tools $tool"
  done
  if [ -z "$tools" ] && type -P apt-get >/dev/null && become_root; then
    say "Installing curl with apt-get, to get Deno."
    apt_install curl ca-certificates >"$directory/log" 2>&1 || { cat "$directory/log" >&2; }
    ! type -P curl >/dev/null || tools=curl
  fi
  if [ -z "$tools" ]; then
    say "Deno 2.$deno_minimum_minor or newer is missing, and npm, curl and wget to get it are, too. Install one of these" \
      "(Debian, Ubuntu: sudo apt-get install curl ca-certificates), or Deno on the PATH, and run this again."
    return 1
  fi
  for tool in $tools; do
    say "Installing Deno $deno_version into .tools/ with $tool, from npm's registry."
    if ! fetch_deno_with "$tool" "$package" "$directory" >"$directory/log" 2>&1 </dev/null; then
      cat "$directory/log" >&2
      say "$tool cannot get Deno $deno_version (see above)."
      continue
    fi
    found=$(sha256_of "$directory/deno.tgz")
    [ "$found" != "$sha256" ] || return 0
    say "What $tool got is not Deno $deno_version: its SHA-256 is $found, not $sha256."
  done
  say "Install Deno 2.$deno_minimum_minor or newer on the PATH, or make npm's registry reachable, and run this again."
  return 1
}

# Installs Deno as $deno_own. It appears there whole or not at all, by a rename, so any number of setups may run at once
# and any may be killed.
install_deno() (
  temporary=
  trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if ! { mkdir -p "$root/.tools" && temporary=$(mktemp -d "$root/.tools/install.XXXXXX"); } 2>/dev/null; then
    say "Cannot write to $root/.tools: install Deno 2.$deno_minimum_minor or newer on the PATH, or make it writable."
    exit 1
  fi
  # What killed setups left; an hour old, it belongs to none that is running.
  find "$root/.tools" -maxdepth 1 -name 'install.*' -mmin +60 -exec rm -rf {} +

  if ! package=$(deno_package); then
    say "There is no Deno $deno_version for this platform ($MACHTYPE): install Deno 2.$deno_minimum_minor or newer on" \
      "the PATH."
    exit 1
  fi
  fetch_deno "${package% *}" "${package#* }" "$temporary" || exit 1
  executable=$temporary/package/deno
  if tar -xzf "$temporary/deno.tgz" -C "$temporary" package/deno && chmod 755 "$executable" &&
    [ -n "$("$executable" --version 2>/dev/null </dev/null)" ]; then
    mkdir -p "${deno_own%/*}" && mv -f "$executable" "$deno_own" && exit 0
  fi
  say "Deno $deno_version does not run on this platform ($MACHTYPE): install Deno 2.$deno_minimum_minor or newer on the" \
    "PATH."
  exit 1
)

set_up_deno() {
  find_deno_on_path && return
  [ -x "$deno_own" ] || install_deno || return 2
  deno=$deno_own
}
