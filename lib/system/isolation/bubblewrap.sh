# shellcheck shell=sh
# Starts bubblewrap with the account's line as the sandbox's /etc/passwd, at descriptor 9.
#   sh -c SCRIPT sandbox PASSWD BWRAP [ARGUMENT...]
passwd=$1
shift
exec "$@" 9<<END
root:x:0:0::/:/bin/sh
$passwd
END
