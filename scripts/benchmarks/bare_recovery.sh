# shellcheck shell=sh
# A base backup copied, and a bare standby that replays an archive up to a place: the floor of `drill --physical`.
#   sh bare_recovery.sh make   DIRECTORY SERVER_BIN BASE ARCHIVE LSN
#   sh bare_recovery.sh check  DIRECTORY SERVER_BIN
#   sh bare_recovery.sh remove DIRECTORY SERVER_BIN
set -eu
step=$1 directory=$2 server=$3
as_socket="-h $directory -p 5432 -U postgres -d postgres"
case $step in
  make)
    base=$4 archive=$5 lsn=$6
    mkdir -m 700 "$directory"
    cp -a "$base" "$directory/data"
    touch "$directory/data/standby.signal"
    "$server/pg_ctl" --pgdata="$directory/data" --log="$directory/log" --wait --timeout=3600 start >/dev/null -o \
      "-c listen_addresses= -c unix_socket_directories=$directory -c fsync=off -c archive_mode=off -c max_prepared_transactions=2 \
      -c wal_retrieve_retry_interval=200ms -c restore_command='cp $archive/%f %p' -c archive_command="
    # shellcheck disable=SC2086 # several words
    until [ "$("$server/psql" -XAtq $as_socket -c "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = t ]; do
      sleep 0.05
    done
    ;;
  check) # what `--verify standard` does, by the bare programs
    "$server/pg_verifybackup" --no-parse-wal --quiet "$4"
    # shellcheck disable=SC2086
    {
      "$server/pg_ctl" --pgdata="$directory/data" --wait promote >/dev/null
      "$server/psql" -XAtq $as_socket -c 'CREATE EXTENSION amcheck'
      "$server/pg_amcheck" -h "$directory" -p 5432 -U postgres --jobs=2 --database=postgres
    }
    "$server/pg_ctl" --pgdata="$directory/data" --mode=fast stop >/dev/null
    "$server/pg_checksums" --check --pgdata="$directory/data" >/dev/null
    ;;
  remove)
    "$server/pg_ctl" --pgdata="$directory/data" --mode=immediate stop >/dev/null 2>&1 || true
    rm -rf "$directory"
    ;;
esac
