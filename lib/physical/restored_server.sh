# shellcheck shell=sh
# Runs the server of a restored cluster, in a sandbox. Nothing that the backup brought decides what it does.
#   sh -c SCRIPT server DIRECTORY POSTGRES SETTINGS STOP
# SETTINGS are the lines of its configuration. A line in the FIFO STOP names the signal that stops it.
umask 077
directory=$1 postgres=$2 settings=$3 stop=$4
cd "$directory" || exit 1
printf '%s\n' "$settings" >postgresql.conf
printf 'local all all trust\n' >pg_hba.conf
: >pg_ident.conf
cd data || exit 1
chmod 700 .
# Read whatever config_file says; and the restore_command of a tool may be in there.
rm -rf postgresql.auto.conf postmaster.pid postmaster.opts recovery.conf recovery.signal standby.signal
# Its links are there already, and lead to where the backup was restored.
rm -rf tablespace_map pg_replslot pg_snapshots
mkdir pg_replslot pg_snapshots
mkdir -p pg_wal/archive_status
: >standby.signal
cd .. || exit 1
"$postgres" -D "$directory/data" -c config_file="$directory/postgresql.conf" >>server.log 2>&1 </dev/null &
server=$!
(
  read -r signal <"$stop"
  kill -s "$signal" "$server"
) </dev/null >/dev/null 2>&1 &
reader=$!
wait "$server"
status=$?
kill "$reader" 2>/dev/null
exit "$status"
