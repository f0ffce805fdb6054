# shellcheck shell=sh
# Guards a throwaway cluster: makes its directory, runs what makes the cluster and is its server (throwaway_server.sh, in
# a sandbox), and when stdin ends, because its holder closed the pipe or died in any way, ends the server with all that it
# started and removes the directory. It trusts nothing in there once the server is ready.
#   sh -c SCRIPT throwaway DIRECTORY OWNER SIGNAL COMMAND [ARGUMENT...]
# OWNER is the account that gets the directory, or empty. SIGNAL is what ends the command: KILL where everything goes with it.
# Prints "made", or why not, what the command prints, and "ready" or "failed" for the server. A line "abandon" on stdin has it print
# "kept PID" and guard the running server until that process is terminated.
trap '' HUP INT PIPE TERM
umask 077
directory=$1 owner=$2 signal=$3
shift 3
if ! refusal=$(mkdir "$directory" 2>&1); then
  echo "${refusal##*: }"
  exit 1
fi
# Our own sessions find the socket here: code in the cluster's sandbox may exchange what lies in its directory, say for a
# link to another server's socket, and never sees this one.
mkdir "$directory.socket"
exec 3<&0 4>"$directory/sandbox.log" </dev/null
if [ -n "$owner" ] && ! refusal=$(chown "$owner" "$directory" 2>&1); then
  echo "${refusal##*: }"
  rm -r "$directory" "$directory.socket"
  exit 1
fi
if [ -n "$owner" ]; then chown ":${owner#*:}" "$directory.socket" && chmod 710 "$directory.socket"; fi
echo made
PGREHEARSE_CLUSTER="$directory" "$@" 2>&4 3<&- 4>&- &
server=$!
exec 4>&-
until grep -q ready "$directory/data/postmaster.pid" 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || break
  sleep 0.01
done
socket=$directory/.s.PGSQL.5432
if ! kill -0 "$server" 2>/dev/null; then
  echo failed
# If a file cannot have a second name, use a link.
elif ln "$socket" "$directory.socket/" 2>/dev/null || ln -s "$socket" "$directory.socket/"; then
  echo ready
fi
read -r order <&3
if [ "$order" = abandon ]; then
  echo "kept $$"
  exec >/dev/null 2>&1 3<&-
  trap 'order=' TERM
  while [ "$order" = abandon ] && kill -0 "$server" 2>/dev/null; do wait "$server"; done
fi
if [ "$signal" != KILL ]; then
  kill -s "$signal" "$server" 2>/dev/null
  tries=500
  while [ "$tries" -gt 0 ] && kill -0 "$server" 2>/dev/null; do
    sleep 0.02
    tries=$((tries - 1))
  done
  # shellcheck disable=SC2046 # one argument a pid
  kill -s KILL $(grep -lsF "PGREHEARSE_CLUSTER=$directory" /proc/[0-9]*/environ | tr -dc '0-9\n') 2>/dev/null
fi
kill -s KILL "$server" 2>/dev/null
wait "$server" 2>/dev/null
# A dying process may still be writing; a later pass removes what came late.
for _ in 1 2 3 4 5; do
  rm -rf "$directory" "$directory.socket" 2>/dev/null && exit 0
  sleep 0.2
done
exit 1
