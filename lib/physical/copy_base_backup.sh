# shellcheck shell=sh
# Copies a base backup that lies there as files, with its tablespaces, of which each link is made anew.
#   sh -c SCRIPT copy FROM TO TABLESPACES
# Says `missing OID PATH` where a tablespace is not there. Other links than pg_tblspc's and pg_wal itself are left out:
# pg_basebackup makes none.
set -e
umask 077
from=$1 to=$2 tablespaces=$3
# Where the file system can, what is copied shares its blocks.
copy() {
  cp -RP --reflink=auto -- "$1/." "$2" 2>/dev/null || cp -RP -- "$1/." "$2"
}
copy "$from" "$to"
find "$to" -type l -exec rm -f {} +
find "$to" ! -type f ! -type d -exec rm -f {} +
if [ -L "$from/pg_wal" ]; then
  mkdir "$to/pg_wal"
  [ ! -d "$from/pg_wal/" ] || copy "$from/pg_wal/" "$to/pg_wal"
fi
for link in "$from"/pg_tblspc/*; do
  [ -L "$link" ] || continue
  oid=${link##*/}
  if ! [ -d "$link/" ]; then
    echo "missing $oid $(readlink "$link")"
    exit 1
  fi
  mkdir "$tablespaces/$oid"
  copy "$link/" "$tablespaces/$oid"
  ln -s "$tablespaces/$oid" "$to/pg_tblspc/$oid"
done
find "$tablespaces" ! -type f ! -type d -exec rm -f {} +
