# Kubernetes out of Debian's source package: Debian compiles only kubectl of it.
#
#   generated    the OpenAPI definitions, which the source package lacks
#   binaries     the static programs
#   containers   the control plane's containers, the pause container and that of jobs, as archives that containerd imports
#   tree         what the image gets of it
#
# build, fetch, file: as in ../lib.nix. tools: the unpacked build tools. lock: the lock of the role. brought: the user brings Kubernetes as a
# payload: nothing is compiled, and only the containers that Kubernetes does not come with are made.
{ build, fetch, file, tools, lock, brought }:
let
  epoch = toString lock.sourceDateEpoch;
  # Suites of Debian that have kubectl alone give no sources: Kubernetes is a payload there.
  source = builtins.head lock.sources;
  # Debian's way to go back to an older version is 1.20.5+really1.20.2-1.
  version = if (lock.sources or [ ]) == [ ] then "" else "v" + builtins.elemAt (builtins.match "(.*[+]really)?([0-9.]+)[^-]*-.*" source.version) 1;
  sources = map fetch (builtins.filter (f: f.name == source.name) lock.sources);
  packages = names: map (name: fetch (builtins.head (builtins.filter (p: p.name == name) lock.packages))) names;

  toolchain = build "kubernetes-toolchain" ../builders/tools.sh {
    packages = map fetch lock.toolchain;
    passAsFile = [ "packages" ];
  };
  compile = name: script: attributes: build name script ({
    inherit toolchain sources version;
    go = file ./go.sh;
    SOURCE_DATE_EPOCH = epoch;
  } // attributes);

  generated = compile "kubernetes-generated" ./generate.sh { };
  binaries = compile "kubernetes-binaries" ./binaries.sh { inherit generated; };
  containers = build "kubernetes-containers" ./containers.sh {
    inherit version;
    binaries = if brought then "" else binaries;
    SOURCE_DATE_EPOCH = epoch;
    packages = packages [ "busybox-static" "catatonit" "etcd-server" "libc6" ];
    etcd = builtins.head (builtins.match "([0-9.]+)-.*" (builtins.head (builtins.filter (p: p.name == "etcd-server") lock.packages)).version);
  };
  tree = build "kubernetes-tree" ./tree.sh { inherit containers; binaries = if brought then "" else binaries; };
in
{ inherit generated binaries containers tree; }
