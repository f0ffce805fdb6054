# Runs a command whose life hangs on our stdin: when the pipe ends, because its holder closed it or died in any way,
# the command is terminated. Exits with the command's status.
#   sh -c SCRIPT leash COMMAND [ARGUMENT...]
trap '' HUP INT TERM
umask 077
exec 3<&0 </dev/null
(
  trap - HUP INT TERM
  exec "$@"
) 3<&- &
command=$!
# `read` and not `cat`: a builtin dies with this subshell.
(
  trap - TERM
  read -r _ <&3
  kill "$command"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$command"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
