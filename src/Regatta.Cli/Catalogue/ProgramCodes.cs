using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>The command line and the program itself.</summary>
internal static class ProgramCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("code-unknown", Input, "There is no such code of diagnostics", "docs/diagnostics.md lists all"),
        new("command-line", Input, "The command line is not understood", "Look at the command's --help"),
        new("disk-full", Lacking, "No space is left on the disk", "Make room, then run the command again"),
        new("file-access", Lacking, "A file or directory cannot be read or written", "Check the path and its permissions"),
        new("interrupted", Interrupted, "The command was interrupted; what was done is kept", "Run it again"),
        new("interrupted-twice", Note, "The command was ended at once, without cleaning up", "regatta reap removes what is left"),
        new("output-lost", Lacking, "Standard output is closed or its disk is full", "Make room, or redirect the output elsewhere"),
        new("program-fault", Failed, "A fault of the program itself", "Run again with REGATTA_DEBUG=1 and report the trace"),
        new("installation-missing", Lacking, "The program does not find its conf, images or ansible directories", "Run it from an installation or a checkout"),
        new("in-use", Failed, "Another process of regatta holds a lock", "Wait for it, or end it"),
        new("state-directory", Lacking, "The state directory cannot be used", "Set REGATTA_STATE to a directory of your own"),
        new("directory-not-own", Lacking, "A directory belongs to somebody else, who could replace what is in it", "Name another directory, or correct its owner"),
        new("not-root", Lacking, "The step needs root", "Run the command with sudo"),
        new("program-missing", Lacking, "A program that is needed is not on this host", "Install it; regatta doctor names the package"),
        new("program-failed", Failed, "A program that was called ended with an error", "Read its last lines in the detail"),
        new("host-NAME", Lacking, "A check of the host failed: NAME is what it looked at, such as kvm or memory", "regatta doctor --fix"),
        new("setting-syntax", Input, "A setting is not KEY=VALUE", "Write it as KEY=VALUE"),
        new("machine-size", Input, "A machine is not PROCESSORS or NODESxPROCESSORS", "Write it as 64 or 4x16"),
    ];
}
