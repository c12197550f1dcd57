using Regatta.Agent.Platform;

namespace Regatta.Agent.Sampling;

/// <summary>What processes use, by name, from <c>/proc</c>: processor time, resident memory, threads, open files, switches of context. Several of one name are added up.</summary>
/// <param name="names">Names of the processes.</param>
/// <param name="proc">Where the kernel tells of processes.</param>
internal sealed class ProcessSource(IReadOnlyList<string> names, string proc = "/proc") : ISampleSource
{
    // A look at all processes costs more than all the rest.
    private const int LooksPerScan = 10;

    private readonly Dictionary<string, string> _comms = names.ToDictionary(ProcessStat.Comm, n => n, StringComparer.Ordinal);
    private readonly List<(string Name, string Directory)> _found = [];
    private int _looks;

    /// <inheritdoc/>
    public string Name => "processes";

    /// <inheritdoc/>
    public void Take(SampleWriter into)
    {
        if (_looks++ % LooksPerScan == 0) Scan();
        var sums = new Dictionary<string, Usage>(StringComparer.Ordinal);
        var gone = false;
        foreach (var (name, directory) in _found)
        {
            if (Read(directory) is not { } usage)
            {
                gone = true;
                continue;
            }

            sums[name] = sums.TryGetValue(name, out var before) ? before.And(usage) : usage;
        }

        // One that began in place of one that ended is found at the next look.
        if (gone) _looks = 0;
        foreach (var (name, usage) in sums)
        {
            into.Add("process_cpu_seconds", "process", name, usage.Cpu);
            into.Add("process_resident_bytes", "process", name, usage.Resident);
            into.Add("process_threads", "process", name, usage.Threads);
            into.Add("process_open_files", "process", name, usage.Files);
            into.Add("process_voluntary_switches", "process", name, usage.Voluntary);
            into.Add("process_involuntary_switches", "process", name, usage.Involuntary);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Scan()
    {
        _found.Clear();
        foreach (var directory in Directory.EnumerateDirectories(proc))
        {
            if (!char.IsAsciiDigit(directory[^1])) continue;
            try
            {
                if (_comms.TryGetValue(File.ReadAllText(Path.Combine(directory, "comm")).TrimEnd(), out var name)) _found.Add((name, directory));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }
    }

    private static Usage? Read(string directory)
    {
        try
        {
            const int Threads = 20, ResidentPages = 24;
            var stat = ProcessStat.Read(directory);
            long voluntary = 0, involuntary = 0;
            foreach (var line in File.ReadLines(Path.Combine(directory, "status")))
            {
                if (line.StartsWith("voluntary_ctxt", StringComparison.Ordinal)) voluntary = ProcessStat.Number(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
                else if (line.StartsWith("nonvoluntary_ctxt", StringComparison.Ordinal)) involuntary = ProcessStat.Number(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            }

            return new Usage(stat.Ticks / ProcessStat.TicksPerSecond, stat[ResidentPages] * Environment.SystemPageSize, stat[Threads], Files(directory), voluntary, involuntary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Files(string directory) => Directory.EnumerateFileSystemEntries(Path.Combine(directory, "fd")).Count();

    private readonly record struct Usage(double Cpu, long Resident, long Threads, long Files, long Voluntary, long Involuntary)
    {
        public Usage And(Usage other) => new(Cpu + other.Cpu, Resident + other.Resident, Threads + other.Threads, Files + other.Files, Voluntary + other.Voluntary, Involuntary + other.Involuntary);
    }
}
