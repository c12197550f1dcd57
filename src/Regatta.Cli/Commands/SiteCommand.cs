using System.CommandLine;
using System.Security.Cryptography;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Sites;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta site</c>: brings a site's policy and jobs into the configuration.</summary>
internal static class SiteCommand
{
    public static Command Create(ITerminal terminal) => new Command("site", "Brings a site's policy and jobs into the configuration.") { Import(terminal), Sample(terminal) }
        .WithExamples("regatta site sample --output harbour", "regatta site import --sacct jobs.txt --slurm-conf slurm.conf --output conf/site/twin");

    private static Command Import(ITerminal terminal)
    {
        Option<string?> Optional(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
        var sacct = new Option<string>("--sacct") { Description = "The site's jobs: the output of sacct -P or --json, or any other workload file.", HelpName = "FILE", Required = true };
        var conf = new Option<string>("--slurm-conf") { Description = "The site's slurm.conf; what it includes is read from beside it.", HelpName = "FILE", Required = true };
        var gres = Optional("--gres-conf", "gres.conf, for types and numbers of devices.");
        var topology = Optional("--topology", "topology.conf; its switches are counted and left out.");
        var associations = Optional("--associations", "Accounts and users: what 'sacctmgr dump CLUSTER file=FILE' or 'sacctmgr -P show assoc' wrote.");
        var qos = Optional("--qos", "What 'sacctmgr -P show qos' printed; dumps of 22.05 lack it.");
        var output = new Option<string>("--output", "-o") { Description = "The site's place: conf/site/NAME makes NAME.yaml and a directory NAME.", HelpName = "PATH", Required = true };
        var nodes = new Option<int?>("--nodes") { Description = "How many nodes the cluster is to have; each kind keeps its share. As many as the site if not given.", HelpName = "NODES" };
        var key = Optional("--key-file", "Secret of the pseudonyms, at least 16 bytes; made where it is not there. ~/.config/regatta/site.key if not given.");
        var reading = new ReadingOptions();
        var command = new Command("import", "Makes a configuration of a site's slurm.conf, associations and jobs, with pseudonyms for users, groups, accounts and reservations.")
        {
            sacct, conf, gres, topology, associations, qos, output, nodes, key, reading.Strict, reading.Zone,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var path = Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(output));
            if (parsed.GetValue(nodes) is < 1) throw new DiagnosticException(Diagnostic.Error("site-node-count", "a cluster has at least one node") with { Help = "give --nodes a number of at least 1" });
            var pseudonyms = new Pseudonyms(Key(terminal, parsed.GetValue(key)));
            var site = SlurmSite.Read(new SlurmSiteFiles(parsed.GetRequiredValue(conf), parsed.GetValue(gres), parsed.GetValue(topology), parsed.GetValue(associations), parsed.GetValue(qos)), file => new StreamReader(file));
            using var stream = OpenJobs(parsed.GetRequiredValue(sacct));
            var jobs = WorkloadFile.Read(stream, parsed.GetRequiredValue(sacct), reading.Of(parsed), cancellation);
            var import = SiteImport.Of(Path.GetFileName(path), site, jobs, pseudonyms, parsed.GetValue(nodes));
            foreach (var diagnostic in jobs.Diagnostics.Concat(site.Diagnostics).Concat(import.Diagnostics)) terminal.Report(diagnostic);
            Write(import, path, cancellation);
            Tell(terminal, import, path);
        }, cancellation));
        return command.WithExamples(
            "regatta site import --sacct jobs.txt --slurm-conf slurm.conf --associations dump.cfg --zone Europe/Berlin --output conf/site/twin",
            "regatta site import --sacct jobs.txt --slurm-conf etc/slurm.conf --gres-conf etc/gres.conf --nodes 256 --output conf/site/small",
            "regatta plan reference site=twin");
    }

    private static Command Sample(ITerminal terminal)
    {
        var output = new Option<string>("--output", "-o") { Description = "Directory to write, which is made.", HelpName = "DIRECTORY", Required = true };
        var jobs = new Option<int>("--jobs") { Description = "Jobs.", HelpName = "JOBS", DefaultValueFactory = _ => 100_000 };
        var users = new Option<int>("--users") { Description = "Users.", HelpName = "USERS", DefaultValueFactory = _ => 200 };
        var seed = new Option<long>("--seed") { Description = "Seed.", HelpName = "SEED", DefaultValueFactory = _ => 1 };
        var command = new Command("sample", "Writes the files of a site that does not exist (slurm.conf, gres.conf, topology.conf, associations.cfg, jobs.sacct), always the same from the same seed.") { output, jobs, users, seed };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var sample = new SampleSite { Jobs = Between(parsed.GetValue(jobs), 10, "--jobs"), Users = Between(parsed.GetValue(users), 3, "--users"), Seed = parsed.GetValue(seed) };
            var directory = parsed.GetRequiredValue(output);
            try
            {
                Directory.CreateDirectory(directory);
                foreach (var (name, text) in SampleSite.Files) File.WriteAllText(Path.Combine(directory, name), text);
                using (var associations = new StreamWriter(Path.Combine(directory, "associations.cfg"))) sample.WriteAssociations(associations);
                using var rows = new StreamWriter(Path.Combine(directory, "jobs.sacct"));
                sample.WriteJobs(rows, cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritten(directory, e);
            }

            terminal.WriteLine($"A site of {sample.Users} users and {sample.Jobs} jobs was written to {directory}.");
        }, cancellation));
        return command.WithExamples(
            "regatta site sample --output harbour",
            "regatta site import --sacct harbour/jobs.sacct --slurm-conf harbour/slurm.conf --gres-conf harbour/gres.conf --associations harbour/associations.cfg --output conf/site/harbour");
    }

    private static int Between(int value, int least, string option) => value >= least && value <= JobLimit.Most ? value
        : throw new DiagnosticException(Diagnostic.Error("site-sample", $"{option} cannot be {value}") with { Help = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"from {least} to {JobLimit.Most}") });

    private static DiagnosticException Unwritten(string path, Exception cause) =>
        new(Diagnostic.Error("site-output", $"the site cannot be written to {path}") with { Where = new SourceRange(path), Detail = cause.Message, Help = "give --output a path such as conf/site/NAME that can be written" }, cause);

    private static void Tell(ITerminal terminal, SiteImport import, string path)
    {
        var fates = import.Site.Keys.ToLookup(key => key.Fate);
        int Count(KeyFate fate) => fates[fate].Count();
        terminal.WriteLine($"{import.Name}: {import.Jobs.Jobs.Length} jobs, {import.Site.Nodes.Length} kinds of nodes, {import.Site.Partitions.Length} partitions, {import.Site.Qos.Length} qualities of service, "
            + $"{import.Site.Associations.Count(a => a.User is null)} accounts and {import.Site.Associations.Where(a => a.User is not null).Select(a => a.User).Distinct(StringComparer.Ordinal).Count()} users.");
        terminal.WriteLine($"Of {import.Site.Keys.Length} settings {Count(KeyFate.Used)} are used, {Count(KeyFate.Described)} describe nodes and partitions, {Count(KeyFate.Made)} are made from the cluster, {Count(KeyFate.Kept)} are kept and {Count(KeyFate.LeftOut)} left out; {path}/{SiteFiles.Keys} lists them.");
        terminal.WriteLine($"Written to {path}.yaml and {path}/. Use it with: regatta plan reference site={import.Name}");
    }

    /// <summary>The key of the pseudonyms, made where its file is not there.</summary>
    internal static byte[] Key(ITerminal terminal, string? given)
    {
        var path = given ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "regatta", "site.key");
        try
        {
            if (!File.Exists(path))
            {
                if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
                using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                made.Write(RandomNumberGenerator.GetBytes(2 * Pseudonyms.LeastKey));
                terminal.WriteLine($"The secret of the pseudonyms was made in {path}: who has it can tell who is who, and without it no later import gives the same names.");
            }

            var key = File.ReadAllBytes(path);
            return key.Length >= Pseudonyms.LeastKey ? key
                : throw new DiagnosticException(Diagnostic.Error("site-key-file", $"{path} holds {key.Length} bytes, and a secret has at least {Pseudonyms.LeastKey}") with { Help = $"name a file that is not there with --key-file, and one is made" });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("site-key-file", $"the secret of the pseudonyms cannot be had from {path}") with { Detail = e.Message, Help = "name another file with --key-file" }, e);
        }
    }

    private static void Write(SiteImport import, string path, CancellationToken cancellation)
    {
        try
        {
            SiteFiles.Write(import, path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(path, e);
        }
    }

    private static FileStream OpenJobs(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("site-file", $"{path} cannot be opened") with { Where = new SourceRange(path), Detail = e.Message, Help = "check its path" }, e);
        }
    }
}
