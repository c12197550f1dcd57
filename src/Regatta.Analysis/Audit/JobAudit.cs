using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>Gathers the jobs that one finding concerns.</summary>
internal sealed class Offenders
{
    private const int Shown = 5;
    private readonly List<long> _examples = [];

    public int Count { get; private set; }

    public void Add(long job)
    {
        Count++;
        if (_examples.Count < Shown) _examples.Add(job);
    }

    /// <summary>Adds a finding when there is any such job. <c>{0}</c> in <paramref name="text"/> stands for <c>3 jobs</c>.</summary>
    public void Report(List<AuditFinding> findings, AuditWeight weight, string code, string text)
    {
        if (Count == 0) return;
        var which = Count == 1 ? $"1 job ({_examples[0]})" : $"{Count} jobs ({string.Join(", ", _examples)}{(Count > Shown ? ", …" : "")})";
        findings.Add(new(weight, code, text.Replace("{0}", which, StringComparison.Ordinal)) { Jobs = Count, Examples = [.. _examples] });
    }
}

/// <summary>Every job of the workload has one row, and the row says how the job ended.</summary>
internal static class JobAudit
{
    public static void Check(Trial trial, IReadOnlyCollection<long>? expected, List<AuditFinding> findings)
    {
        var jobs = trial.Jobs;
        if (jobs.Count == 0) findings.Add(new(AuditWeight.Invalidates, "no-jobs", "The trial holds no job."));
        Offenders twice = new(), sameId = new(), unfinished = new(), unstamped = new(), undecided = new(), lost = new(), rejected = new(), missing = new(), unknown = new();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < jobs.Count; row++)
        {
            var job = jobs.Job[row];
            if (jobs.SchedulerId(row) is { } id && !ids.Add(id)) sameId.Add(job);
            switch (jobs.State(row))
            {
                case JobState.Unfinished:
                    unfinished.Add(job);
                    break;
                case JobState.Lost:
                    lost.Add(job);
                    break;
                case JobState.Rejected:
                    rejected.Add(job);
                    break;
                case JobState.Completed when jobs.Sent[row] == JobTable.Missing || jobs.Start[row] == JobTable.Missing || jobs.Finish[row] == JobTable.Missing:
                    unstamped.Add(job);
                    break;
                // What ran was started by the scheduler, which must have told of it; without that its wait is not known.
                case JobState.Completed when jobs.Decided[row] == JobTable.Missing:
                    undecided.Add(job);
                    break;
            }
        }

        // Sorted copies rather than sets: ten million jobs must fit beside the table.
        using var rented = new Rented<long>(jobs.Count);
        var numbers = rented.Items;
        jobs.Job.CopyTo(numbers);
        if (!Rises(numbers)) numbers.Sort();
        var distinct = Distinct(numbers, twice);
        if (expected is not null)
        {
            long[] known = [.. expected];
            Array.Sort(known);
            Merge(known, numbers[..distinct], missing, unknown);
        }
        else if (trial.Record.Jobs is { } count && count != distinct)
        {
            findings.Add(new(AuditWeight.Invalidates, "missing-jobs", $"The workload has {count} jobs, the trial {distinct}."));
        }

        // Where a fault was meant, jobs that have no end or no stamps are what the trial measures.
        var hit = trial.Record.Injection is null ? AuditWeight.Invalidates : AuditWeight.Note;
        missing.Report(findings, AuditWeight.Invalidates, "missing-jobs", "{0} of the workload have no row.");
        unknown.Report(findings, AuditWeight.Invalidates, "unknown-jobs", "{0} are not in the workload.");
        twice.Report(findings, AuditWeight.Invalidates, "double-jobs", "{0} stand in more than one row.");
        sameId.Report(findings, hit, "double-scheduler-ids", "{0} share the scheduler's name with another job.");
        unfinished.Report(findings, hit, "unfinished-jobs", "{0} had not ended when the trial did.");
        unstamped.Report(findings, hit, "missing-stamps", "{0} completed without a submit, start or finish stamp.");
        undecided.Report(findings, hit, "missing-decisions", "{0} completed without the scheduler telling when it gave them nodes.");
        lost.Report(findings, AuditWeight.Note, "lost-jobs", "{0} were accepted and then forgotten by the scheduler.");
        rejected.Report(findings, AuditWeight.Note, "rejected-jobs", "{0} were not accepted by the scheduler.");
    }

    private static bool Rises(ReadOnlySpan<long> numbers)
    {
        for (var i = 1; i < numbers.Length; i++)
        {
            if (numbers[i - 1] > numbers[i]) return false;
        }

        return true;
    }

    /// <summary>Moves the distinct of the sorted numbers to the front and returns how many there are.</summary>
    private static int Distinct(Span<long> sorted, Offenders twice)
    {
        var distinct = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (distinct > 0 && sorted[distinct - 1] == sorted[i]) twice.Add(sorted[i]);
            else sorted[distinct++] = sorted[i];
        }

        return distinct;
    }

    private static void Merge(ReadOnlySpan<long> known, ReadOnlySpan<long> seen, Offenders missing, Offenders unknown)
    {
        int k = 0, s = 0;
        while (k < known.Length || s < seen.Length)
        {
            if (s == seen.Length || (k < known.Length && known[k] < seen[s])) missing.Add(known[k++]);
            else if (k == known.Length || seen[s] < known[k]) unknown.Add(seen[s++]);
            else (k, s) = (k + 1, s + 1);
        }
    }
}
