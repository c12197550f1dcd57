# Lays out the sources as Go's own tools want them and defines how they are called.
began=$(date +%s)
step() { echo "## $1 after $(($(date +%s) - began)) s"; }
export GOROOT="$toolchain/usr/lib/go-1.19"
export GOPATH="$NIX_BUILD_TOP/go" GOCACHE="$NIX_BUILD_TOP/cache" HOME="$NIX_BUILD_TOP"
# Module mode wants to rewrite go.mod with this version of Go; without modules, vendor/ is used as it is.
export GO111MODULE=off GOPROXY=off GOFLAGS= CGO_ENABLED=0 GOTOOLCHAIN=local
go() {
  "$toolchain/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$toolchain/usr/lib/x86_64-linux-gnu" "$GOROOT/bin/go" "$@"
}
tree=$GOPATH/src/k8s.io/kubernetes
mkdir -p "$tree"
for archive in $sources; do
  case $archive in
    *.orig.tar.gz) tar x -z -C "$tree" -f "$archive" --strip-components=1 ;;
  esac
done
for archive in $sources; do
  case $archive in
    *.debian.tar.xz) tar x -J -C "$tree" -f "$archive" ;;
  esac
done
cd "$tree"
grep -v '^#' debian/patches/series | while read -r name; do
  patch -p1 -i "debian/patches/$name"
done
# The vendored version reads maps by an address that Go 1.18 has moved: programs crash when they write one as JSON.
rm -r vendor/github.com/modern-go/reflect2
cp -rL "$toolchain/usr/share/gocode/src/github.com/modern-go/reflect2" vendor/github.com/modern-go/
chmod -R u+w vendor/github.com/modern-go/reflect2
