# shellcheck shell=sh
# The restore_command of a server in a sandbox: asks us for a file of WAL and waits until it lies there, or does not.
#   sh fetch_wal.sh DIRECTORY NAME TO
directory=$1 name=$2 to=$3
echo "$$ $name" >"$directory/request"
while read -r asked answer; do
  [ "$asked" = "$$" ] || continue
  [ "$answer" = got ] || exit 1
  cp "$directory/file" "$to"
  exit
done <"$directory/answer"
exit 1
