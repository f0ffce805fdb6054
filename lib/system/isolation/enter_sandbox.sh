# shellcheck shell=sh
# The first process of new namespaces: gives them a file system of their own, then runs a command there without any
# right. It stays as their init, so that all that was started ends when it ends or is killed.
#   unshare … sh -c SCRIPT sandbox UID GID PASSWD [--drop] [KIND PATH]... -- COMMAND [ARGUMENT...]
# PASSWD is the line of the account. With --drop the command runs as that account, which needs root; else as who we are.
# KIND is `ro` (to be read), `rw` (to be written), `lend` (to be read by the account, whoever may) or `link` (a symbolic
# link of the system's, made anew).
set -e
umask 022
uid=$1 gid=$2 passwd=$3
shift 3
drop=
if [ "$1" = --drop ]; then drop=yes && shift; fi
# Of ours there may be nothing left inside.
system=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH="$PATH:$system"

# What is bound below may lie in /tmp, /mnt or anywhere: nothing of it lies here.
root=/sys
mount -t tmpfs -o mode=0755 tmpfs "$root"
cd "$root"
mkdir -p dev etc old proc tmp
chmod 1777 tmp

# Where a path is to be mounted.
place() {
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root${1%/*}" && : >"$root$1"; fi
}

# In a user namespace flags that the mount had must stay.
read_only() {
  mount -o remount,bind,ro "$1" 2>/dev/null ||
    mount -o "remount,bind,ro,$(findmnt -nro VFS-OPTIONS --mountpoint "$1" | tail -n 1 | sed 's/^rw,//')" "$1"
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

while [ "$1" != -- ]; do
  kind=$1 path=$2
  shift 2
  # What lies in a directory that was given already is there.
  if [ "$kind" = ro ] && [ -e "$root$path" ]; then continue; fi
  if [ "$kind" = link ]; then
    ln -s "$(readlink "$path")" "$root$path"
    continue
  fi
  [ "$kind" != lend ] || [ ! -e "$root$path" ] || continue
  place "$path"
  if [ "$kind" = lend ]; then lend "$path"; else mount --rbind "$path" "$root$path"; fi
  [ "$kind" = rw ] || read_only "$root$path"
done
shift

printf 'root:x:0:0::/:/bin/sh\n%s\n' "$passwd" >etc/passwd
printf 'root:x:0:\n%s:x:%s:\n' "${passwd%%:*}" "$gid" >etc/group
for device in full null random urandom zero; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mkdir dev/shm
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t proc proc proc
inside=
if command -v pivot_root >/dev/null && pivot_root . old 2>/dev/null; then
  cd /
  # Without -n, an ordinary user's umount looks for it where it no longer is.
  umount -n -l old
else
  # Debian 14 has it in a package of its own, and it refuses where we are in a chroot ourselves. This is what an initramfs
  # does: no path leads below a root that is covered, and in a namespace made inside, the cover is locked.
  mount -n --move "$root" /
  inside='chroot .'
fi
rmdir old
umask 077
set +e
setpriv=$(command -v setpriv)
export PATH="$system"
# shellcheck disable=SC2086 # two words or none
$inside "$setpriv" ${drop:+--reuid="$uid" --regid="$gid" --clear-groups} \
  --ambient-caps=-all --inh-caps=-all --bounding-set=-all --no-new-privs -- "$@"
status=$?
exit "$status"
