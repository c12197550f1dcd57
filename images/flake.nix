{
  description = "Deterministic Debian images for the nodes of a Regatta cluster";

  # There are no inputs: every byte that a build uses is pinned by sha256 in locks/*.lock.json.
  outputs = { self }:
    let
      # An address that answers nothing: the program adds the packages to the store before it builds, so nothing is fetched
      # from here. To let Nix fetch by itself, call lib.images with the addresses of mirrors.
      nowhere = "http://run-regatta-image-fetch.invalid";
      images = mirrors: import ./lib.nix { inherit mirrors; };
    in
    {
      lib.images = images;
      # What each image is made of.
      lib.roles = import ./roles.nix;
      packages.x86_64-linux = images { debian = "${nowhere}/debian"; debian-security = "${nowhere}/debian-security"; };
    };
}
