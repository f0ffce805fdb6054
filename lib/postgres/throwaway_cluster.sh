# shellcheck shell=sh
# Makes a cluster in a directory of its own, starts a server in it, and when stdin ends, because its holder closed the
# pipe or died in any way, stops the server and removes the directory.
#   sh -c SCRIPT throwaway DIRECTORY INITDB POSTGRES [INITDB_OPTION...]
# A line "abandon" on stdin ends it and leaves the server running.
# Prints a line when a step is done: "made", "initdb STATUS", and "ready" or "failed" for the server.
trap '' HUP INT PIPE TERM
umask 077
directory=$1 initdb=$2 postgres=$3
shift 3
mkdir "$directory" || exit 1
cd "$directory" || exit 1
echo made
"$initdb" --pgdata=data "$@" >initdb.log 2>&1 </dev/null
status=$?
echo "initdb $status"
if [ "$status" -eq 0 ]; then
  # Nothing in it is worth keeping, so nothing is synced and no WAL beyond the minimum is written. Some 50,000 locks:
  # a transaction that touches every table of a big schema holds one for each.
  "$postgres" -D data \
    -c listen_addresses= -c unix_socket_directories="$directory" -c unix_socket_permissions=0700 \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
    -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off -c max_locks_per_transaction=512 \
    >server.log 2>&1 </dev/null &
  server=$!
  until grep -q ready data/postmaster.pid 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.01
  done
  if kill -0 "$server" 2>/dev/null; then echo ready; else echo failed; fi
fi
read -r order
[ "$order" != abandon ] || exit 0
if [ -n "${server:-}" ]; then
  kill -QUIT "$server" 2>/dev/null
  wait "$server"
fi
cd /
rm -rf "$directory"
