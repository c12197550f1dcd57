using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Regatta.Agent.Drivers.Flux;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Ansible;
using Regatta.Config;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;
using Regatta.Tests.Workloads;
using Regatta.Workloads;

namespace Regatta.Tests.Fuzzing;

/// <summary>A kind of file that the program reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Samples">Good files, made once.</param>
/// <param name="Read">Reads one as the program does; the mutator makes choices beside the file.</param>
internal sealed record FuzzKind(string Name, Lazy<IReadOnlyList<byte[]>> Samples, Func<byte[], Mutator, Task> Read)
{
    private static readonly string Tests = Path.Combine(Repository.Root, "tests", "Regatta.Tests");
    private static readonly MachineSize Machine = MachineSize.Of(2, 4);

    private static readonly Lazy<Dictionary<string, string>> Conf = new(() => Directory.GetFiles(Path.Combine(Repository.Root, "conf"), "*.yaml", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(Path.Combine(Repository.Root, "conf"), f), File.ReadAllText, StringComparer.Ordinal));

    /// <summary>Kinds but those of a run directory.</summary>
    public static IReadOnlyList<FuzzKind> All { get; } =
    [
        Text("experiment", () => [Composed("reference"), Composed("quickstart"), Composed("all-schedulers")], (text, random) =>
        {
            var experiment = ExperimentComposer.Read(text, "experiment.yaml");
            Assert.InRange(experiment.Machine().Processors, 1, MachineSize.MostProcessors);
        }),
        Text("conf", () => Files(Path.Combine(Repository.Root, "conf"), "*.yaml"), (text, random) =>
        {
            var tree = new ComposerOptions { Root = RecordSchema.Of<Experiment>(), WithHydra = false, Environment = _ => null };
            var files = Conf.Value.ToDictionary(StringComparer.Ordinal);
            files[Conf.Value.Keys.Order(StringComparer.Ordinal).ElementAt(random.Below(Conf.Value.Count))] = text;
            RecordBinder.Bind<Experiment>(new Composer([new MemorySource(files)], tree).Compose(ExperimentComposer.Primary, ["experiment=reference"]).Resolve());
        }),
        Text("overrides", () => Lines("workload=bag\nworkload.jobs=3\nworkload.arrivals=poisson:1\nworkload.time_scale=0.5\nmeasure.repetitions=2\nscheduler.policy=easy,fcfs\ncluster.workers=choice(1,2)\ncluster.worker.memory=1GiB\nseed=range(1,4)\n+points.a=['seed=3']\n~points\nworkload.window=1h..2h\nmeasure.warmup=10s"), (text, random) =>
            new ExperimentComposer(Installation.OfProcess(), Repository.Root).Compose(["experiment=reference", text])),
        Text("workload settings", () => Lines("kind=bag jobs=3 arrivals=stepped:1*3s,2*4s\nkind=lublin jobs=9 load=0.5\nkind=esp light=true\nkind=gang members=3 minimum=2 jobs=4 shake=3s\nkind=closed users-in-loop=2 jobs=3 think-time=2s\nkind=array tasks=3 jobs=2 estimates=tsafrir\nkind=sleep per-processor=2 total=3s time-scale=2\nkind=bag jobs=5 run-time=3s spread=uniform estimates=2.5 flurry=3 window=1..9"), (text, random) =>
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // Millions of jobs are no fault, and take minutes.
            var numbers = words.Select(w => w.Split('=', 2)).Where(p => p is ["jobs" or "tasks" or "users-in-loop" or "per-processor" or "processors", _]).Select(p => double.TryParse(p[1], out var value) ? value : 1);
            if (numbers.Aggregate(1.0, (a, b) => a * Math.Max(1, b)) > 20_000) return;
            var kind = words.FirstOrDefault(w => w.StartsWith("kind=", StringComparison.Ordinal))?[5..] ?? "bag";
            WorkloadWords.Create(kind, words.Where(w => !w.StartsWith("kind=", StringComparison.Ordinal)), Machine);
        }),
        Bytes("swf", () => [.. Files(Path.Combine(Tests, "Workloads", "Traces.data"), "*.swf"), File.ReadAllBytes(Path.Combine(Repository.Root, "workloads", "quickstart.swf"))], (bytes, random) =>
            Change(WorkloadFile.Read(new MemoryStream(bytes), "t.swf", random.Below(2) == 0 ? SwfMode.Strict : SwfMode.Lenient), random)),
        Bytes("swf.gz", () => [Packed(File.ReadAllBytes(Path.Combine(Tests, "Workloads", "Traces.data", "five.swf")))], (bytes, random) => Change(WorkloadFile.Read(new MemoryStream(bytes), "t.swf.gz"), random)),
        Bytes("sacct", () => Files(Path.Combine(Tests, "Workloads", "Sacct.data"), "*.*"), (bytes, random) => Change(WorkloadFile.Read(new MemoryStream(bytes), "t.sacct"), random)),
        Bytes("batsim", () => [Encoding.UTF8.GetBytes(Workloads.BatsimTests.Sample)], (bytes, random) => Change(WorkloadFile.Read(new MemoryStream(bytes), "t.json", random.Below(2) == 0 ? SwfMode.Strict : SwfMode.Lenient), random)),
        Bytes("pbs", () => [Encoding.UTF8.GetBytes("03/01/2024 09:10:05;E;7[1].pbs;user=a account=\"b c\" queue=q ctime=100 etime=101 start=105 end=160 exec_host=n/0-3*2+m/1,4 Resource_List.nodes=2:ppn=2 Resource_List.mem=4gb Resource_List.walltime=01:00:00 Exit_status=0\n")], (bytes, random) => Change(WorkloadFile.Read(new MemoryStream(bytes), "t.pbs"), random)),
        Bytes("jsonl", () => [Jobs()], (bytes, random) => Change(WorkloadFile.Read(new MemoryStream(bytes), "t.jsonl"), random)),
        Bytes("replay", Replay, (bytes, random) => _ = random.Below(4) switch
        {
            0 => ReplayJson.ReadHeader(bytes, "replay", 1),
            1 => ReplayJson.ReadJob(bytes, "replay", 1),
            2 => (object)ReplayJson.ReadEvent(bytes, "replay", 1),
            _ => ReplayJson.ReadSummary(bytes, "replay"),
        }),
        Text("package lock", () => Files(Path.Combine(Repository.Root, "images", "locks"), "tools.lock.json"), (text, _) => PackageLockFile.Parse(text, "lock.json")),
        Text("payload lock", () => Lines($$"""{"version":1,"image":"flux","payloads":[{"kind":"archive","name":"flux","prefix":"/usr","version":"0.66","source":"/a","size":3,"sha256":"{{new string('0', 64)}}"}]}"""), (text, _) => PayloadLockFile.Parse(text, "lock.json", "flux")),
        Text("ansible events", () => Lines("{\"event\":\"task\",\"name\":\"a\",\"host\":\"head\",\"status\":\"ok\",\"seconds\":1.5}\n{\"event\":\"result\",\"host\":\"head\",\"task\":\"x\",\"changed\":true,\"values\":{\"a\":1}}"), (text, _) => PlaybookEvent.Parse(text)),
        Text("slurm log", () => Lines(string.Join('\n', Directory.GetFiles(Path.Combine(Tests, "Agent", "Slurm.data"), "*.log").SelectMany(f => File.ReadLines(f).Take(200)))), (text, _) => SlurmLogLine.Parse(text)),
        Text("flux journal", () => [.. Files(Path.Combine(Tests, "Agent", "Flux.data"), "*.jsonl").SelectMany(f => Lines(Encoding.UTF8.GetString(f)))], (text, _) => Foreign(() => FluxJournalEntry.Parse(text))),
        Text("kubernetes watch", () => [.. Files(Path.Combine(Tests, "Agent", "Kubernetes.data"), "watch-*.jsonl").SelectMany(f => Lines(Encoding.UTF8.GetString(f)).Take(30))], (text, random) => Foreign(() => _ = random.Below(4) switch
        {
            0 => JsonSerializer.Deserialize(text, KubernetesJson.Default.WatchLinePod),
            1 => (object?)JsonSerializer.Deserialize(text, KubernetesJson.Default.WatchLineBatchJob),
            2 => JsonSerializer.Deserialize(text, KubernetesJson.Default.WatchLinePodGroup),
            _ => JsonSerializer.Deserialize(text, KubernetesJson.Default.WatchLineVolcanoJob),
        })),
    ];

    private static FuzzKind Bytes(string name, Func<IReadOnlyList<byte[]>> samples, Action<byte[], Mutator> read) => new(name, new(samples), (bytes, random) =>
    {
        read(bytes, random);
        return Task.CompletedTask;
    });

    private static FuzzKind Text(string name, Func<IReadOnlyList<byte[]>> samples, Action<string, Mutator> read) =>
        Bytes(name, samples, (bytes, random) => read(Encoding.UTF8.GetString(bytes), random));

    // What a scheduler answers is no user's input: its drivers expect what is not JSON, and nothing else.
    private static void Foreign(Action read)
    {
        try
        {
            read();
        }
        catch (JsonException)
        {
        }
    }

    // What is read is changed, brought to a machine and written, as commands do.
    private static void Change(Workload workload, Mutator random)
    {
        var changes = new[] { "load=0.7", "time-scale=0.001", "estimates=tsafrir", "scale=fit", "shake=5s", "flurry=3", "window=0..1h", "first=2" };
        var changed = WorkloadWords.Changes(changes[random.Below(changes.Length)]).Apply(workload, Machine);
        _ = WorkloadSummary.Of(changed);
        WorkloadFile.Write(changed, Stream.Null, random.Below(2) == 0 ? "x.swf" : "x.jsonl");
    }

    private static byte[] Composed(string experiment) => Encoding.UTF8.GetBytes(new ExperimentComposer(Installation.OfProcess(), Repository.Root).Compose([$"experiment={experiment}"]).Yaml);

    private static Workload Gangs() => WorkloadWords.Create("gang", ["jobs=4", "arrivals=poisson:1", "estimates=2"], Machine);

    private static byte[] Jobs()
    {
        using var stream = new MemoryStream();
        WorkloadFile.Write(Gangs(), stream, "x.jsonl");
        return stream.ToArray();
    }

    private static IReadOnlyList<byte[]> Replay() =>
    [
        ReplayJson.Line(new ReplayHeader { Trial = "fifo-1", Scheduler = "slurm", Jobs = 4 }),
        .. Gangs().Jobs.Select(ReplayJson.Line),
        ReplayJson.Line(new JobEvent(1, JobEventKind.Started, 1_700_000_000_000_000, "payload")),
        ReplayJson.Line(new ReplaySummary { Trial = "fifo-1", Outcome = ReplayOutcome.Drained, Started = 1, Ended = 2 }),
    ];

    private static byte[] Packed(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal)) gzip.Write(bytes);
        return stream.ToArray();
    }

    private static IReadOnlyList<byte[]> Files(string directory, string pattern) => [.. Directory.GetFiles(directory, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static IReadOnlyList<byte[]> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes)];
}
