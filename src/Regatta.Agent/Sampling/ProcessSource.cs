using System.Buffers.Text;
using Regatta.Agent.Platform;

namespace Regatta.Agent.Sampling;

/// <summary>
/// What processes use, by name, from <c>/proc</c>: processor time, resident memory, threads, open files (counted at every tenth sample), switches of context. Several of one name are
/// added up.
/// </summary>
/// <param name="names">Names of the processes.</param>
/// <param name="proc">Where the kernel tells of processes.</param>
internal sealed class ProcessSource(IReadOnlyList<string> names, string proc = "/proc") : ISampleSource
{
    // A look at all processes, and at all files that one has open, costs more than all the rest.
    private const int LooksPerScan = 10;

    private readonly Dictionary<string, string> _comms = names.ToDictionary(ProcessStat.Comm, n => n, StringComparer.Ordinal);
    private readonly List<Found> _found = [];
    private readonly byte[] _text = new byte[8 * 1024];
    private int _looks;

    /// <inheritdoc/>
    public string Name => "processes";

    /// <inheritdoc/>
    public void Take(SampleWriter into)
    {
        if (_looks++ % LooksPerScan == 0) Scan();
        var sums = new Dictionary<string, Usage>(StringComparer.Ordinal);
        var gone = false;
        foreach (var process in _found)
        {
            if (Read(process) is not { } usage)
            {
                gone = true;
                continue;
            }

            sums[process.Name] = sums.TryGetValue(process.Name, out var before) ? before.And(usage) : usage;
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
                if (_comms.TryGetValue(File.ReadAllText(Path.Combine(directory, "comm")).TrimEnd(), out var name)) _found.Add(new Found(name, directory, Files(directory)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }
    }

    private Usage? Read(Found process)
    {
        try
        {
            const int UserTicks = 14, SystemTicks = 15, Threads = 20, ResidentPages = 24;
            // PID (NAME) STATE …: the name may hold blanks and brackets, so fields count from its last bracket.
            var stat = Text(process.Stat);
            stat = stat[(stat.LastIndexOf((byte)')') + 2)..];
            Span<long> fields = stackalloc long[ResidentPages + 1];
            for (var field = 3; field <= ResidentPages && !stat.IsEmpty; field++)
            {
                var end = stat.IndexOf((byte)' ');
                fields[field] = Utf8Parser.TryParse(stat, out long number, out _) ? number : 0;
                stat = end < 0 ? default : stat[(end + 1)..];
            }

            var status = Text(process.Status);
            return new Usage(
                (fields[UserTicks] + fields[SystemTicks]) / ProcessStat.TicksPerSecond, fields[ResidentPages] * Environment.SystemPageSize, fields[Threads], process.Files,
                Line(status, "\nvoluntary_ctxt_switches:"u8), Line(status, "\nnonvoluntary_ctxt_switches:"u8));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Line(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        var at = text.LastIndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(text[(at + name.Length)..].TrimStart(" \t"u8), out long number, out _) ? number : 0;
    }

    /// <summary>The text of a file, valid until the next one is read.</summary>
    private ReadOnlySpan<byte> Text(string path)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return _text.AsSpan(0, RandomAccess.Read(file, _text, 0));
    }

    private static int Files(string directory) => Directory.EnumerateFileSystemEntries(Path.Combine(directory, "fd")).Count();

    private sealed record Found(string Name, string Directory, int Files)
    {
        public string Stat { get; } = Path.Combine(Directory, "stat");

        public string Status { get; } = Path.Combine(Directory, "status");
    }

    private readonly record struct Usage(double Cpu, long Resident, long Threads, long Files, long Voluntary, long Involuntary)
    {
        public Usage And(Usage other) => new(Cpu + other.Cpu, Resident + other.Resident, Threads + other.Threads, Files + other.Files, Voluntary + other.Voluntary, Involuntary + other.Involuntary);
    }
}
