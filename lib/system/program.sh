# shellcheck shell=sh
# Runs another program, whose life hangs on our stdin: a line there names the signal that asks it to stop, and the
# end of the pipe, closed by its holder or by the holder's death, does as well. After GRACE seconds everything is killed that it
# started, also what left our process group: that is known by a variable in its environment. Says the program's exit status
# on stdout, `killed` where it had to be; the program's own stdout and stderr come out of our stderr.
#   sh -c SCRIPT program ID GRACE COMMAND [ARGUMENT...]
id=$1
grace=$2
shift 2
trap '' HUP INT PIPE QUIT TERM
exec 3<&0 </dev/null 4>&1 1>&2

# Processes that the program started and that still run, by pid. A system without /proc has the process group only.
offspring() {
  grep -ls "PGREHEARSE_PROGRAM=$id" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n'
}

kill_all() {
  # shellcheck disable=SC2046 # one argument a pid
  kill -s KILL $(offspring) 2>/dev/null
  kill -s KILL 0
}

(
  read -r signal <&3
  kill -s "${signal:-TERM}" 0
  sleep "$grace"
  echo killed >&4
  kill_all
) >/dev/null 2>&1 &

# In the foreground: a shell lets what runs in the background ignore SIGINT.
(
  trap - HUP INT PIPE QUIT TERM
  export PGREHEARSE_PROGRAM="$id"
  exec "$@"
) 3<&- 4>&-
echo "$?" >&4

# shellcheck disable=SC2046
kill -s TERM $(offspring) 2>/dev/null
tries=20
while [ "$tries" -gt 0 ] && [ -n "$(offspring)" ]; do
  sleep 0.1
  tries=$((tries - 1))
done
kill_all
