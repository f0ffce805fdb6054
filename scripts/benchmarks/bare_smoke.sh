# shellcheck shell=sh
# The steps of `pgrehearse smoke`, done with the bare tools: the floor that it is measured against.
#   sh bare_smoke.sh SERVER_BIN CLIENT_BIN MIGRATIONS
# With the same settings for a cluster that is not kept, so that the ratio shows our own cost and nothing else.
set -eu
server=$1 client=$2 migrations=$3
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
export PGHOST="$directory" PGUSER=postgres PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'
psql() { "$client/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

TZ=UTC "$server/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync \
  --no-instructions >/dev/null
"$server/pg_ctl" --pgdata=data --log=log --wait start >/dev/null -o "-c listen_addresses= \
  -c unix_socket_directories=$directory -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
  -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"

psql -f "$migrations/0001_audit_chain.sql" -f "$migrations/0002_verify_chain.sql"
psql -c "INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id, timestamp)
  SELECT 'audit-smoke-' || n, 'smoke-actor', 'service', 'certificate.issue', 'certificate', 'mc-smoke',
    now() + n * interval '1 microsecond'
  FROM generate_series(0, 23) AS n"
snapshot='SELECT (SELECT count(*) FROM audit_events), row_hash FROM audit_chain_head'
before=$(psql -c "$snapshot")
"$client/pg_dump" --format=custom --no-owner --no-acl --file=dump
psql -c 'DROP SCHEMA public CASCADE'
[ "$(psql -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" = 0 ]
psql -c 'CREATE SCHEMA public'
"$client/pg_restore" --no-owner --no-acl --exit-on-error --dbname=postgres dump
[ "$(psql -c 'SELECT first_break_pos FROM audit_events_verify_chain()')" = -1 ]
[ "$(psql -c "$snapshot")" = "$before" ]
"$server/pg_ctl" --pgdata=data --mode=immediate stop >/dev/null
