# shellcheck shell=sh
# Runs a command whose life hangs on our stdin: when the pipe ends, because its holder closed it or died in any way,
# the command gets SIGNAL, and two seconds later is killed with all that it has started: pg_dump, when terminated, asks
# the server to cancel, and waits for ever on one that says nothing any more. Exits with the command's status.
#   sh -c SCRIPT leash SIGNAL COMMAND [ARGUMENT...]
trap '' HUP INT TERM
over=
trap 'over=yes' USR1
umask 077
signal=$1
shift
exec 3<&0 </dev/null
(
  trap - HUP INT TERM USR1
  exec "$@"
) 3<&- &
command=$!
# `read` and not `cat`: a builtin dies with this subshell.
(
  trap - TERM
  read -r _ <&3
  kill -s USR1 "$$"
  kill -s "$signal" "$command"
  sleep 2
  kill -s KILL 0
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$command"
status=$?
if [ -n "$over" ]; then
  # It was the signal to us that ended that wait. What a shell has started outlives the shell.
  wait "$command"
  kill -s KILL 0
fi
kill "$watcher" 2>/dev/null
exit "$status"
