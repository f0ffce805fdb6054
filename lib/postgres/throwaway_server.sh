# shellcheck shell=sh
# Makes a cluster in a directory, says "initdb STATUS", and becomes its server.
#   sh -c SCRIPT server DIRECTORY INITDB POSTGRES LOG_LINE_PREFIX [INITDB_OPTION...]
umask 077
directory=$1 initdb=$2 postgres=$3 log_line_prefix=$4
shift 4
cd "$directory" || exit 1
"$initdb" --pgdata=data "$@" >initdb.log 2>&1 </dev/null
status=$?
echo "initdb $status"
[ "$status" -eq 0 ] || exit 1
# Nothing in it is worth keeping, so nothing is synced and no WAL beyond the minimum is written. Some 50,000 locks: a
# transaction that touches every table of a big schema holds one for each. The directory keeps others from the socket.
exec "$postgres" -D data \
  -c listen_addresses= -c unix_socket_directories="$directory" -c unix_socket_permissions=0777 \
  -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
  -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off -c max_locks_per_transaction=512 \
  -c lc_messages=C -c log_line_prefix="$log_line_prefix" -c log_min_error_statement=panic \
  >server.log 2>&1 </dev/null
