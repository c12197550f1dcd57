using System.Text.Json;
using Regatta.Host;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>What virtual time was worth on this host, by scheduler and version: kept when a run holds it against real time, and written into the runs that come after.</summary>
/// <param name="state">Where it is kept.</param>
internal sealed class VirtualTimeChecks(StateDirectory state)
{
    private string File => Path.Combine(state.Root, "virtual-time.json");

    /// <summary>Writes the latest check of the versions in a run into the run, where none stands there.</summary>
    public void Recall(string run)
    {
        if (RunDirectory.ReadProvenance(run) is not { Schedulers: { } schedulers, VirtualTime: null } provenance) return;
        var known = Read();
        var told = schedulers.SelectMany(s => s.Value.Split(", ").Select(version => $"{s.Key} {version}")).Where(known.ContainsKey).ToImmutableSortedDictionary(n => n, n => known[n], StringComparer.Ordinal);
        if (!told.IsEmpty) RunDirectory.WriteProvenance(run, provenance with { VirtualTime = told });
    }

    /// <summary>Keeps what a report found.</summary>
    public void Keep(ReportModel model)
    {
        if (model.VirtualTime is not { Checks.IsEmpty: false } view) return;
        // One sentence for each set of jobs.
        var all = view.Checks.GroupBy(c => c.Scheduler, StringComparer.Ordinal).Aggregate(Read(), (known, of) => known.SetItem(of.Key, string.Join(' ', of)));
        Directory.CreateDirectory(state.Root);
        DurableFile.Write(File, JsonSerializer.Serialize(all.ToDictionary(), VirtualTimeJson.Default.DictionaryStringString));
    }

    private ImmutableSortedDictionary<string, string> Read() =>
        (System.IO.File.Exists(File) ? JsonSerializer.Deserialize(System.IO.File.ReadAllText(File), VirtualTimeJson.Default.DictionaryStringString) : null)?.ToImmutableSortedDictionary(StringComparer.Ordinal)
        ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>JSON of the checks.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class VirtualTimeJson : System.Text.Json.Serialization.JsonSerializerContext;
