# shellcheck shell=sh
# A new cluster, its server, and a bare parallel restore, all with default settings: the floor of `pgrehearse drill`.
#   sh bare_drill.sh make   DIRECTORY SERVER_BIN CLIENT_BIN DUMP
#   sh bare_drill.sh remove DIRECTORY SERVER_BIN
set -eu
step=$1 directory=$2 server=$3
if [ "$step" = remove ]; then
  "$server/pg_ctl" --pgdata="$directory/data" --mode=immediate stop >/dev/null
  rm -rf "$directory"
  exit
fi
client=$4 dump=$5
mkdir "$directory"
cd "$directory"
export PGHOST="$directory" PGUSER=postgres
"$server/initdb" --pgdata=data --username=postgres --auth=trust >/dev/null
"$server/pg_ctl" --pgdata=data --log=log --wait start >/dev/null \
  -o "-c listen_addresses= -c unix_socket_directories=$directory"
"$client/psql" -X -q -d postgres -c 'CREATE DATABASE restored TEMPLATE template0'
"$client/pg_restore" --jobs=2 --no-owner --no-acl --dbname=restored "$dump"
