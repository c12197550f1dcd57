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
  file = path: builtins.path { inherit path; name = baseNameOf path; };

  # Store names know fewer characters than Debian's versions.
  storeName = builtins.replaceStrings [ ":" "~" "%" ] [ "." "_" "_" ];
  fetch = package: import <nix/fetchurl.nix> {
    name = storeName "${package.name}_${package.version}.deb";
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
      one = payload:
        let found = builtins.filter (l: l.name == payload.name) locked; in
        if found == [ ]
        then throw "image '${role.name}' needs the payload '${payload.name}': regatta image lock ${role.name} --payload ${payload.name}=SOURCE"
        else payload // { lock = builtins.head found; };
    in
    map one wanted;

  image = roleFile: lockFile:
    let
      role = readJson roleFile;
      lock = readJson lockFile;
      epoch = toString lock.sourceDateEpoch;
      payloads = payloadsOf role;
      lines = make: builtins.concatStringsSep "\n" (builtins.concatMap make payloads);
      byName = attributes: make: map (name: make name attributes.${name}) (builtins.attrNames attributes);
      ownOverlay = ./. + "/overlay.${role.name}";
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
      overlays = [ (builtins.path { path = ./overlay; name = "overlay"; }) ]
        ++ (if builtins.pathExists ownOverlay then [ (builtins.path { path = ownOverlay; name = "overlay-${role.name}"; }) ] else [ ]);
      payloads = lines (p: [ "${fetchPayload p.lock} ${p.lock.name}" ]);
      payloadModes = lines (p: byName (p.modes or { }) (path: mode: "${mode} ${p.lock.prefix}/${path}"));
      payloadLinks = lines (p: byName (p.links or { }) (link: path: "${link} ${p.lock.prefix}/${path}"));
      payloadLibraries = lines (p: map (path: "${p.lock.prefix}/${path}") (p.libraries or [ ]));
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
    };

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
