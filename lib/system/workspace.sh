# shellcheck shell=sh
# Makes a directory, says "made", or why not, and removes it when stdin ends: when its holder closes the pipe or dies in any way.
#   sh -c SCRIPT workspace DIRECTORY
# With "--unfinished PATH" it makes nothing, and removes what is at PATH in the end.
trap '' HUP INT PIPE TERM
umask 077
if [ "$1" = --unfinished ]; then
  shift
elif ! refusal=$(mkdir "$1" 2>&1); then
  echo "${refusal##*: }"
  exit 1
fi
echo made
read -r _
# Another process may still be writing into it as it goes; a second pass takes what came late.
for _ in 1 2 3 4 5; do
  rm -rf "$1" && exit 0
  sleep 0.2
done
exit 1
