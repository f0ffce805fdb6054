# shellcheck shell=sh
# The first process of new namespaces: gives them their own file system, then runs a command there without any
# right. It stays as their init, so that all that was started ends when it ends or is killed.
#   unshare … sh -c SCRIPT sandbox UID GID PASSWD [--drop] [KIND PATH]... -- COMMAND [ARGUMENT...]
# PASSWD is the line of the account. With --drop the command runs as that account, which needs root; else as who we are.
# KIND is `system` (the system's own, to be read) or `link` (a symbolic link of the system's, made anew), both without blanks
# and first; then `ro` (to be read), `lend` (to be read by the account, whoever may) or `rw` (to be written). `map` has two
# paths: where a directory to be written is inside, and where it is outside.
set -e
umask 022
uid=$1 gid=$2 passwd=$3
shift 3
drop=
if [ "$1" = --drop ]; then drop=yes && shift; fi
# No file of ours may be left inside.
system=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH="$PATH:$system"

# What is bound below may lie in /tmp, /mnt or anywhere: nothing of it lies here.
root=/sys
mount -t tmpfs -o mode=0755 tmpfs "$root"
cd "$root"

# Where a path is to be mounted.
place() {
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root${1%/*}" && : >"$root$1"; fi
}

# In a user namespace flags that the mount had must stay.
read_only() {
  mount -o remount,bind,ro "$1" 2>/dev/null ||
    mount -o "remount,bind,ro,$(findmnt -nro VFS-OPTIONS --mountpoint "$1" | tail -n 1 | sed 's/^rw,//')" "$1"
}

is_mounted() {
  findmnt -n --mountpoint "$root$1" >/dev/null
}

bind_read_only() {
  mount -o rbind,ro "$1" "$root$1" 2>/dev/null && return
  is_mounted "$1" || mount --rbind "$1" "$root$1"
  read_only "$root$1"
}

layers=0
# A layer over the file that changes its owner and no byte of it.
lend() {
  if [ "$(stat -c %u "$1")" = "$uid" ]; then
    mount --bind "$1" "$root$1"
    return
  fi
  layers=$((layers + 1))
  layer="$root/layer.$layers"
  mkdir -m 0700 "$layer" "$layer/lower" "$layer/upper" "$layer/work" "$layer/merged"
  mount --bind "${1%/*}" "$layer/lower"
  mount -t overlay -o "lowerdir=$layer/lower,upperdir=$layer/upper,workdir=$layer/work,metacopy=on" overlay \
    "$layer/merged"
  chown -R "$uid:$gid" "$layer/merged/${1##*/}"
  mount --bind "$layer/merged/${1##*/}" "$root$1"
  umount -n -l "$layer/merged" "$layer/lower"
}

# Most of the time goes into starting programs: one makes all places of the system's, and one mounts all.
paths='' files='' directories='' links='' table=''
while [ "$1" = system ] || [ "$1" = link ]; do
  if [ "$1" = link ]; then
    links="$links $2"
  else
    paths="$paths $2" table="$table$2 $root$2 none rbind,ro
"
    if [ -d "$2" ]; then directories="$directories .$2"; else directories="$directories .${2%/*}" files="$files .$2"; fi
  fi
  shift 2
done
for device in full null random urandom zero; do
  files="$files dev/$device" table="$table/dev/$device $root/dev/$device none bind
"
done
# shellcheck disable=SC2086 # lists
mkdir -p dev/shm etc old proc tmp $directories
chmod 1777 tmp
for file in $files; do : >"$file"; done
# shellcheck disable=SC2086
[ -z "$links" ] || cp -P $links .
printf '%s\n' "${table}tmpfs $root/dev/shm tmpfs mode=1777" "proc $root/proc proc" >table
if ! mount -a -T "$root/table" 2>/dev/null; then
  for path in $paths; do
    if is_mounted "$path"; then read_only "$root$path"; else bind_read_only "$path"; fi
  done
  for device in full null random urandom zero; do
    is_mounted "/dev/$device" || mount --bind "/dev/$device" "dev/$device"
  done
  is_mounted /dev/shm || mount -t tmpfs -o mode=1777 tmpfs dev/shm
  is_mounted /proc || mount -t proc proc proc
fi

while [ "$1" != -- ]; do
  kind=$1 path=$2
  shift 2
  # A directory that was given before already shows what is in it.
  if [ "$kind" = ro ] && [ -e "$root$path" ]; then continue; fi
  [ "$kind" != lend ] || [ ! -e "$root$path" ] || continue
  if [ "$kind" = map ]; then
    mkdir -p "$root$path"
    mount --rbind "$1" "$root$path"
    shift
    continue
  fi
  place "$path"
  case $kind in
    ro) bind_read_only "$path" ;;
    rw) mount --rbind "$path" "$root$path" ;;
    lend)
      lend "$path"
      read_only "$root$path"
      ;;
  esac
done
shift

printf 'root:x:0:0::/:/bin/sh\n%s\n' "$passwd" >etc/passwd
printf 'root:x:0:\n%s:x:%s:\n' "${passwd%%:*}" "$gid" >etc/group
ln -s /proc/self/fd dev/fd
inside=
if command -v pivot_root >/dev/null && pivot_root . old 2>/dev/null; then
  cd /
  # Without -n, an ordinary user's umount looks for it where it no longer is.
  umount -n -l old
else
  # Debian 14 has it in a separate package, and it refuses where we are in a chroot ourselves. This is what an initramfs
  # does: no path leads below a root that is covered, and in a namespace made inside, the cover is locked.
  mount -n --move "$root" /
  inside='chroot .'
fi
rm -d old table
umask 077
set +e
setpriv=$(command -v setpriv)
export PATH="$system"
# shellcheck disable=SC2086 # two words or none
$inside "$setpriv" ${drop:+--reuid="$uid" --regid="$gid" --clear-groups} \
  --ambient-caps=-all --inh-caps=-all --bounding-set=-all --no-new-privs -- "$@"
status=$?
exit "$status"
