using System.Collections.Frozen;
using System.Text;

namespace Regatta.Cli.Catalogue;

/// <summary>What kind of fault a code stands for; it decides the exit code.</summary>
internal enum FaultCategory
{
    /// <summary>Worth knowing; nothing ends because of it.</summary>
    Note,

    /// <summary>A trial, a check or an outside step failed.</summary>
    Failed,

    /// <summary>The command line, the configuration or an input file is wrong.</summary>
    Input,

    /// <summary>The host lacks something.</summary>
    Lacking,

    /// <summary>Interrupted; what was done is kept.</summary>
    Interrupted,
}

/// <summary>What a code of diagnostics means.</summary>
/// <param name="Code">The code.</param>
/// <param name="Category">What kind of fault it is.</param>
/// <param name="Meaning">What is wrong, in one sentence.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record CatalogueEntry(string Code, FaultCategory Category, string Meaning, string Remedy);

/// <summary>All codes of diagnostics: what <c>docs/diagnostics.md</c> lists, and where exit codes come from.</summary>
internal static class DiagnosticCatalogue
{
    /// <summary>All codes, by area.</summary>
    public static IReadOnlyList<(string Area, IReadOnlyList<CatalogueEntry> Entries)> Areas { get; } =
    [
        ("Command line and program", ProgramCodes.All),
        ("Configuration", ConfigCodes.All),
        ("Workloads", WorkloadCodes.All),
        ("Sites", SiteCodes.All),
        ("Experiments and runs", RunCodes.All),
        ("Faults on purpose", FaultCodes.All),
        ("Launchers", LauncherCodes.All),
        ("Analysis and reports", ReportCodes.All),
        ("Archives", ArchiveCodes.All),
        ("Schedulers", SchedulerCodes.All),
        ("Replay", ReplayCodes.All),
        ("Virtual time", VirtualTimeCodes.All),
        ("Clusters and hosts", MachineCodes.All),
        ("Images", ImageCodes.All),
    ];

    private static readonly FrozenDictionary<string, CatalogueEntry> ByCode =
        Areas.SelectMany(a => a.Entries).ToFrozenDictionary(e => e.Code, StringComparer.Ordinal);

    /// <summary>What a code means; null when it is not listed.</summary>
    public static CatalogueEntry? Find(string code) => ByCode.GetValueOrDefault(code)
        ?? (code.StartsWith("host-", StringComparison.Ordinal) ? ByCode[HostCheck] : null);

    /// <summary>Stands for the codes of the checks of the host, which are named after what they look at.</summary>
    public const string HostCheck = "host-NAME";

    /// <summary>The exit code of a command that is stopped by an error of this code; null when it is not listed, or stops nothing.</summary>
    public static ExitCode? ExitCodeOf(string code) => Find(code)?.Category switch
    {
        FaultCategory.Failed => ExitCode.Failed,
        FaultCategory.Input => ExitCode.Usage,
        FaultCategory.Lacking => ExitCode.Host,
        FaultCategory.Interrupted => ExitCode.Interrupted,
        _ => null,
    };

    /// <summary>The exit code of a command that ends with these diagnostics: that of the first error.</summary>
    public static ExitCode ExitCodeOf(IReadOnlyList<Diagnostic> diagnostics)
    {
        var first = diagnostics.FirstOrDefault(d => d.Severity == Severity.Error) ?? diagnostics[0];
        return ExitCodeOf(first.Code) ?? ExitCode.Usage;
    }

    /// <summary>The page of all codes, Markdown.</summary>
    public static string Page()
    {
        var page = new StringBuilder("""
            # Diagnostics

            Every message of a fault has a code in brackets, such as `error[swf-gzip]`. The codes are stable. This page is written by the program (`regatta config codes`), and a test compares them. The exit code is that of the first error of a command;
            warnings and hints do not change it.

            """);
        foreach (var (area, entries) in Areas)
        {
            page.Append("\n## ").Append(area).Append("\n\n| Code | Meaning | What to do | Exit code |\n|---|---|---|---|\n");
            foreach (var entry in entries.OrderBy(e => e.Code, StringComparer.Ordinal))
                page.Append("| `").Append(entry.Code).Append("` | ").Append(entry.Meaning).Append(" | ").Append(entry.Remedy).Append(" | ").Append(Shown(entry.Category)).Append(" |\n");
        }

        return page.ToString();
    }

    private static string Shown(FaultCategory category) => category switch
    {
        FaultCategory.Failed => "1",
        FaultCategory.Input => "2",
        FaultCategory.Lacking => "3",
        FaultCategory.Interrupted => "4",
        _ => "",
    };
}
