# shellcheck shell=sh
# Makes a cluster in a directory, says "initdb STATUS", and becomes its server.
#   sh -c SCRIPT server DIRECTORY INITDB POSTGRES SETTINGS LOCALES [INITDB_OPTION...]
# SETTINGS are lines of postgresql.conf. LOCALES are made for this server alone: a line "NAME INPUT CHARMAP" for each.
umask 077
directory=$1 initdb=$2 postgres=$3 settings=$4 locales=$5
shift 5
cd "$directory" || exit 1
if [ -n "$locales" ]; then
  mkdir locales bin || exit 1
  echo "$locales" | while read -r name input charmap; do
    localedef -i "$input" -f "$charmap" "$directory/locales/$name" >>locales.log 2>&1 </dev/null
  done
  # initdb makes its collations of what this prints.
  printf '#!/bin/sh\nls "%s"\nPATH=%s exec locale "$@"\n' "$directory/locales" "$PATH" >bin/locale
  chmod 700 bin/locale
  PATH=$directory/bin:$PATH LOCPATH=$directory/locales
  export PATH LOCPATH
fi
"$initdb" --pgdata=data "$@" >initdb.log 2>&1 </dev/null
status=$?
[ "$status" -ne 0 ] || printf '%s\n' "$settings" >>data/postgresql.conf || status=1
echo "initdb $status"
[ "$status" -eq 0 ] || exit 1
# Nothing in it is worth keeping, so nothing is synced and no WAL beyond the minimum is written. Some 50,000 locks: a
# transaction that touches every table of a big schema holds one for each. The directory keeps others from the socket.
exec "$postgres" -D data \
  -c listen_addresses= -c unix_socket_directories="$directory" -c unix_socket_permissions=0777 \
  -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
  -c wal_level=minimal -c max_wal_senders=0 -c checkpoint_timeout=1d -c autovacuum=off -c max_locks_per_transaction=512 \
  >server.log 2>&1 </dev/null
