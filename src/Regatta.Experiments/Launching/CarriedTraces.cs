using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>
/// The traces that go with trials to where they run: files under their sha256 in a launch directory, and a list of what each is called in the configuration. Whoever runs a trial needs no
/// file at the path that the configuration names.
/// </summary>
public sealed class CarriedTraces
{
    /// <summary>How paths of the program's own files begin.</summary>
    internal const string OwnFiles = "regatta:";

    /// <summary>Where the files are, in the launch directory.</summary>
    internal const string Folder = "traces";

    /// <summary>What each is called, in the launch directory.</summary>
    internal const string List = "traces.json";

    // tasks/POINT/REPETITION
    private const string FromTask = "../../..";

    private readonly string _launch;
    private readonly Dictionary<string, string> _hashes;
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    private CarriedTraces(string launch)
    {
        _launch = launch;
        var list = Path.Combine(launch, List);
        _hashes = File.Exists(list) ? JsonSerializer.Deserialize(File.ReadAllText(list), CarriedJson.Default.DictionaryStringString) ?? [] : [];
    }

    /// <summary>The traces that came with a trial's folder, <c>LAUNCH/tasks/POINT/REPETITION</c>; none where no list lies there.</summary>
    /// <param name="folder">The folder.</param>
    public static CarriedTraces Of(string folder) => new(Path.GetFullPath(Path.Combine(folder, FromTask)));

    /// <summary>Puts traces into a launch directory, those that are not in it.</summary>
    /// <param name="launch">The launch directory.</param>
    /// <param name="traces">The files as the configuration names them; those of the program travel with it.</param>
    /// <param name="from">What relative paths are relative to.</param>
    /// <exception cref="DiagnosticException">A file cannot be copied (<c>launch-trace</c>).</exception>
    public static void Put(string launch, IEnumerable<string> traces, string from)
    {
        ArgumentNullException.ThrowIfNull(traces);
        var carried = new CarriedTraces(launch);
        var more = traces.Where(t => !t.StartsWith(OwnFiles, StringComparison.Ordinal) && !carried._hashes.ContainsKey(t)).Distinct(StringComparer.Ordinal).ToList();
        if (more.Count == 0) return;
        foreach (var trace in more)
        {
            var source = Path.Combine(from, trace);
            try
            {
                Directory.CreateDirectory(Path.Combine(launch, Folder));
                var hash = carried._hashes[trace] = TrialFiles.Hash(source);
                var place = carried.Place(hash);
                if (File.Exists(place) && TrialFiles.Hash(place) == hash) continue;
                File.Copy(source, place + ".new", overwrite: true);
                File.Move(place + ".new", place, overwrite: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new DiagnosticException(
                    Diagnostic.Error("launch-trace", $"the workload file '{trace}' cannot be put beside the trials that read it") with
                    {
                        Where = new SourceRange(source), Detail = exception.Message, Help = "look at the space and the permissions of the run's directory; nothing was begun",
                    },
                    exception);
            }
        }

        DurableFile.Write(Path.Combine(launch, List), JsonSerializer.Serialize(carried._hashes, CarriedJson.Default.DictionaryStringString));
    }

    /// <summary>Where a trace lies that the configuration names so; null where it did not come along.</summary>
    /// <exception cref="DiagnosticException">It is not the one that was given away (<c>launch-trace-changed</c>).</exception>
    public string? Find(string trace)
    {
        if (!_hashes.TryGetValue(trace, out var hash)) return null;
        var place = Place(hash);
        // Each is held to its hash once.
        if (_held.Add(hash) && (!File.Exists(place) || TrialFiles.Hash(place) != hash))
        {
            throw new DiagnosticException(Diagnostic.Error("launch-trace-changed", $"the workload file '{trace}' that came with the trial is not the one that was given away") with
            {
                Where = new SourceRange(place), Detail = $"its sha256 should be {hash}", Help = "remove 'launch/traces.json' of the run and go on: regatta resume RUN",
            });
        }

        return place;
    }

    private string Place(string hash) => Path.Combine(_launch, Folder, hash);
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CarriedJson : JsonSerializerContext;
