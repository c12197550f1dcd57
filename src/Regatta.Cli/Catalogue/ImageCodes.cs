using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Images, packages and payloads.</summary>
internal static class ImageCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("image-fetch-files", Input, "Packages are to be fetched as files, and it is not said which", "regatta image fetch slurm --package libc6 --output debs"),
        new("image-package-unknown", Input, "An image has no package of a name", "regatta image show IMAGE lists them"),
        new("apt-missing", Lacking, "Debian's apt is not on this host", "Install apt"),
        new("image-build-name", Input, "Not the name of a build of one's own", "IMAGE+BUILD, such as slurm+dev"),
        new("image-build-packages", Input, "A build of one's own has no packages of its own", "Lock those of its image"),
        new("image-contract", Input, "A directory is not an image", "docs/images.md says what one holds"),
        new("image-no-space", Lacking, "No space is left for packages", "Make room"),
        new("image-not-reproducible", Failed, "An image is not the same when built again", "Report it with the differences"),
        new("image-unknown", Input, "There is no such image", "regatta image list"),
        new("keyring-missing", Lacking, "The keys of Debian's archive are not on this host", "Install debian-archive-keyring"),
        new("lock-index-expired", Note, "A lock was made from an index that had expired", "Use a mirror that is up to date"),
        new("lock-malformed", Input, "A lock file is malformed", "Lock again"),
        new("lock-missing", Input, "A lock file cannot be read", "Lock again"),
        new("lock-stale", Input, "A lock does not belong to its role", "regatta image lock"),
        new("lock-unresolved", Failed, "No signed index holds what apt chose", "Check the mirrors, and lock again"),
        new("lock-version", Input, "A lock file has another version", "Lock again"),
        new("mirror-address", Input, "An address of a mirror is wrong", "http, https or file"),
        new("mirror-missing", Lacking, "This machine names no mirror of Debian", "Set REGATTA_MIRRORS"),
        new("nix-failed", Failed, "Nix failed", "Read its log in the detail"),
        new("nix-missing", Lacking, "Nix is not installed", "regatta doctor --fix"),
        new("nix-sandbox", Lacking, "The build cannot make namespaces", "Run as root, or allow them"),
        new("nix-store-access", Lacking, "The Nix store cannot be written", "Run as root"),
        new("nix-too-old", Lacking, "Nix is too old", "Install a newer one"),
        new("package-fetch", Failed, "Packages could not be fetched", "Check the network and the mirrors"),
        new("package-gone", Failed, "No mirror holds a locked version", "Lock again, or set REGATTA_SNAPSHOT"),
        new("package-hash", Failed, "A package has another hash than its lock", "Do not use that mirror"),
        new("payload-architecture", Input, "A payload was built for another processor", "Take a build for amd64"),
        new("payload-archive", Input, "An archive is damaged or cannot be taken", "Make it again"),
        new("payload-digest", Failed, "A layer has another digest", "Fetch it again"),
        new("payload-fetch", Failed, "A payload cannot be fetched", "Check the address and the network"),
        new("payload-hash", Failed, "A payload has another hash than its lock", "Lock it again"),
        new("payload-image", Input, "Not a container image that can be read", "Name another"),
        new("payload-image-name", Input, "A payload is for one image", "Name the image"),
        new("payload-incomplete", Input, "A source does not hold all files of a payload", "Name one that does; the detail lists what is lacking"),
        new("payload-libc", Input, "A payload needs another C library than the image has", "Build it on the suite of the image, or name an image of a newer one"),
        new("payload-libraries", Failed, "A payload needs libraries that the image lacks", "Take a build for this Debian"),
        new("payload-lock-malformed", Input, "The lock of a payload is malformed", "Lock again"),
        new("payload-missing", Lacking, "An image needs software that Debian lacks", "regatta image lock IMAGE --payload NAME=SOURCE"),
        new("payload-prefix", Input, "The prefix that a payload was built for is not clear", "Pack it from the root, with one prefix"),
        new("payload-reference", Input, "Not NAME=SOURCE", "Write NAME=SOURCE"),
        new("payload-source", Input, "A source of a payload cannot be used", "docs/images.md lists the kinds"),
        new("payload-unknown", Input, "The image takes no such payload", "regatta image show lists them"),
        new("payload-unreadable", Input, "A payload cannot be read whole", "Run as a user who can"),
        new("payload-version-other", Input, "The version of a payload is another one than was said", "Leave the version out"),
        new("payload-version", Input, "The version of a payload cannot be read", "Take a tree that says it"),
        new("role-malformed", Input, "The role of an image is malformed", "docs/images.md says what a role holds"),
        new("seed-unfit", Failed, "A package cannot be what the sandbox starts with", "Choose another seed"),
    ];
}
