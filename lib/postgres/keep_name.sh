# shellcheck shell=sh
# Gives a database its name back, and lets its users in again, when stdin ends: the holder of the pipe has died.
#   sh -c SCRIPT keep_name PSQL OWN OTHER
# OTHER is its name until then. A line "abandon" on stdin ends it, and all stays as it is.
trap '' HUP INT PIPE TERM
umask 077
psql=$1 own=$2 other=$3
echo made
read -r order
[ "$order" != abandon ] || exit 0
# The dead run's own sessions take a moment to go; a server that starts anew takes longer.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  "$psql" --no-psqlrc --quiet --no-password --output=/dev/null \
    --set=ON_ERROR_STOP=1 --set=own="$own" --set=other="$other" >/dev/null 2>&1 <<'END' && exit 0
SET search_path = pg_catalog, pg_temp;
SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = :'other' AND pid <> pg_backend_pid();
SELECT format('ALTER DATABASE %I RENAME TO %I', :'other', :'own')
WHERE EXISTS (SELECT FROM pg_database WHERE datname = :'other')
  AND NOT EXISTS (SELECT FROM pg_database WHERE datname = :'own') \gexec
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname)
FROM pg_database WHERE datname = :'own' AND NOT datallowconn \gexec
END
  sleep 1
done
exit 1
