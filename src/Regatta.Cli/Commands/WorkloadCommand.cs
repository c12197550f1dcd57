using System.CommandLine;
using System.Text.Json;
using Regatta.Cli.Terminal;
using Regatta.Config;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Reports.Figures;
using Regatta.Reports.Queries;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta workload</c>: makes, looks at, converts and changes workloads.</summary>
internal static class WorkloadCommand
{
    private const string StandardInput = "-";

    public static Command Create(ITerminal terminal) => new Command("workload", "Generates, inspects, converts and transforms workloads.")
    {
        Generate(terminal), Inspect(terminal), Convert(terminal), Transform(terminal),
    }.WithExamples(
        "regatta workload generate lublin jobs=1000 processors=64 load=0.9 seed=7 --output t.swf",
        "regatta workload inspect t.swf",
        "regatta workload transform t.swf window=0..24h time-scale=0.01 --output day.swf");

    private static Command Generate(ITerminal terminal)
    {
        string[] generated = [.. WorkloadSection.Kinds.Where(k => k != "trace")];
        var kind = new Argument<string>("kind") { Description = $"What to generate: {string.Join(", ", generated)}." };
        kind.CompletionSources.Add(generated);
        var settings = Settings();
        var output = Output();
        var machine = Machine();
        var command = new Command("generate", "Generates a workload from a model, always the same from the same seed.") { kind, settings, output, machine };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var section = RecordBinder.Bind<WorkloadSection>(SettingWords.Read(parsed.GetValue(settings) ?? [], parsed.GetRequiredValue(kind)));
            var workload = section.Create(new WorkloadSurroundings(ReadMachine(parsed.GetValue(machine)), Open) { Cancellation = cancellation });
            Save(terminal, workload, parsed.GetRequiredValue(output), cancellation);
        }, cancellation));
        return command.WithExamples(
            "regatta workload generate lublin jobs=1000000 processors=1024 load=0.9 seed=7 --output t.swf",
            "regatta workload generate esp light=true --machine 4x16 --output esp.jsonl",
            "regatta workload generate bag jobs=500 run-time=2s spread=exponential arrivals=poisson:5 --output bag.swf",
            "regatta workload generate closed users-in-loop=8 jobs=20 think-time=5s --output closed.swf");
    }

    private static Command Inspect(ITerminal terminal)
    {
        var input = Input();
        var reading = new ReadingOptions();
        var machine = Machine();
        var figures = new Option<string?>("--figures") { Description = "Draws the pictures as SVG and PNG files into this directory too.", HelpName = "DIRECTORY" };
        var command = new Command("inspect", "Summarises a workload and draws its sizes, run times, inter-arrival times and daily cycle.") { input, reading.Strict, reading.Zone, machine, figures };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var (path, processors) = (parsed.GetRequiredValue(input), ReadMachine(parsed.GetValue(machine))?.Processors);
            using var stream = Opened(terminal, path);
            var (summary, diagnostics) = WorkloadFile.Summarise(stream, NameOf(path), reading.Of(parsed), processors, cancellation);
            Report(terminal, diagnostics);
            if (terminal.Json) terminal.WriteJson("workload", summary, WorkloadView.Json.Default.WorkloadSummary);
            terminal.Write(WorkloadView.Render(summary, terminal.Width));
            if (parsed.GetValue(figures) is { } directory) Draw(terminal, summary, directory);
        }, cancellation));
        return command.WithExamples("regatta workload inspect t.swf", "regatta workload inspect t.swf.gz --machine 4x16 --json", "regatta workload inspect t.swf --figures pictures");
    }

    private static Command Convert(ITerminal terminal)
    {
        var input = new Argument<string>("file") { Description = $"Workload file: {TraceFormats.Readable}; a trial's directory, RUN/trials/POINT/REPETITION; - reads standard input." };
        var target = new Argument<string>("target") { Description = $"File to write: {TraceFormats.Endings}." };
        var reading = new ReadingOptions();
        var columns = new Option<string?>("--columns") { Description = "Reads a table (CSV, Parquet, JSON) by this YAML file, which says what its columns mean; workloads/columns has some.", HelpName = "MAP" };
        var command = new Command("convert", "Writes a workload in another format, or that of a trial with the waits that it had, sorted, repaired and with every repair reported. Names of users and so on become numbers; the names are written beside the target.") { input, target, reading.Strict, reading.Zone, columns };
        command.SetAction((parsed, cancellation) => Task.Run(async () =>
        {
            var workload = parsed.GetValue(columns) is { } map ? LoadTable(parsed.GetRequiredValue(input), map, reading.Of(parsed).Zone, cancellation)
                : RecordedTrial.Is(parsed.GetRequiredValue(input)) ? await RecordedTrial.ReadAsync(parsed.GetRequiredValue(input), new Planner(new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory()).Load), ExperimentComposer.Read, cancellation)
                : Load(terminal, parsed.GetRequiredValue(input), reading.Of(parsed), cancellation);
            var path = parsed.GetRequiredValue(target);
            Save(terminal, workload, path, cancellation);
            if (workload.Names is { } names) SaveNames(terminal, names, path + ".names.json");
        }, cancellation));
        return command.WithExamples("regatta workload convert log.swf.gz clean.swf", "regatta workload convert t.swf t.jsonl", "regatta workload convert sacct.txt site.jsonl --zone Europe/Berlin", "regatta workload convert jobs.csv site.jsonl --columns map.yaml", "regatta workload convert runs/RUN/trials/easy/1 first.jsonl");
    }

    private static Command Transform(ITerminal terminal)
    {
        var input = Input();
        var settings = Settings();
        var output = Output();
        var reading = new ReadingOptions();
        var machine = Machine();
        var command = new Command("transform", "Filters, cuts, scales and shakes a workload.") { input, settings, output, reading.Strict, reading.Zone, machine };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var changes = RecordBinder.Bind<ChangeSection>(SettingWords.Read(parsed.GetValue(settings) ?? [])).Changes(seed: 1);
            var workload = Load(terminal, parsed.GetRequiredValue(input), reading.Of(parsed), cancellation);
            workload = changes.Apply(workload with { LeftOut = [] }, ReadMachine(parsed.GetValue(machine)));
            Save(terminal, workload with { Header = workload.Header.Add("Note", "transformed by: regatta workload transform " + string.Join(' ', parsed.GetValue(settings) ?? [])) },
                parsed.GetRequiredValue(output), cancellation);
        }, cancellation));
        return command.WithExamples(
            "regatta workload transform log.swf window=24h..48h --output day.swf",
            "regatta workload transform log.swf scale=fit load=0.8 time-scale=0.001 --machine 4x16 --output small.swf",
            "regatta workload transform log.swf exclude-users=17 flurry=50 shake=30s seed=3 --output calm.swf",
            "regatta workload transform t.swf estimates=tsafrir --output estimated.swf");
    }

    private static Argument<string[]> Settings() => new("settings") { Description = "Settings as key=value.", Arity = ArgumentArity.ZeroOrMore };

    private static Argument<string> Input() => new("file") { Description = $"Workload file: {TraceFormats.Readable}; - reads standard input." };

    private static Option<string> Output() => new("--output", "-o") { Description = $"File to write: {TraceFormats.Endings}.", Required = true };

    private static Option<string?> Machine() => new("--machine") { Description = "The machine: PROCESSORS, or NODESxPROCESSORS such as 4x16." };

    private static MachineSize? ReadMachine(string? text)
    {
        if (text is null) return null;
        var parts = text.Split('x');
        if (parts.Length <= 2 && parts.All(part => int.TryParse(part, System.Globalization.CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 1_000_000))
        {
            var numbers = Array.ConvertAll(parts, part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
            if (numbers.Length == 1) return new MachineSize(numbers[0]);
            return MachineSize.Of(numbers[0], numbers[1]);
        }

        throw new DiagnosticException(Diagnostic.Error("machine-size", $"'{text}' is no machine") with { Where = new SourceRange("command line"), Help = "PROCESSORS such as 64, or NODESxPROCESSORS such as 4x16" });
    }

    private static Workload Load(ITerminal terminal, string path, TraceReading reading, CancellationToken cancellation)
    {
        using var stream = Opened(terminal, path);
        return WorkloadFile.Read(stream, NameOf(path), reading, cancellation);
    }

    private static Stream Opened(ITerminal terminal, string path) => path == StandardInput ? terminal.OpenInput() : Open(path);

    private static string NameOf(string path) => path == StandardInput ? "standard input" : path;

    private static Workload LoadTable(string path, string map, TimeZoneInfo? zone, CancellationToken cancellation)
    {
        ColumnSection section;
        try
        {
            section = RecordBinder.Bind<ColumnSection>(YamlText.Read(File.ReadAllText(map), map));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("table-map", $"{map} cannot be read") with { Where = new SourceRange(map), Detail = e.Message, Help = "give a file of YAML that says what columns mean, such as workloads/columns/helios.yaml" }, e);
        }

        if (!File.Exists(path)) throw new DiagnosticException(Diagnostic.Error("workload-file", $"{path} cannot be opened") with { Where = new SourceRange(path), Detail = "there is no such file" });
        return TableFile.Read(path, section.Map(), section.Names, section.Query, zone ?? section.Zone?.Rules, cancellation);
    }

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw new DiagnosticException(Diagnostic.Error("workload-file", $"{path} cannot be opened") with { Where = new SourceRange(path), Detail = "it is a directory", Help = "name a file; to convert a trial, name RUN/trials/POINT/REPETITION" });
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-file", $"{path} cannot be opened") with { Where = new SourceRange(path), Detail = e.Message }, e);
        }
    }

    private static void Draw(ITerminal terminal, WorkloadSummary summary, string directory)
    {
        try
        {
            foreach (var file in WorkloadFigures.Write(summary, directory)) terminal.WriteLine(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-figures", $"pictures cannot be written into {directory}") with { Where = new SourceRange(directory), Detail = e.Message }, e);
        }
    }

    private static void Save(ITerminal terminal, Workload workload, string path, CancellationToken cancellation)
    {
        Report(terminal, workload.Diagnostics);
        Replace(path, stream => Report(terminal, WorkloadFile.Write(workload, stream, path, cancellation)));
        terminal.WriteLine($"{workload.Description} {workload.Jobs.Length} jobs{(workload.LeftOut.IsEmpty ? "" : $" and {workload.LeftOut.Length} rows that are no jobs")} written to {path}.");
    }

    private static void SaveNames(ITerminal terminal, TraceNames names, string path)
    {
        Replace(path, stream => JsonSerializer.Serialize(stream, names, WorkloadView.Json.Default.TraceNames));
        terminal.WriteLine($"The names behind its numbers: {names.Users.Length} users, {names.Groups.Length} groups, {names.Queues.Length} queues and {names.Partitions.Length} partitions written to {path}.");
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-file", $"{path} cannot be written") with { Where = new SourceRange(path), Detail = e.Message }, e);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    private static void Report(ITerminal terminal, IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics) terminal.Report(diagnostic);
    }
}
