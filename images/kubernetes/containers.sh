# Makes the archives that containerd imports: one layer each, the same bytes each time, named as if a registry on this machine held them.
# Names of files are words here, not patterns: one of them is "[".
set -f
work=$NIX_BUILD_TOP/layer
mkdir -p "$out" "$NIX_BUILD_TOP/debs"
for package in $packages; do
  ar p "$package" data.tar.xz | unxz | tar x -C "$NIX_BUILD_TOP/debs" --no-same-owner -f -
done
debs=$NIX_BUILD_TOP/debs
# From Debian 13 on all of it lies below /usr.
for folder in bin lib lib64; do
  [ -d "$debs/usr/$folder" ] || continue
  mkdir -p "$debs/$folder"
  cp -a "$debs/usr/$folder/." "$debs/$folder/"
done
sum() { set -- $(sha256sum "$1"); echo "$1"; }
begin() { rm -rf "$work"; mkdir -p "$work"; }
libraries() {
  mkdir -p "$work/lib64" "$work/lib/x86_64-linux-gnu"
  cp -L "$debs/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$work/lib64/"
  for library in "$@"; do cp -L "$debs/lib/x86_64-linux-gnu/$library" "$work/lib/x86_64-linux-gnu/"; done
}
# The files belong to whoever builds, which is root in a namespace of its own.
pack() { unshare -r tar c --numeric-owner --no-recursion "$@"; }
# archive REPOSITORY:TAG ENTRYPOINT: packs what lies in $work.
archive() {
  name=${1##*/}
  name=${name%%:*}
  folder=$NIX_BUILD_TOP/archive
  rm -rf "$folder"
  mkdir "$folder"
  find "$work" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$work" && pack -f "$folder/layer.tar" $(find . -mindepth 1 | sort))
  printf '{"architecture":"amd64","os":"linux","created":"%s","config":{"Env":["PATH=/usr/local/bin:/usr/bin:/bin"]%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"%s"}]}' \
    "$created" "$2" "$(sum "$folder/layer.tar")" "$created" > "$folder/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$1" > "$folder/manifest.json"
  find "$folder" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$folder" && pack -f "$out/$name.tar" manifest.json config.json layer.tar)
  rows="$rows${rows:+,}
    { \"image\": \"$1\", \"archive\": \"$name.tar\", \"id\": \"sha256:$(sum "$folder/config.json")\" }"
}
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
rows=

for program in ${binaries:+kube-apiserver kube-controller-manager kube-scheduler}; do
  begin
  mkdir -p "$work/usr/local/bin"
  cp "$binaries/bin/$program" "$work/usr/local/bin/"
  archive "localhost/kubernetes/$program:$version" ""
done
begin
libraries libc.so.6
mkdir -p "$work/usr/local/bin"
cp "$debs/usr/bin/etcd" "$work/usr/local/bin/"
archive "localhost/kubernetes/etcd:$etcd" ""
begin
mkdir -p "$work/usr/bin"
cp "$debs/usr/bin/catatonit" "$work/usr/bin/"
archive "localhost/kubernetes/pause:catatonit" ',"Entrypoint":["/usr/bin/catatonit","-P"]'
# What jobs run in: a shell with the usual tools, and the libraries that the agent is linked with.
begin
libraries libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2
mkdir -p "$work/bin" "$work/etc" "$work/tmp" "$work/usr/bin"
chmod 1777 "$work/tmp"
cp "$debs/bin/busybox" "$work/bin/"
for applet in $("$work/bin/busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$work/bin/$applet"
done
printf 'root:x:0:0:root:/:/bin/sh\nregatta:x:6420:6420::/tmp:/bin/sh\n' > "$work/etc/passwd"
printf 'root:x:0:\nregatta:x:6420:\n' > "$work/etc/group"
archive "localhost/regatta/payload:1" ""

printf '{\n  "version": "%s",\n  "images": [%s\n  ]\n}\n' "$version" "$rows" > "$out/containers.json"
