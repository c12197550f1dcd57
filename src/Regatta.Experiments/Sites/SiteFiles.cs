using System.IO.Compression;
using System.Text;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Experiments.Sites;

/// <summary>Writes an imported site: <c>NAME.yaml</c>, an option of the group <c>site</c>, and beside it a directory <c>NAME/</c> with jobs, associations and the fate of every key.</summary>
public static class SiteFiles
{
    /// <summary>The jobs, in the site's directory.</summary>
    public const string Jobs = "jobs.jsonl.gz";

    /// <summary>Accounts and users, in the site's directory.</summary>
    public const string Associations = "associations.cfg";

    /// <summary>What became of each setting, in the site's directory.</summary>
    public const string Keys = "keys.tsv";

    /// <summary>Writes the files into a directory that holds the site's, which is made; files that are there are replaced.</summary>
    /// <param name="import">The site.</param>
    /// <param name="path">Path of the site without an ending, such as <c>conf/site/twin</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(SiteImport import, string path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(import);
        ArgumentNullException.ThrowIfNull(path);
        Directory.CreateDirectory(path);
        Replace(Path.Combine(path, Jobs), stream =>
        {
            using var packed = new GZipStream(stream, CompressionLevel.Fastest);
            new JsonLinesFormat().Write(import.Jobs, packed, cancellation);
        });
        Replace(Path.Combine(path, Associations), stream => Write(stream, AssociationLines(import)));
        Replace(Path.Combine(path, Keys), stream => Write(stream, ["setting\tfate\treason\tvalue", .. import.Site.Keys.Where(key => key.Fate != KeyFate.Described).Select(key => $"{key.Name}\t{key.Fate}\t{key.Reason}\t{(key.Fate is KeyFate.Used or KeyFate.Kept ? key.Value : "")}")]));
        Replace(path + ".yaml", stream => Write(stream, Configuration(import, path)));
    }

    /// <summary>The lines of a file for <c>sacctmgr load</c>: qualities of service first, each behind those that it preempts, then accounts from the root down with their users.</summary>
    public static IEnumerable<string> AssociationLines(SiteImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        return SacctmgrLines.Qos(import.Site.Qos).Concat(SacctmgrLines.Associations(import.Name, import.Site.Associations));
    }

    private static IEnumerable<string> Configuration(SiteImport import, string path)
    {
        var (site, jobs) = (import.Site, import.Jobs);
        var processors = Math.Max(1, (int)Math.Round((double)site.Processors / site.Nodes.Sum(kind => kind.Count)));
        var start = jobs.Header.UnixStartTime ?? 0;
        yield return "# @package _global_";
        yield return $"# The site {import.Name}, made by 'regatta site import'. Names of users, groups, accounts and reservations are pseudonyms. Use it with site={Path.GetFileName(path)}.";
        yield return "site:";
        yield return $"  name: {Text(import.Name)}";
        yield return "  nodes:";
        foreach (var (kind, count) in site.Nodes.Zip(import.Counts))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"    - {{name: {kind.Name}, count: {count}, of: {kind.Count}, processors: {kind.Processors}, memory: {(kind.Memory is { } memory ? $"{memory >> 20}MiB" : "null")}, features: [{string.Join(", ", kind.Features.Select(Text))}], gres: {(kind.Gres is { } gres ? Text(gres) : "null")}, weight: {Math.Max(1, kind.Weight)}}}");
        }

        yield return site.Partitions.IsEmpty ? "  partitions: {}" : "  partitions:";
        foreach (var partition in site.Partitions) yield return $"    {Text(partition.Name)}: {{nodes: [{string.Join(", ", partition.Nodes)}], settings: {Map(partition.Settings)}}}";
        yield return site.Qos.IsEmpty ? "  qos: {}" : "  qos:";
        foreach (var qos in site.Qos) yield return $"    {Text(qos.Name)}: {{settings: {Map(qos.Settings)}}}";
        yield return $"  settings: {Map(site.Kept)}";
        yield return $"  associations: {Text(Path.Combine(path, Associations))}";
        yield return string.Create(CultureInfo.InvariantCulture, $"  calendar: {{start: {start}, end: {start + (long)jobs.Jobs[^1].Submit.TotalSeconds}, zone: {(jobs.Header["TimeZoneString"] is { } zone ? Text(zone) : "null")}}}");
        yield return "cluster:";
        yield return string.Create(CultureInfo.InvariantCulture, $"  emulated: {Math.Min(import.Nodes, SchedulerOptions.MostEmulated)}");
        yield return "  worker:";
        yield return "    # The mean of the site's nodes: emulated nodes are all alike.";
        yield return string.Create(CultureInfo.InvariantCulture, $"    processors: {Math.Min(processors, 4096)}");
        yield return "scheduler:";
        yield return $"  settings: {Map(site.Settings)}";
        yield return "workload:";
        yield return "  kind: trace";
        yield return $"  file: {Text(Path.Combine(path, Jobs))}";
        yield return $"  name: {Text(import.Name)}";
        yield return "  # Each job keeps its share of the site's processors and of its memory.";
        yield return "  scale: fit";
        yield return string.Create(CultureInfo.InvariantCulture, $"  scale_source: {Math.Max(site.Processors, jobs.Jobs.Max(job => job.Processors))}");
        yield return "  memory: fit";
    }

    private static string Map(ImmutableSortedDictionary<string, string> settings) => "{" + string.Join(", ", settings.Select(pair => $"{pair.Key}: {Text(pair.Value)}")) + "}";

    /// <summary>A text as YAML; <c>${</c> would be a reference.</summary>
    private static string Text(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text.Replace("${", "\\${", StringComparison.Ordinal)) quoted.Append(letter is '"' or '\\' ? $"\\{letter}" : char.IsControl(letter) ? ' ' : letter);
        return quoted.Append('"').ToString();
    }

    private static void Write(Stream stream, IEnumerable<string> lines)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false));
        foreach (var line in lines) writer.Write(line + "\n");
    }

    /// <summary>Writes beside the target and renames, so that a file is whole or not there.</summary>
    private static void Replace(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16)) write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
