using System.Text.RegularExpressions;

namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>Reads what <c>sacctmgr dump</c> writes, and what <c>sacctmgr -P show assoc</c> and <c>show qos</c> print.</summary>
public static partial class SacctmgrFiles
{
    private const string Root = "root";

    /// <summary>How dump writes <c>Fairshare=parent</c>.</summary>
    private const string ParentInDumps = "2147483647";

    // As show prints them, and as dump and load name them.
    private static readonly Dictionary<string, string> Named = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Share"] = "Fairshare", ["Def QOS"] = "DefaultQOS", ["MaxTRESPU"] = "MaxTRESPerUser", ["MaxJobsPU"] = "MaxJobsPerUser", ["MaxSubmitPU"] = "MaxSubmitJobsPerUser", ["MaxTRESPA"] = "MaxTRESPerAccount",
        ["MaxJobsPA"] = "MaxJobsPerAccount", ["MaxSubmitPA"] = "MaxSubmitJobsPerAccount", ["MaxSubmit"] = "MaxSubmitJobs", ["GrpSubmit"] = "GrpSubmitJobs", ["MaxTRES"] = "MaxTRESPerJob", ["MaxWall"] = "MaxWallDurationPerJob",
        ["UsageThres"] = "UsageThreshold", ["MinTRES"] = "MinTRESPerJob", ["MaxTRESMins"] = "MaxTRESMinsPerJob",
    };

    /// <summary>Accounts, users and, where the dump has them, qualities of service.</summary>
    /// <exception cref="DiagnosticException">A line cannot be read (<c>site-association-line</c>), the file is of another kind, or accounts are above each other (<c>site-account-circle</c>).</exception>
    public static (ImmutableArray<SiteAssociation> Associations, ImmutableArray<SiteQos> Qos) Associations(string path, Func<string, TextReader> open)
    {
        using var reader = SlurmConf.Open(path, open);
        var lines = new List<(int Number, string Text)>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (!line.AsSpan().Trim().IsEmpty && !line.AsSpan().TrimStart().StartsWith('#')) lines.Add((number, line.Trim()));
        }

        if (lines.Count > 0 && lines[0].Text.Contains("Account|", StringComparison.OrdinalIgnoreCase)) return (Checked(Table(lines, path)), []);
        var found = Dump(lines, path);
        return (Checked(found.Associations), found.Qos);
    }

    /// <summary>Qualities of service of <c>sacctmgr -P show qos</c>.</summary>
    /// <exception cref="DiagnosticException">It is no such table (<c>site-association-line</c>).</exception>
    public static ImmutableArray<SiteQos> Qos(string path, Func<string, TextReader> open)
    {
        using var reader = SlurmConf.Open(path, open);
        var header = reader.ReadLine()?.Split('|') ?? [];
        var name = Array.FindIndex(header, column => column.Equals("Name", StringComparison.OrdinalIgnoreCase));
        if (name < 0) throw Line(path, 1, "it has no column Name", "write it with: sacctmgr -P show qos > qos.txt");
        var all = ImmutableArray.CreateBuilder<SiteQos>();
        for (var number = 2; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0) continue;
            var cells = line.Split('|');
            if (cells.Length < header.Length) throw Line(path, number, $"it has {cells.Length} of {header.Length} columns", "write it with: sacctmgr -P show qos > qos.txt");
            all.Add(new SiteQos(cells[name], Settings(header, cells, name)));
        }

        return all.ToImmutable();
    }

    private static (List<SiteAssociation> Associations, ImmutableArray<SiteQos> Qos) Dump(List<(int Number, string Text)> lines, string path)
    {
        var associations = new List<SiteAssociation>();
        var qos = ImmutableArray.CreateBuilder<SiteQos>();
        var parent = Root;
        foreach (var (number, text) in lines)
        {
            if (Entry().Match(text) is not { Success: true } entry) throw Line(path, number, $"'{(text.Length > 40 ? text[..40] + "…" : text)}' is no line of a dump", "write the file with: sacctmgr dump CLUSTER file=associations.cfg");
            var name = entry.Groups[2].Value;
            var settings = Option().Matches(entry.Groups[3].Value).ToImmutableSortedDictionary(option => option.Groups[1].Value, option => option.Groups[2].Success ? option.Groups[2].Value : option.Groups[3].Value, StringComparer.OrdinalIgnoreCase);
            if (settings.GetValueOrDefault("Fairshare") == ParentInDumps) settings = settings.SetItem("Fairshare", "parent");
            var where = new SourceRange(path, number);
            switch (entry.Groups[1].Value.ToUpperInvariant())
            {
                case "CLUSTER":
                    associations.Add(new SiteAssociation(Root, null, null, settings) { Where = where });
                    break;
                case "PARENT":
                    parent = name;
                    break;
                case "ACCOUNT" or "PROJECT":
                    associations.Add(new SiteAssociation(name, parent, null, settings) { Where = where });
                    break;
                case "USER":
                    associations.Add(new SiteAssociation(parent, null, name, settings) { Where = where });
                    break;
                case "QOS":
                    qos.Add(new SiteQos(name, settings));
                    break;
            }
        }

        return (associations, qos.ToImmutable());
    }

    private static List<SiteAssociation> Table(List<(int Number, string Text)> lines, string path)
    {
        const string help = "write it with: sacctmgr -P show assoc format=account,user,parentname,share,maxjobs,grptres,qos > assoc.txt";
        var header = lines[0].Text.Split('|');
        int Column(string name) => Array.FindIndex(header, column => column.Replace(" ", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));
        var (account, user, parent) = (Column("Account"), Column("User"), Column("ParentName"));
        if (account < 0 || user < 0) throw Line(path, lines[0].Number, "it has no columns Account and User", help);
        if (Column("JobID") >= 0 || Column("JobIDRaw") >= 0) throw Line(path, lines[0].Number, "it holds jobs, as sacct prints them, and no associations", help);
        var all = new List<SiteAssociation>();
        foreach (var (number, text) in lines.Skip(1))
        {
            var cells = text.Split('|');
            if (cells.Length < header.Length) throw Line(path, number, $"it has {cells.Length} of {header.Length} columns", help);
            var (name, of) = (cells[account].Trim(), cells[user].Trim());
            var above = parent >= 0 && cells[parent].Length > 0 ? cells[parent] : name == Root ? null : Root;
            all.Add(new SiteAssociation(name, of.Length == 0 ? above : null, of.Length == 0 ? null : of, Settings(header, cells, account, user, parent)) { Where = new SourceRange(path, number) });
        }

        return all;
    }

    private static ImmutableSortedDictionary<string, string> Settings(string[] header, string[] cells, params int[] without) => Enumerable.Range(0, header.Length)
        .Where(i => !without.Contains(i) && header[i] is { Length: > 0 } column && !column.Equals("Cluster", StringComparison.OrdinalIgnoreCase) && cells[i].Length > 0)
        .Select(i => KeyValuePair.Create(Named.GetValueOrDefault(header[i], header[i]), cells[i]))
        // What show prints for what was not set.
        .Where(pair => (pair.Key, pair.Value) is not (("PreemptMode", "cluster") or ("GraceTime", "00:00:00") or ("UsageFactor", "1.000000"))).ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The associations, when every account leads to the root.</summary>
    private static ImmutableArray<SiteAssociation> Checked(IReadOnlyList<SiteAssociation> all)
    {
        var above = new Dictionary<string, SiteAssociation>(StringComparer.Ordinal);
        foreach (var account in all.Where(association => association.User is null && association.Parent is not null)) above[account.Account] = account;
        foreach (var (start, first) in above)
        {
            var way = new List<string> { start };
            for (var at = first; at.Parent is { } parent && above.TryGetValue(parent, out var next); at = next)
            {
                if (way.Contains(parent))
                    throw new DiagnosticException(Diagnostic.Error("site-account-circle", $"accounts are above each other: {string.Join(" in ", way.Append(parent))}") with { Where = next.Where, Help = "each account must lead to root; write the file again with sacctmgr dump" });
                way.Add(parent);
            }
        }

        return [.. all];
    }

    private static DiagnosticException Line(string path, int line, string fault, string help) => SlurmConf.Fault("site-association-line", $"{path}: {fault}", new SourceRange(path, line), help);

    [GeneratedRegex("""^(Cluster|Parent|Account|Project|User|QOS)\s*-\s*'?([^':]+)'?(?::(.*))?$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    // Times and types of devices hold colons, too.
    [GeneratedRegex("""([A-Za-z]+)=(?:'([^']*)'|([^':]*(?::(?![A-Z][A-Za-z]*=)[^':]*)*))""", RegexOptions.CultureInvariant)]
    private static partial Regex Option();
}
