#!/usr/bin/env bash
# Makes one folder of JavaScript out of the program and its packages. For scripts/compile and scripts/pack, which source
# scripts/setup first. `deno bundle` fetches esbuild from npm the first time.

# shellcheck disable=SC2154 # scripts/setup gives `deno` and `root`

# Prints this checkout's commit as JSON: with -dirty if what goes into the program is not what was committed, and null
# outside of git.
commit_as_json() {
  local commit
  # Git takes .git of a parent folder, too, which is not ours.
  if ! [ -e "$root/.git" ] || ! commit=$(git -C "$root" rev-parse HEAD 2>/dev/null); then
    echo null
  elif [ -z "$(git -C "$root" status --porcelain -- main.ts lib migrations deno.json deno.lock)" ]; then
    printf '"%s"\n' "$commit"
  else
    printf '"%s-dirty"\n' "$commit"
  fi
}

# bundle_program WORK: writes WORK/program/main.js, what it loads late beside it, and a deno.json with the permissions.
#
# The packages as they are would be eleven times as much: types, sources, and each module once for import and once for
# require. Late-loaded parts stay separate files, since a single file takes twice as long to start. Minified, because
# otherwise the code names this machine's folders; function names stay, for stack traces.
bundle_program() {
  local work=$1
  mkdir -p "$work/sources" || return
  cp -R "$root/main.ts" "$root/lib" "$root/migrations" "$root/deno.json" "$root/deno.lock" "$work/sources" || return
  printf '{ "commit": %s }\n' "$(commit_as_json)" >"$work/sources/lib/verdict/build.json" || return
  (
    cd "$work/sources" || exit
    "$deno" bundle --quiet --frozen --minify --keep-names --code-splitting --outdir "$work/program" main.ts >&2 || exit
    # Packages in CommonJS, as the AWS SDK, call `require` for what Deno has built in; modules have none.
    cat >"$work/program/require.js" <<'END' || exit
import { createRequire } from "node:module";
globalThis.require = createRequire(import.meta.url);
END
    { echo 'import "./require.js";' && cat "$work/program/main.js"; } >"$work/main.js" || exit
    mv -f "$work/main.js" "$work/program/main.js" || exit
    "$deno" eval --no-lock '
      const { version, permissions, nodeModulesDir } = JSON.parse(Deno.readTextFileSync("deno.json"));
      console.log(JSON.stringify({ version, permissions: { default: permissions.default }, nodeModulesDir }));
    ' >"$work/program/deno.json" || exit
    # The time would be all that differs when the same is built again.
    TZ=UTC touch -t 200001010000 "$work/program"/*
  )
}
