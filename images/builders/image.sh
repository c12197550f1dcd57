# Makes the directory of the image contract: rootfs.tar, root.qcow2, vmlinuz, initrd.img, manifest.json.
mkdir "$out"
. "$rootfs"
. "$disk"
files=
for name in initrd.img root.qcow2 rootfs.tar vmlinuz; do
  sum=$(sha256sum "$out/$name")
  files="$files${files:+,}\"$name\":\"${sum%% *}\""
done
sed 's/}$//' "$manifestPath" | tr -d '\n' > "$out/manifest.json"
printf ',"files":{%s}}\n' "$files" >> "$out/manifest.json"
