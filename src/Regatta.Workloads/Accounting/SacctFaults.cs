namespace Regatta.Workloads;

/// <summary>What can be wrong with the output of <c>sacct</c>.</summary>
internal static class SacctFaults
{
    /// <summary>What its jobs come from.</summary>
    public static readonly AccountedSource Source = new(
        "the output of sacct", "a Slurm cluster", "a delimiter in a name moves what stands behind it: choose another with sacct -P --delimiter=$'\\x1f', and ask for JobName and SubmitLine last",
        "a job must have started and ended; ask sacct for a longer time with -S and -E");

    private const string Command =
        "sacct -a -X -D -P --delimiter=$'\\x1f' -S 2024-01-01 -E 2024-02-01 -o JobIDRaw,JobID,Cluster,User,Group,Account,QOS,Partition,State,Submit,Eligible,Start,End,ElapsedRaw,Suspended,TimelimitRaw,ReqCPUS,AllocCPUS,ReqNodes,ReqTRES,AllocTRES,Reservation,Constraints,SubmitLine";

    public static DiagnosticException Columns(string name, IEnumerable<string> missing) =>
        new(Diagnostic.Error("sacct-columns", $"{name} is the output of sacct, without {string.Join(", ", missing)}") with
        {
            Where = new SourceRange(name, 1), Detail = "a job needs its number, state, submit and start time, how long it ran and how many processors it had", Help = "ask for all that can be used: SLURM_TIME_FORMAT=%s " + Command,
        });

    public static DiagnosticException Clusters(string name, IReadOnlyList<string> clusters) =>
        new(Diagnostic.Error("sacct-clusters", $"{name} holds the jobs of {clusters.Count} clusters: {string.Join(", ", clusters.Take(10))}") with
        {
            Where = new SourceRange(name), Help = "their job numbers are not one series: make a file of each, with sacct -M CLUSTER",
        });

    public static Diagnostic NoZone(string name) => Diagnostic.Hint("sacct-zone", $"{name}: its times are those of a wall clock and name no zone; they are read as UTC") with
    {
        Help = "say the zone with --zone Europe/Berlin (in an experiment workload.zone), or have sacct print seconds with SLURM_TIME_FORMAT=%s",
    };

    public static DiagnosticException Json(string name, string fault, Exception? cause = null) =>
        new(Diagnostic.Error("sacct-json", $"{name} begins as the output of sacct --json: {fault}") with { Where = new SourceRange(name), Help = "write the file again with: sacct -a -D --json > jobs.json" }, cause);
}
