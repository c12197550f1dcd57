using System.Buffers;
using System.Security.Cryptography;
using Regatta.Analysis;

namespace Regatta.Runs;

/// <summary>A trial as its directory holds it, without its jobs.</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="Record">What <c>trial.json</c> holds.</param>
/// <param name="Audit">What the audit found; null when <c>audit.json</c> is missing.</param>
public sealed record TrialHead(string Directory, TrialRecord Record, TrialAudit? Audit)
{
    /// <summary>The table of its jobs.</summary>
    public string JobsFile => Path.Combine(Directory, TrialFiles.Jobs);
}

/// <summary>
/// The files of one trial. <c>trial.json</c> holds the hashes of the others, so that a file which was swapped or changed is noticed when the trial is
/// read.
/// </summary>
public static class TrialFiles
{
    private const long LargestInMemory = 64 << 20;

    /// <summary>Everything about a trial but its jobs. A trial is there when this file is.</summary>
    public const string Record = "trial.json";

    /// <summary>One row a job.</summary>
    public const string Jobs = "jobs.parquet";

    /// <summary>Whether the trial may be believed.</summary>
    public const string Audit = "audit.json";

    /// <summary>Every event of every job.</summary>
    public const string Events = "events.jsonl";

    /// <summary>The calls of clients beside the jobs, one row a call; there where clients called.</summary>
    public const string Clients = "clients.parquet";

    /// <summary>Files that a trial may have beside its events, and that are recorded with it.</summary>
    public static ImmutableArray<string> Beside { get; } = [Clients, SampleTable.FileName];

    /// <summary>Writes the record, the jobs and the audit of a trial; what else it recorded is there already.</summary>
    /// <param name="directory">The trial's draft.</param>
    /// <param name="record">The record.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <param name="audit">Its audit.</param>
    /// <param name="events">The events that are still being written beside this, and then their sha256 in hexadecimal; null when they are in place.</param>
    /// <param name="durable">Whether each file is waited for until it is on the disk; else whoever wrote many brings them there together.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>The hashes of what was written.</returns>
    public static async Task<WrittenHashes> WriteAsync(string directory, TrialRecord record, JobTable jobs, TrialAudit audit, Task<string>? events, bool durable, CancellationToken cancellation)
    {
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        hashes[Jobs] = await WriteAsync(Path.Combine(directory, Jobs), s => jobs.WriteAsync(s, cancellation), durable);
        hashes[Audit] = await WriteAsync(Path.Combine(directory, Audit), s => TrialJson.WriteAsync(s, audit, cancellation), durable);
        if (events is not null) hashes[Events] = await events;
        foreach (var recorded in Beside.Prepend(Events).Where(name => !hashes.ContainsKey(name)).Where(name => File.Exists(Path.Combine(directory, name)))) hashes[recorded] = Hash(Path.Combine(directory, recorded));
        var own = await WriteAsync(Path.Combine(directory, Record), s => TrialJson.WriteAsync(s, record with { Files = hashes.ToImmutable() }, cancellation), durable);
        return new WrittenHashes(own, hashes[Jobs]);
    }

    /// <summary>Reads what a trial is and what it is worth, and checks that its jobs and its audit are those that were recorded.</summary>
    /// <param name="directory">The trial's directory.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DiagnosticException">A file cannot be read, is missing, or is not the one that was recorded.</exception>
    public static async Task<TrialHead> ReadHeadAsync(string directory, CancellationToken cancellation)
    {
        var record = await ReadAsync(directory, Record, TrialJson.ReadRecordAsync, cancellation);
        Check(directory, record, Jobs);
        if (!File.Exists(Path.Combine(directory, Jobs)))
        {
            throw new DiagnosticException(Diagnostic.Error("report-no-jobs", $"the trial {record.Point}/{record.Repetition} has no {Jobs}") with
            {
                Where = new SourceRange(Path.Combine(directory, Jobs)),
                Help = Repeat,
            });
        }

        Check(directory, record, Audit);
        var audit = File.Exists(Path.Combine(directory, Audit)) ? await ReadAsync(directory, Audit, TrialJson.ReadAuditAsync, cancellation) : null;
        return new TrialHead(directory, record, audit);
    }

    /// <summary>Reads the jobs of a trial.</summary>
    /// <exception cref="DiagnosticException">They cannot be read.</exception>
    public static Task<JobTable> ReadJobsAsync(TrialHead trial, CancellationToken cancellation) => ReadAsync(trial.Directory, Jobs, JobTable.ReadAsync, cancellation);

    /// <summary>sha256 of a file, hexadecimal.</summary>
    public static string Hash(string file)
    {
        // Read by hand: the library reads a stream by 4 KiB, and the events of a million jobs are 600 MB; a thread that is waited for takes longer than a small file.
        using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        for (long at = 0; RandomAccess.Read(handle, buffer, at) is > 0 and var read; at += read) hash.AppendData(buffer, 0, read);
        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal const string Repeat = "remove the trial's directory and run 'regatta resume' on the run to repeat it";

    // Records of the first programs have no hashes; a file that is missing is the reader's to miss.
    internal static void Check(string directory, TrialRecord record, string name)
    {
        var file = Path.Combine(directory, name);
        if (!record.Files.TryGetValue(name, out var hash) || !File.Exists(file) || Hash(file) == hash) return;
        throw new DiagnosticException(Diagnostic.Error("trial-file-changed", $"{name} is not the file that was recorded with the trial {record.Point}/{record.Repetition}") with
        {
            Where = new SourceRange(file),
            Detail = $"{Record} of the trial holds another hash of it: the file was changed, or belongs to another trial",
            Help = "put the file back as it was, or " + Repeat,
        });
    }

    private static async Task<T> ReadAsync<T>(string directory, string name, Func<Stream, string, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        var file = Path.Combine(directory, name);
        try
        {
            using var stream = Whole(file);
            return await read(stream, file, cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFile.Unreadable(file, exception.Message, null, exception);
        }
    }

    // Larger files stay where they are.
    private static Stream Whole(string file) => new FileInfo(file).Length > LargestInMemory ? File.OpenRead(file) : new MemoryStream(File.ReadAllBytes(file), writable: false);

    private static async Task<string> WriteAsync(string path, Func<Stream, Task> write, bool durable)
    {
        using var file = new HashedFile(path);
        await write(file);
        return file.Finish(durable);
    }
}

/// <summary>Hashes of the files of a trial, sha256 in hexadecimal.</summary>
/// <param name="Record">Of <c>trial.json</c>.</param>
/// <param name="Jobs">Of <c>jobs.parquet</c>.</param>
public sealed record WrittenHashes(string Record, string Jobs);
