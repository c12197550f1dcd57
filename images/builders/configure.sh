# Runs inside the new root, under fakeroot: /.stage holds what the build handed over.
umask 022
export LD_PRELOAD
step() { echo "## $1 after ${SECONDS} s"; }
dpkg_or_log() { dpkg --force-unsafe-io "$@" >> /.stage/log 2>&1 || { tail -n 60 /.stage/log; exit 1; }; }
# The sandbox refuses the real chmod u+s, which leaves such programs without an x bit on disk; fakeroot knows their mode.
runnable() { find /usr /var /etc -perm /6000 -type f | env -u LD_PRELOAD xargs -r chmod 0755; }

printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
mkdir -p /etc/dpkg/dpkg.cfg.d /etc/initramfs-tools/conf.d
cat > /etc/dpkg/dpkg.cfg.d/without-documentation <<'Y'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
Y
printf 'MODULES=list\nCOMPRESS=zstd\n' > /etc/initramfs-tools/conf.d/regatta.conf

step 'essential packages'
dpkg_or_log --force-depends --install $(cat /.stage/essential)
runnable
while IFS=: read -r user id; do
  [ -n "$user" ] || continue
  echo "$user:*:$id:$id::/nonexistent:/usr/sbin/nologin" >> /etc/passwd
  echo "$user:*:$id:" >> /etc/group
done < /.stage/users

step 'unpacking'
dpkg_or_log --force-depends --unpack $(grep -vxFf /.stage/essential /.stage/packages)
runnable
cat /.stage/modules >> /etc/initramfs-tools/modules
# Packages would make random keys; the real ones are made for each cluster.
while read -r file; do
  [ -n "$file" ] || continue
  mkdir -p "${file%/*}"
  echo placeholder > "$file"
done < /.stage/placeholders

step 'configuring'
dpkg_or_log --force-confold --configure --pending
[ -z "$(dpkg --audit)" ]
dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | { ! grep -v '^ii '; }

# What Debian lacks: trees of plain files, with the modes, links and libraries that the role names.
if [ -s /.stage/payloads ]; then
  step 'payloads'
  while read -r archive name; do
    tar -xf "$archive" -C / --no-same-permissions
    tar -tf "$archive" | sed 's#^#/#' > /.stage/payload.files
    # Bytecode goes by the file alone: clamped times would make each start compile anew. What does not compile is no module.
    if command -v python3 > /dev/null; then
      { grep '\.py$' /.stage/payload.files || true; } | PYTHONHASHSEED=0 python3 -m compileall -q --invalidation-mode unchecked-hash -i - >> /.stage/log 2>&1 || true
    fi
  done < /.stage/payloads
  while read -r directory; do
    if [ -d "$directory" ]; then echo "$directory"; fi
  done < /.stage/payloadLibraries > /.stage/library.directories
  if [ -s /.stage/library.directories ]; then
    cp /.stage/library.directories /etc/ld.so.conf.d/regatta-payloads.conf
    ldconfig
  fi
  while read -r mode path; do
    if [ -e "$path" ]; then chmod "$mode" "$path"; fi
  done < /.stage/payloadModes
  while read -r link path; do
    [ "$link" = "$path" ] || ln -sfn "$path" "$link"
  done < /.stage/payloadLinks
  while read -r archive name; do
    tar -tf "$archive" | sed 's#^#/#' | grep -E '/s?bin/|/libexec/|\.so(\.|$)' | while read -r file; do
      if [ -f "$file" ] && [ ! -L "$file" ]; then ldd "$file" 2> /dev/null || true; fi
    done | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | sort -u > /.stage/lacking
    if [ -s /.stage/lacking ]; then
      echo "payload $name needs libraries that the image lacks: $(tr '\n' ' ' < /.stage/lacking)"
      exit 1
    fi
  done < /.stage/payloads
fi

step 'settings'
cp -r /.stage/overlay/. /
for tree in $(cat /.stage/trees); do
  cp -r "$tree/." /
  # The store's files are read-only.
  (cd "$tree" && find . ! -type l -print0) | (cd / && xargs -0 chmod u+w)
done
pwconv
grpconv
for unit in $(cat /.stage/disable); do systemctl --quiet disable "$unit"; done
for unit in $(cat /.stage/enable); do systemctl --quiet enable "$unit"; done
for unit in $(cat /.stage/mask); do systemctl --quiet mask "$unit"; done

step 'cleaning'
rm -rf /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian
find /usr/share/doc -mindepth 2 ! -name copyright ! -type d -delete
find /usr/share/doc -mindepth 1 -type d -empty -delete
rm -f /usr/sbin/policy-rc.d /etc/ssh/ssh_host_* /etc/resolv.conf /etc/.pwd.lock \
  /var/lib/dpkg/*-old /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache /var/log/*.log /var/log/apt/* \
  /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/dbus/machine-id \
  /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-
xargs -r rm -f < /.stage/placeholders
rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/*.bin /var/lib/apt/lists/* /tmp/* /var/tmp/* /run/*
# Empty rather than "uninitialized": the machine makes its own id, but no unit is enabled by presets at the first boot.
: > /etc/machine-id
: > /etc/resolv.conf
# Not older than /usr: nothing is regenerated at the first boot.
touch /etc/.updated /var/.updated

step 'packing'
cd /
tar --sort=name --clamp-mtime --mtime=@"$SOURCE_DATE_EPOCH" --numeric-owner --format=gnu -cf /.stage/rootfs.tar \
  --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' --exclude=./.stage --exclude=./nix .
step 'done'
