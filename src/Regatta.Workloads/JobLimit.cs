namespace Regatta.Workloads;

/// <summary>How many jobs a workload has at most, generated or read.</summary>
public static class JobLimit
{
    /// <summary>
    /// The most jobs. A job takes about 310 bytes while it is planned (measured with 1 and 4 million jobs of kind bag), so that these take 3 GiB. A file says
    /// nothing of how many it holds before it is read, least of all a compressed one.
    /// </summary>
    public const int Most = 10_000_000;

    /// <summary>The number, when a generator can make so many jobs.</summary>
    /// <exception cref="DiagnosticException">It is above <see cref="Most"/> (<c>workload-jobs</c>).</exception>
    internal static int Check(long jobs) => jobs <= Most
        ? (int)jobs
        : throw Exceeded(string.Create(CultureInfo.InvariantCulture, $"{jobs:#,0} jobs cannot be generated"), "generate fewer jobs");

    /// <summary>Checks the number of jobs of a file while it is read.</summary>
    /// <exception cref="DiagnosticException">It is above <see cref="Most"/> (<c>workload-jobs</c>).</exception>
    internal static void Check(int jobs, string file)
    {
        if (jobs > Most) throw Exceeded($"{file} holds more jobs than can be read", "cut the file to a part of its lines, such as a month, and read that");
    }

    private static DiagnosticException Exceeded(string summary, string help) => new(
        Diagnostic.Error("workload-jobs", string.Create(CultureInfo.InvariantCulture, $"{summary}: the most is {Most:#,0}, which take about 3 GiB of memory")) with { Help = help });
}
