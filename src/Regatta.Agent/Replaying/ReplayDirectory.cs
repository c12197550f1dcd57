using System.Text;
using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>The directory of one replay: everything that outlives the connection that started it.</summary>
internal sealed class ReplayDirectory(string path)
{
    // Held back so that a full disk can still be spoken of.
    private const int ReserveSize = 64 * 1024;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The header and the jobs, as they were read.</summary>
    public string Schedule => System.IO.Path.Combine(Path, "schedule.jsonl");

    /// <summary>What happened, one <see cref="JobEvent"/> a line.</summary>
    public string Events => System.IO.Path.Combine(Path, "events.jsonl");

    /// <summary>How it ended; there once it has.</summary>
    public string Summary => System.IO.Path.Combine(Path, "summary.json");

    /// <summary>Why it failed; there once it has.</summary>
    public string Failure => System.IO.Path.Combine(Path, "failure");

    /// <summary>What the worker wrote on standard error.</summary>
    public string Log => System.IO.Path.Combine(Path, "worker.log");

    /// <summary>What was sampled meanwhile, a line a time.</summary>
    public string Samples => System.IO.Path.Combine(Path, "samples.jsonl");

    /// <summary>The calls of clients, one <see cref="ClientCall"/> a line.</summary>
    public string Clients => System.IO.Path.Combine(Path, "clients.jsonl");

    /// <summary>What the clients' process wrote on standard error.</summary>
    public string ClientLog => System.IO.Path.Combine(Path, "clients.log");

    /// <summary>Asks the worker to cancel, once it is there.</summary>
    public string CancelMark => System.IO.Path.Combine(Path, "cancel");

    private string LockFile => System.IO.Path.Combine(Path, "worker.lock");

    private string Reserve => System.IO.Path.Combine(Path, "reserve");

    /// <summary>There is a replay here.</summary>
    public bool Exists => File.Exists(Schedule);

    /// <summary>It has ended, well or not.</summary>
    public bool Over => File.Exists(Summary) || File.Exists(Failure);

    /// <summary>Reads a schedule and keeps it here.</summary>
    /// <param name="schedule">The header and the jobs.</param>
    /// <param name="check">Further checks of the header.</param>
    /// <exception cref="DiagnosticException">It is wrong or incomplete.</exception>
    public (ReplayHeader Header, IReadOnlyList<Job> Jobs) Create(Stream schedule, Action<ReplayHeader> check)
    {
        Directory.CreateDirectory(Path);
        var draft = Schedule + ".new";
        ReplayHeader header;
        IReadOnlyList<Job> jobs;
        try
        {
            using (var copy = new FileStream(draft, FileMode.Create, FileAccess.ReadWrite))
            {
                schedule.CopyTo(copy);
                copy.Flush(flushToDisk: true);
                copy.Position = 0;
                (header, jobs) = Read(copy, "standard input");
                check(header);
            }

            File.WriteAllBytes(Reserve, new byte[ReserveSize]);
            File.Move(draft, Schedule);
        }
        catch (IOException exception)
        {
            throw Full(exception);
        }

        return (header, jobs);
    }

    /// <summary>Reads the schedule that is kept here.</summary>
    public (ReplayHeader Header, IReadOnlyList<Job> Jobs) ReadSchedule()
    {
        using var file = File.OpenRead(Schedule);
        return Read(file, Schedule);
    }

    /// <summary>Marks that this process is the worker; null when another is.</summary>
    public FileStream? TryLock()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A worker lives.</summary>
    public bool IsAlive()
    {
        using var taken = TryLock();
        return taken is null;
    }

    /// <summary>Writes the summary so that it is there whole or not at all.</summary>
    public void Write(ReplaySummary summary)
    {
        var draft = Summary + ".new";
        using (var file = new FileStream(draft, FileMode.Create))
        {
            file.Write(ReplayJson.Line(summary));
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Summary, overwrite: true);
    }

    /// <summary>Gives back the room that was held for a failure.</summary>
    public void Release() => File.Delete(Reserve);

    /// <summary>Writes why the replay failed, in the room that was held back for it.</summary>
    public void Fail(string text)
    {
        Release();
        File.WriteAllText(Failure, text + "\n");
    }

    /// <summary>The fault of a disk that is full or broken.</summary>
    public DiagnosticException Full(IOException exception) =>
        new(Diagnostic.Error("replay-disk", $"the replay cannot write to {Path}") with { Detail = exception.Message, Help = "make room on the head, then run the trial again" }, exception);

    private static (ReplayHeader Header, IReadOnlyList<Job> Jobs) Read(Stream stream, string source)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var first = reader.ReadLine();
        if (string.IsNullOrWhiteSpace(first)) throw new DiagnosticException(Diagnostic.Error("replay-empty", $"{source} holds no replay: it is empty") with { Help = "the first line is the header, then one job a line" });
        var header = ReplayJson.ReadHeader(Encoding.UTF8.GetBytes(first), source, 1);
        Check(header);
        var jobs = new List<Job>();
        for (var number = 2; reader.ReadLine() is { } line; number++) jobs.Add(ReplayJson.ReadJob(Encoding.UTF8.GetBytes(line), source, number));
        if (jobs.Count != header.Jobs)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-cut", string.Create(CultureInfo.InvariantCulture, $"{source} ends after {jobs.Count} of {header.Jobs} jobs")) with
            {
                Help = "the connection was cut while it was sent: send it again",
            });
        }

        var faults = JobValidation.Check(jobs, source);
        return faults.Any(f => f.Severity == Severity.Error) ? throw new DiagnosticException(faults) : (header, jobs);
    }

    private static void Check(ReplayHeader header)
    {
        var fault = header.Trial.Length is 0 or > 63 || header.Trial.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') ? $"the trial '{header.Trial}' is not a name of small letters, digits and '-'"
            : header.Connections is < 1 or > 256 ? $"connections is {header.Connections}, and must be 1 to 256"
            : header.StartDelay < TimeSpan.Zero ? "the start delay is negative"
            : header.DrainTimeout < TimeSpan.Zero ? "the time to drain is negative"
            : header.Clients is { } clients && (clients.Most < 1 || clients.Timeout <= TimeSpan.Zero || clients.Streams.Any(s => !double.IsFinite(s.Rate) || s.Rate <= 0 || s.Command.IsDefaultOrEmpty)) ? "a rate, a command or a limit of the clients cannot be"
            : null;
        if (fault is not null) throw new DiagnosticException(Diagnostic.Error("replay-header", fault));
    }
}
