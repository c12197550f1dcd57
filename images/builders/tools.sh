# Unpacks packages, without their scripts, into $out with the merged /usr of Debian.
mkdir -p "$out/usr/bin" "$out/usr/sbin" "$out/usr/lib" "$out/usr/lib64"
for d in bin sbin lib lib64; do ln -s "usr/$d" "$out/$d"; done
for package in $(cat "$packagesPath"); do
  case "$(ar t "$package")" in
    *data.tar.xz*) ar p "$package" data.tar.xz | unxz ;;
    *data.tar.gz*) ar p "$package" data.tar.gz | gunzip ;;
    *) echo "$package: neither data.tar.xz nor data.tar.gz" >&2; exit 1 ;;
  esac | tar x -C "$out" --no-same-owner --no-same-permissions -f -
done
rm -rf "$out/usr/share/doc" "$out/usr/share/man" "$out/usr/share/locale"
find "$out" -type d -exec chmod u+w {} +
