# The roles of the images, each together with what it extends, by the image's name.
#
#   NAME         a role in its own suite
#   NAME@SUITE   the same role in another suite of Debian; there is one for each lock of that name
#   NAME+BUILD   either of them with a build of the user's own; there is one for each lock of payloads of that name
let
  readRole = file: builtins.fromJSON (builtins.readFile (./roles + "/${file}.json"));
  # The names of a directory's files, without an ending that is given as a regular expression.
  named = ending: directory: builtins.concatMap (file: let match = builtins.match "(.*)${ending}" file; in if match == null then [ ] else match) (builtins.attrNames (builtins.readDir directory));

  # Lists are joined, the base's items first, and "!X" takes X away; objects are merged key by key; all else is replaced.
  merge = base: own:
    if builtins.isAttrs base && builtins.isAttrs own
    then base // builtins.mapAttrs (key: value: if base ? ${key} then merge base.${key} value else value) own
    else if builtins.isList base && builtins.isList own
    then
      let kept = builtins.filter (item: !(builtins.isString item && builtins.elem "!${item}" own)) base; in
      kept ++ builtins.filter (item: !(builtins.elem item kept || (builtins.isString item && builtins.substring 0 1 item == "!"))) own
    else own;

  withBase = file: seen:
    let own = readRole file; in
    if builtins.elem file seen then throw "roles extend one another in a circle: ${builtins.concatStringsSep " -> " (seen ++ [ file ])}"
    else if own ? extends then merge (builtins.removeAttrs (withBase own.extends (seen ++ [ file ])) [ "abstract" "aliases" ]) own
    else own;

  parts = name:
    let match = builtins.match "([^@+]*)((@([^+]*))?([+].*)?)" name;
    in { file = builtins.elemAt match 0; suffix = builtins.elemAt match 1; suite = builtins.elemAt match 3; build = builtins.elemAt match 4; };
  role = name:
    let
      inherit (parts name) file suffix suite;
      common = withBase file [ ];
      chosen = if suite != null then suite else toString (common.suite or null);
      inSuite = merge common (common.suites.${chosen} or { });
    in
    builtins.removeAttrs inSuite [ "suites" "extends" ] // { inherit name; packagesName = file + (if suite == null then "" else "@${suite}"); suite = chosen; aliases = map (alias: alias + suffix) (common.aliases or [ ]); };

  images = builtins.filter (file: !((readRole file).abstract or false)) (named "[.]json" ./roles);
  otherSuites = builtins.filter (name: (parts name).suite != null && builtins.elem (parts name).file images) (named "[.]lock[.]json" ./locks);
  ownBuilds = builtins.filter (name: (parts name).build != null) (named "[.]payloads[.]json" ./locks);
in
builtins.listToAttrs (map (name: { inherit name; value = role name; }) (images ++ otherSuites ++ ownBuilds))
