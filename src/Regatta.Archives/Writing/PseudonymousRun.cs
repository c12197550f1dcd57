using System.Text;
using System.Text.RegularExpressions;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Archives.Writing;

/// <summary>
/// A copy of a run in which people, groups, accounts, reservations, hosts and paths have other names: the same name always the same, by a key that stays outside. Its
/// hashes are made anew, so that it verifies like any run; logs, and what events cite of the scheduler's words, are left out.
/// </summary>
public sealed partial class PseudonymousRun
{
    private readonly Pseudonyms _names;
    private readonly SortedDictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly ImmutableHashSet<string> _hosts;

    private PseudonymousRun(Pseudonyms names, ImmutableHashSet<string> hosts)
    {
        _names = names;
        _hosts = hosts;
        foreach (var host in hosts) _words[host] = names.Host(host);
    }

    /// <summary>Writes the copy of a run.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="to">The directory of the copy; it does not exist.</param>
    /// <param name="names">The names.</param>
    /// <param name="further">Words that are names, too: hosts and users of the experiment.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The run cannot be read.</exception>
    public static async Task<PseudonymousRun> CopyAsync(string run, string to, Pseudonyms names, IEnumerable<string> further, CancellationToken cancellation)
    {
        var recorded = await RecordedRun.ReadAsync(run, cancellation);
        // Nodes of clusters that the program makes have its own names; machines that exist have those of their site.
        var hosts = recorded.Trials.Where(t => t.Trial.Record.Machines == MachineKind.Ssh)
            .SelectMany(t => t.Trial.Record.Workers.Concat(t.Trial.Record.ControlPlane.Select(c => c.Node)).Concat(t.Trial.Record.ClocksBefore.Select(c => c.Node)));
        var copy = new PseudonymousRun(names, [.. hosts.Concat(further).Where(h => h.Length > 0 && !Usual().IsMatch(h))]);
        foreach (var trial in recorded.Trials) copy.Learn(trial.Trial.Jobs);
        Directory.CreateDirectory(to);
        foreach (var file in new[] { "experiment.yaml", "overrides.yaml", "plan.json", "provenance.json" }.Where(f => File.Exists(Path.Combine(run, f))))
            await File.WriteAllTextAsync(Path.Combine(to, file), copy.Configuration(await File.ReadAllTextAsync(Path.Combine(run, file), cancellation)), cancellation);
        var journal = Said().Replace(await File.ReadAllTextAsync(Path.Combine(run, Journal.FileName), cancellation), m => copy.Text(m.Value));
        foreach (var trial in recorded.Trials)
        {
            var (before, after) = await copy.CopyAsync(trial, Path.Combine(to, Path.GetRelativePath(recorded.Path, trial.Directory)), cancellation);
            journal = journal.Replace(before, after, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Path.Combine(to, Journal.FileName), journal, cancellation);
        return copy;
    }

    /// <summary>Jobs under pseudonyms.</summary>
    public IReadOnlyList<Job> Apply(IReadOnlyList<Job> jobs) => [.. jobs.Select(job => job with
    {
        Request = job.Request is { } request ? _names.Apply(request) : null,
        Payload = job.Payload with { Command = [.. job.Payload.Command.Select(Text)] },
    })];

    private void Learn(JobTable jobs)
    {
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Request(row) is not { } request) continue;
            var named = _names.Apply(request);
            foreach (var (was, now) in new[] { (request.User, named.User), (request.Group, named.Group), (request.Account, named.Account), (request.Reservation, named.Reservation) })
            {
                if (was is not null && now is not null && was != now) _words.TryAdd(was, now);
            }
        }
    }

    private async Task<(string Before, string After)> CopyAsync(RecordedTrial trial, string to, CancellationToken cancellation)
    {
        Directory.CreateDirectory(to);
        var before = TrialFiles.Hash(Path.Combine(trial.Directory, TrialFiles.Record));
        var ids = trial.Trial.Jobs.Job.ToArray();
        await using (var events = new StreamWriter(Path.Combine(to, TrialFiles.Events), false, new UTF8Encoding(false)))
        {
            var number = 0;
            await foreach (var line in File.ReadLinesAsync(Path.Combine(trial.Directory, TrialFiles.Events), cancellation))
            {
                if (line.Length == 0) continue;
                var happened = ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(line), TrialFiles.Events, ++number);
                await events.WriteAsync(Encoding.UTF8.GetString(ReplayJson.Line(happened with { Node = Host(happened.Node), Nodes = Hosts(happened.Nodes), Detail = null })) + "\n");
            }
        }

        var jobs = JobTable.From(trial.Trial.Jobs.Records.Select(j => j with { Request = j.Request is { } request ? _names.Apply(request) : null, NodeList = Hosts(j.NodeList) }), trial.Trial.Jobs.Count);
        var record = Of(trial.Trial.Record);
        return (before, (await TrialFiles.WriteAsync(to, record, jobs, TrialAudit.Of(new Trial(record, jobs), ids), null, durable: false, cancellation)).Record);
    }

    private TrialRecord Of(TrialRecord record) => record with
    {
        // A trace's name is its path.
        Workload = Paths(record.Workload),
        // The machine that a trial ran on is one of its site, whoever made its nodes.
        Host = record.Host is { } host ? _names.Host(host) : null,
        Workers = [.. record.Workers.Select(w => Host(w)!)],
        NodeProcessors = record.NodeProcessors.ToImmutableSortedDictionary(p => Host(p.Key)!, p => p.Value, StringComparer.Ordinal),
        Settings = record.Settings.ToImmutableSortedDictionary(p => p.Key, p => Text(p.Value), StringComparer.Ordinal),
        ClocksBefore = [.. record.ClocksBefore.Select(c => c with { Node = Host(c.Node)! })],
        ClocksAfter = [.. record.ClocksAfter.Select(c => c with { Node = Host(c.Node)! })],
        ControlPlane = [.. record.ControlPlane.Select(c => c with { Node = Host(c.Node)! })],
        Pressure = [.. record.Pressure.Select(p => p with { Node = Host(p.Node)! })],
        Faults = [.. record.Faults.Select(f => f with { Node = Host(f.Node), Text = Text(f.Text) })],
        Mended = [.. record.Mended.Select(f => f with { Node = Host(f.Node), Text = Text(f.Text) })],
        Injection = record.Injection is { } injection
            ? injection with { Faults = [.. injection.Faults.Select(f => f with { Node = Host(f.Node)!, Text = Text(f.Text), Failure = f.Failure is { } failure ? Text(failure) : null })] } : null,
        Notes = [.. record.Notes.Select(Text)],
    };

    private string? Host(string? node) => node is not null && _hosts.Contains(node) ? _names.Host(node) : node;

    private string? Hosts(string? nodes)
    {
        if (nodes is null || _hosts.IsEmpty) return nodes;
        var each = HostList.Expand(nodes);
        return each.IsEmpty ? Text(nodes) : string.Join(',', each.Select(n => Host(n)));
    }

    // A sentence: any word of it may be a name.
    private string Text(string text) => Word().Replace(Paths(text), m => _words.GetValueOrDefault(m.Value, m.Value));

    // A configuration: a host may be called like a key or a scheduler, and is one only where a name stands.
    private string Configuration(string text) => Named().Replace(Paths(text), m => _hosts.Contains(m.Value) ? _names.Host(m.Value) : m.Value);

    private string Paths(string text) => Place().Replace(text, m => Known().IsMatch(m.Value) ? m.Value : _names.Path(m.Value));

    // A path of several parts. Those that every system has say nothing of a site.
    [GeneratedRegex(@"(?<![A-Za-z0-9_.:/-])/[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)+")]
    private static partial Regex Place();

    [GeneratedRegex(@"\A/(?:bin|sbin|usr|lib|lib64|etc|dev|proc|sys|run|nix|var/lib/regatta|var/spool|var/log)(?:/|\z)")]
    private static partial Regex Known();

    [GeneratedRegex(@"[A-Za-z0-9_][A-Za-z0-9_.@-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=\b(?:name|address|user|key)""?: ?[""']?)[A-Za-z0-9_][A-Za-z0-9_.@-]*")]
    private static partial Regex Named();

    [GeneratedRegex(@"(?<=""text"":"")(?:[^""\\]|\\.)*")]
    private static partial Regex Said();

    [GeneratedRegex(@"\A(?:head|worker[0-9]*|localhost|root|[0-9]+)\z")]
    private static partial Regex Usual();
}
