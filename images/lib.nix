# Images out of Debian packages, with nothing but Nix's builtins.
#
#   seed    one static busybox: the first program that the sandbox has
#   tools   packages only unpacked, run through their own loader: they make the disk
#   <role>  an image: packages unpacked and configured by dpkg, packed as a tar and as a disk
#
# mirrors: base address by the name of a repository, as locks name it. The output paths do not depend on it.
{ mirrors }:
let
  system = "x86_64-linux";
  readJson = file: builtins.fromJSON (builtins.readFile file);
  file = path: builtins.path { inherit path; name = baseNameOf path; };

  # Store names know fewer characters than Debian's versions.
  storeName = builtins.replaceStrings [ ":" "~" "%" ] [ "." "_" "_" ];
  # Files of source packages keep their own names: there are several of one version.
  fetch = package: import <nix/fetchurl.nix> {
    name = storeName (if package.architecture == "source" then baseNameOf package.path else "${package.name}_${package.version}.deb");
    url = "${mirrors.${package.repo}}/${package.path}";
    inherit (package) sha256;
  };

  toolsLock = readJson ./locks/tools.lock.json;

  # The sandbox's /bin/sh may be bash or the ash of a busybox without applets: the archive member is cut out of the package by
  # what both have built in, and Nix itself unpacks it. Both results are fixed by their hash.
  seedPackage = builtins.head (builtins.filter (p: p.name == toolsLock.seed.package) toolsLock.packages);
  seedArchive = derivation {
    name = "seed.tar.xz";
    inherit system;
    builder = "/bin/sh";
    args = [ (file ./builders/cut.sh) ];
    source = fetch seedPackage;
    offset = toString toolsLock.seed.dataOffset;
    length = toString toolsLock.seed.dataLength;
    LC_ALL = "C";
    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = toolsLock.seed.dataSha256;
  };
  seed = derivation {
    name = "seed";
    system = "builtin";
    builder = "builtin:unpack-channel";
    src = seedArchive;
    channelName = "usr";
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    outputHash = toolsLock.seed.narSha256;
  };

  build = name: script: attributes: derivation ({
    inherit name system seed;
    builder = "${seed}/usr/bin/busybox";
    args = [ "sh" "-eu" (file script) ];
    LC_ALL = "C.UTF-8";
    TZ = "UTC";
  } // attributes);

  tools = build "tools" ./builders/tools.sh {
    packages = map fetch toolsLock.packages;
    passAsFile = [ "packages" ];
  };

  image = roleFile: lockFile:
    let
      role = readJson roleFile;
      lock = readJson lockFile;
      epoch = toString lock.sourceDateEpoch;
      compiled = if role ? compile then import (./. + "/${role.compile}") { inherit build fetch file tools lock; } else { };
    in
    build role.name ./builders/image.sh {
      inherit tools;
      SOURCE_DATE_EPOCH = epoch;
      rootfs = file ./builders/rootfs.sh;
      configure = file ./builders/configure.sh;
      disk = file ./builders/disk.sh;
      essential = map fetch (builtins.filter (p: p.essential or false) lock.packages);
      packages = map fetch lock.packages;
      buildPackages = map fetch lock.build;
      # One "name:uid" a line; the group has the same name and number.
      users = builtins.concatStringsSep "\n" (map (name: "${name}:${toString role.users.${name}}") (builtins.attrNames role.users));
      enable = role.units.enable;
      disable = role.units.disable;
      mask = role.units.mask;
      modules = role.modules;
      # Trees with the layout of /, copied over what the packages made, in this order.
      trees = [ (builtins.path { path = ./overlay; name = "overlay"; }) ]
        ++ (if role ? overlay then [ (builtins.path { path = ./. + "/${role.overlay}"; name = "overlay-${role.name}"; }) ] else [ ])
        ++ (if compiled ? tree then [ compiled.tree ] else [ ]);
      diskSize = role.diskSize;
      manifest = builtins.toJSON {
        version = 1;
        inherit (role) name kernelCommandLine;
        inherit (lock) sourceDateEpoch;
        lockHash = builtins.hashFile "sha256" lockFile;
        packages = map (p: { inherit (p) name version architecture sha256; }) lock.packages;
      };
      passAsFile = [ "essential" "packages" "buildPackages" "manifest" ];
    } // { inherit compiled; };

  # Each role with its own name, and the same image under each of its aliases.
  named = roleName:
    let
      roleFile = ./roles + "/${roleName}.json";
      built = image roleFile (./locks + "/${roleName}.lock.json");
    in
    map (name: { inherit name; value = built; }) ([ roleName ] ++ (readJson roleFile).aliases);
  roleNames = map (n: builtins.replaceStrings [ ".json" ] [ "" ] n) (builtins.attrNames (builtins.readDir ./roles));
in
builtins.listToAttrs (builtins.concatLists (map named roleNames)) // { inherit seed tools; }
