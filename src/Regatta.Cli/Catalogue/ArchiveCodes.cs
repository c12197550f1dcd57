using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Archives: written, read, verified.</summary>
internal static class ArchiveCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("archive-bomb", Failed, "A file of an archive holds more than the archive declares", "Do not trust it"),
        new("archive-broken", Failed, "An archive is no whole zip file", "Ask for another copy"),
        new("archive-content", Failed, "What an archive says of itself cannot be read", "Ask for another copy"),
        new("archive-file-added", Failed, "An archive holds a file that its list of hashes does not name", "Ask for another copy"),
        new("archive-file-changed", Failed, "A file of an archive is not the one that was archived", "Ask for another copy"),
        new("archive-file-missing", Failed, "An archive lacks a file that its list of hashes names", "Ask for another copy"),
        new("archive-foreign", Input, "The file is no archive of Regatta, or a crate of another program", "Name a file that regatta archive wrote"),
        new("archive-image-other", Note, "The image of a run is not the one that is built here: its inputs are not archived", "Archive with the version that ran the run"),
        new("archive-images", Note, "Inputs of images were asked for, and the runs have no image", "Leave --with-images out"),
        new("archive-link", Failed, "An archive holds a link or a device", "Do not trust it"),
        new("archive-lock", Note, "The lock file of an image is not archived: it is not here", "Archive with the version that ran the run"),
        new("archive-name-twice", Failed, "A name stands twice in an archive", "Ask for another copy"),
        new("archive-not-remembered", Note, "A run directory cannot be written, and its report does not name the archive", "Let it be written, and archive again"),
        new("archive-path", Failed, "A name in an archive leaves its directory", "Do not trust it"),
        new("archive-run-twice", Input, "A run is named twice, in two archives or an archive and a directory", "Leave one of them out"),
        new("archive-seal", Failed, "An archive was changed outside the contents of its files", "Ask for another copy"),
        new("archive-source-changed", Failed, "A file changed while it was archived", "Wait until the run has ended"),
        new("archive-terms", Input, "A licence, an author or an ORCID cannot be what it should be", "CC-BY-4.0; 'Ada Lovelace https://orcid.org/…'"),
        new("archive-too-large", Failed, "An archive declares more files or bytes than are unpacked", "Unpack it with another program, if you trust it"),
        new("archive-unpack", Lacking, "An archive cannot be read or unpacked", "Make room below TMPDIR"),
        new("archive-version", Failed, "An archive was written by a newer program", "Read it with that version"),
        new("archive-workload", Note, "The jobs of a run cannot be made again, and are not archived", "Put the workload's file back"),
        new("rerun-image-foreign", Note, "An image of a run is of another flake, and is not built anew", "Build it from its flake"),
        new("rerun-image-other", Note, "The lock in an archive does not fit the definitions of images that are here", "Ask for an archive with images"),
        new("rerun-launcher", Input, "Trials on machines of an archived run went to hosts, and its images lie on this machine only", "launcher.name=local"),
        new("rerun-margin", Input, "A margin of equivalence is none", "--margin 10%"),
        new("rerun-no-trial", Failed, "A run that is to be repeated has no finished trial", "Run its experiment instead"),
        new("rerun-which", Input, "An archive holds several runs, or not the one that is named", "Name one with --run"),
        new("sign-archive", Input, "What is to be signed is no archive", "Archive the run first"),
        new("sign-does-not-hold", Failed, "An archive is not signed: it does not hold", "regatta verify names what differs"),
        new("sign-key", Lacking, "Nothing can be signed with a key", "Name the file of an SSH key"),
        new("signature-broken", Failed, "A signature is not of the statement that it stands with, or no signature", "Ask for the file of signatures again"),
        new("signature-missing", Input, "An archive has no file of signatures beside it", "Ask for that file, too"),
        new("signature-other-file", Failed, "A signature is of another file", "Ask for the signatures of this one"),
        new("signature-refused", Failed, "A signature does not count: its key is not for this, or not now", "Read the detail"),
        new("signature-revoked-key", Failed, "A signature is by a key that is revoked", "Ask for another signature"),
        new("signature-statement", Failed, "What was signed is no in-toto statement", "Ask for the file of signatures again"),
        new("signature-unknown-key", Failed, "A signature is by a key of nobody who is named", "Add its owner to the file of signers, if you know that it is theirs"),
        new("signers-file", Input, "A file of signers or of revoked keys is not there", "Name a file of lines such as: ada@example.org ssh-ed25519 AAAA…"),
        new("ssh-keygen-missing", Lacking, "ssh-keygen is not on the host", "apt install openssh-client"),
        new("archive-write", Lacking, "The archive cannot be written", "Name a place that can be written"),
    ];
}
