# Images out of Debian packages, with nothing but Nix's builtins.
#
#   seed    one static busybox: the first program that the sandbox has
#   tools   packages only unpacked, run through their own loader: they make the disk
#   <role>  an image: packages unpacked and configured by dpkg, payloads laid over them, packed as a tar and as a disk
#
# mirrors: base address by the name of a repository, as locks name it. The output paths do not depend on it.
{ mirrors }:
let
  system = "x86_64-linux";
  readJson = file: builtins.fromJSON (builtins.readFile file);
  roles = import ./roles.nix;
  file = path: builtins.path { inherit path; name = baseNameOf path; };

  # Store names know fewer characters than Debian's versions.
  storeName = builtins.replaceStrings [ ":" "~" "%" "@" ] [ "." "_" "_" "-" ];
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

  # The program adds payloads to the store and their lock to the copy of this directory that it builds from.
  fetchPayload = payload: import <nix/fetchurl.nix> {
    name = "${payload.name}-${payload.version}.tar";
    url = "http://run-regatta-image-lock.invalid/${payload.name}";
    inherit (payload) sha256;
  };
  payloadsOf = role:
    let
      wanted = role.payloads or [ ];
      lockFile = ./locks + "/${role.name}.payloads.json";
      locked = if builtins.pathExists lockFile then readJson lockFile else [ ];
      isLocked = payload: builtins.any (l: l.name == payload.name) locked;
      # What there are no sources of in a suite of Debian cannot be compiled there.
      isNeeded = payload: !(payload.optional or false) || (payload.name == (role.compile or "") && (role.sources or [ ]) == [ ]);
      one = payload:
        let found = builtins.filter (l: l.name == payload.name) locked; in
        if found == [ ]
        then throw "image '${role.name}' needs the payload '${payload.name}': regatta image lock ${role.name} --payload ${payload.name}=SOURCE"
        else payload // { lock = builtins.head found; };
    in
    map one (builtins.filter (p: isLocked p || isNeeded p) wanted);

  image = name:
    let
      role = roles.${name};
      lockFile = ./locks + "/${role.packagesName}.lock.json";
      lock = readJson lockFile;
      epoch = toString lock.sourceDateEpoch;
      payloads = payloadsOf role;
      lines = make: builtins.concatStringsSep "\n" (builtins.concatMap make payloads);
      byName = attributes: make: map (name: make name attributes.${name}) (builtins.attrNames attributes);
      # A payload of the same name takes the place of what would be compiled.
      compiled = if role ? compile then import (./. + "/${role.compile}") { inherit build fetch file tools lock; brought = builtins.any (p: p.name == role.compile) payloads; } else { };
    in
    build (storeName role.name) ./builders/image.sh {
      inherit tools;
      SOURCE_DATE_EPOCH = epoch;
      rootfs = file ./builders/rootfs.sh;
      configure = file ./builders/configure.sh;
      disk = file ./builders/disk.sh;
      essential = map fetch (builtins.filter (p: p.essential or false) lock.packages);
      packages = map fetch lock.packages;
      buildPackages = map fetch (lock.build or [ ]);
      # One "name:uid" a line; the group has the same name and number.
      users = builtins.concatStringsSep "\n" (byName (role.users or { }) (user: id: "${user}:${toString id}"));
      # Files that are there while packages are configured, and not in the image: a package would make a secret in their place.
      placeholders = role.placeholders or [ ];
      enable = role.units.enable or [ ];
      disable = role.units.disable or [ ];
      mask = role.units.mask or [ ];
      modules = role.modules or [ ];
      overlays = map (directory: builtins.path { path = ./. + "/${directory}"; name = builtins.replaceStrings [ "." ] [ "-" ] directory; }) (role.overlays or [ ]);
      payloads = lines (p: [ "${fetchPayload p.lock} ${p.lock.name}" ]);
      payloadModes = lines (p: byName (p.modes or { }) (path: mode: "${mode} ${p.lock.prefix}/${path}"));
      payloadLinks = lines (p: let at = path: if builtins.substring 0 1 path == "/" then path else "${p.lock.prefix}/${path}"; in byName (p.links or { }) (link: path: "${at link} ${at path}"));
      payloadLibraries = lines (p: map (path: "${p.lock.prefix}/${path}") (p.libraries or [ ]));
      # Trees with the layout of /, copied over all else.
      trees = if compiled ? tree then [ compiled.tree ] else [ ];
      diskSize = role.diskSize;
      manifest = builtins.toJSON ({
        version = 1;
        inherit (role) name kernelCommandLine;
        inherit (lock) sourceDateEpoch;
        lockHash = builtins.hashFile "sha256" lockFile;
        packages = map (p: { inherit (p) name version architecture sha256; }) lock.packages;
      } // (if payloads == [ ] then { } else {
        payloads = map (p: { inherit (p.lock) name prefix version kind sha256; }) payloads;
      }));
      passAsFile = [ "essential" "packages" "buildPackages" "manifest" ];
    } // { inherit compiled; };

  # Each image with its own name, and the same one under each of its aliases.
  named = name: let built = image name; in map (alias: { name = alias; value = built; }) ([ name ] ++ roles.${name}.aliases);
in
builtins.listToAttrs (builtins.concatLists (map named (builtins.attrNames roles))) // { inherit seed tools; }
