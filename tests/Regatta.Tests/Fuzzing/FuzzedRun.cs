using System.Security.Cryptography;
using System.Text.Json;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Tests.Images;
using Regatta.Tests.Machines;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Fuzzing;

/// <summary>A simulated run whose files are changed one at a time, read as <c>report</c> and <c>resume</c> read it, and put back.</summary>
internal sealed class FuzzedRun : IDisposable
{
    private readonly CatalogCopy _images = new();
    private readonly string _runs;
    private readonly string _run;
    private readonly string _trial;

    private FuzzedRun(string runs)
    {
        _runs = runs;
        _run = Directory.GetDirectories(runs).Single();
        _trial = Path.GetDirectoryName(Directory.GetFiles(_run, "trial.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First())!;
    }

    public static async Task<FuzzedRun> MakeAsync()
    {
        var runs = Directory.CreateTempSubdirectory("regatta-fuzz-").FullName;
        var made = await ProgramRun.Of("run", "policies", "workload=bag", "workload.jobs=12", "measure.repetitions=1", "--runs", runs);
        Assert.True(made.Code == 0, made.Human);
        return new FuzzedRun(runs);
    }

    public void Dispose()
    {
        _images.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    public IReadOnlyList<FuzzKind> Kinds() =>
    [
        .. new[] { "plan.json", "journal.jsonl", "provenance.json", "experiment.yaml", "overrides.yaml" }.Select(f => Kind(f, Path.Combine(_run, f))),
        .. new[] { "trial.json", "audit.json", "jobs.parquet" }.Select(f => Kind(f, Path.Combine(_trial, f))),
        .. new[] { "base", "flux" }.Select(Role),
        Beside("image manifest", "manifest.json", File.ReadAllBytes(Path.Combine(ImageDirectories.Write(Directory.CreateDirectory(Path.Combine(_runs, "image manifest")).FullName), "manifest.json")), directory => ImageContract.Read(directory)),
        Beside("cluster claim", "clusters/lab/claim.json", JsonSerializer.SerializeToUtf8Bytes(MachinesFixture.Claim, MachinesJson.Default.ClusterClaim), directory => new ClusterStore(new StateDirectory(directory)).List()),
    ];

    // A role is read together with what it extends and what it names.
    private FuzzKind Role(string name)
    {
        var path = Path.Combine(_images.Catalog.Directory, "roles", name + ".json");
        var good = File.ReadAllBytes(path);
        return new FuzzKind("image role " + name, new(() => [good]), (bytes, random) =>
        {
            try
            {
                File.WriteAllBytes(path, bytes);
                _ = _images.Catalog.Role("flux");
            }
            finally
            {
                File.WriteAllBytes(path, good);
            }

            return Task.CompletedTask;
        });
    }

    // A file in a directory of its own beside the runs.
    private FuzzKind Beside(string name, string file, byte[] good, Action<string> read)
    {
        var directory = Path.Combine(_runs, name);
        var path = Path.Combine(directory, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FuzzKind(name, new(() => [good]), (bytes, random) =>
        {
            File.WriteAllBytes(path, bytes);
            read(directory);
            return Task.CompletedTask;
        });
    }

    private FuzzKind Kind(string name, string file)
    {
        var good = File.ReadAllBytes(file);
        return new FuzzKind(name, new(() => [good]), async (bytes, random) =>
        {
            // Whoever changes a file of a trial may change the hashes as well: only then is what lies behind them read.
            var restored = new Dictionary<string, byte[]> { [file] = good };
            try
            {
                File.WriteAllBytes(file, bytes);
                if (name is "audit.json" or "jobs.parquet") await Rehash(restored, Path.Combine(_trial, "trial.json"), good, bytes);
                if (name == "trial.json") await Rehash(restored, Path.Combine(_run, "journal.jsonl"), good, bytes);
                var read = await RecordedRun.ReadAsync(_run, TestContext.Current.CancellationToken);
                _ = ReportBuilder.Build([read]);
            }
            finally
            {
                foreach (var (path, content) in restored) File.WriteAllBytes(path, content);
            }
        });
    }

    private async Task Rehash(Dictionary<string, byte[]> restored, string holder, byte[] before, byte[] after)
    {
        var held = await File.ReadAllBytesAsync(holder);
        restored[holder] = held;
        var changed = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(held).Replace(Hash(before), Hash(after), StringComparison.Ordinal));
        await File.WriteAllBytesAsync(holder, changed);
        if (Path.GetFileName(holder) == "trial.json") await Rehash(restored, Path.Combine(_run, "journal.jsonl"), held, changed);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
