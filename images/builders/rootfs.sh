# Unpacks and configures the packages in a chroot, as root of a user namespace under fakeroot, and packs the tree.
work=$NIX_BUILD_TOP
root=$work/root
stage=$root/.stage
mkdir -p "$stage"
for d in bin sbin lib lib64 lib32 libx32; do
  mkdir -p "$root/usr/$d"
  ln -s "usr/$d" "$root/$d"
done
extract() { ar p "$1" data.tar.xz | unxz | tar x -C "$2" --no-same-owner --no-same-permissions -f -; }

# What dpkg itself needs must lie there before dpkg can run; it is installed properly right after.
for package in $(cat "$essentialPath"); do extract "$package" "$root"; done
for package in $(cat "$buildPackagesPath"); do extract "$package" "$stage"; done
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"

tr ' ' '\n' < "$essentialPath" > "$stage/essential"
tr ' ' '\n' < "$packagesPath" > "$stage/packages"
printf '%s\n' "$users" > "$stage/users"
for list in enable disable mask modules placeholders trees; do
  eval "printf '%s\n' \$$list" > "$stage/$list"
done
for list in payloads payloadModes payloadLinks payloadLibraries; do
  eval "printf '%s\n' \"\$$list\"" | sed '/^$/d' > "$stage/$list"
done
cp "$configure" "$stage/configure.sh"
mkdir "$stage/overlay"
for overlay in $overlays; do
  cp -r "$overlay/." "$stage/overlay"
  chmod -R u+w "$stage/overlay"
done
mkdir -p "$root/nix/store" "$root/proc" "$root/dev" "$root/sys" "$root/etc"

cat > "$stage/enter.sh" <<'Y'
set -eu
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /nix/store "$root/nix/store"
# The kernel refuses owners that the namespace does not map: fakeroot must not even try.
exec env -i FAKEROOTDONTTRYCHOWN=1 SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" LC_ALL=C.UTF-8 TZ=UTC HOME=/root TERM=dumb \
  PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true SYSTEMD_OFFLINE=1 \
  chroot "$root" /bin/sh /.stage/usr/bin/fakeroot-sysv -l /.stage/usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so \
  -f /.stage/usr/bin/faked-sysv -- /bin/bash -eu /.stage/configure.sh
Y
export root
unshare -r -m -p -f sh "$stage/enter.sh"
mv "$stage/rootfs.tar" "$out/rootfs.tar"
cp "$root"/boot/vmlinuz-* "$out/vmlinuz"
cp "$root"/boot/initrd.img-* "$out/initrd.img"
# Nix deletes the scratch tree as an ordinary user.
chmod -R u+rwX "$root" 2>/dev/null || true
