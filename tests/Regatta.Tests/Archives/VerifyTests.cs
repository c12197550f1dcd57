using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Regatta.Analysis;
using Regatta.Archives.Verification;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

public sealed class VerifyTests : ArchiveTests
{
    [Fact]
    public async Task An_archive_holds_and_what_could_not_be_checked_is_said()
    {
        var file = await ArchiveAsync();
        var junit = Path.Combine(Scratch, "verify.xml");

        var run = await ProgramRun.Of("verify", file, "--junit", junit, "--json");

        run.Says(0, "files are those that were archived", "values of the report are what the events give", "the page is the one that the events give", "not checked: what trial.json says of machines", "holds:");
        Assert.Contains("\"type\":\"verification\"", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Failed\"", run.Output, StringComparison.Ordinal);
        var xml = await File.ReadAllTextAsync(junit, Cancellation);
        Assert.Contains("failures=\"0\"", xml, StringComparison.Ordinal);
        Assert.Contains($"classname=\"regatta.{Id} fifo/1\"", xml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_simulated_run_holds_from_its_events_alone()
    {
        var runs = Path.Combine(Scratch, "runs");
        (await ProgramRun.Of("run", "policies", "workload=bag", "workload.jobs=40", "measure.repetitions=2", "--runs", runs)).Says(0);
        var run = Directory.GetDirectories(runs).Single();

        (await ProgramRun.Of("verify", run)).Says(0, "values of the report are what the events give", "holds:");
        var file = await ArchiveAsync(run);
        var (code, human, _) = await ProgramRun.Of("verify", file);
        Assert.Equal(0, code);
        Assert.DoesNotContain("not at hand", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_altered_anywhere_is_found_200_of_200_times()
    {
        var file = await ArchiveAsync();
        var whole = await File.ReadAllBytesAsync(file, Cancellation);
        var random = new Random(18);
        var altered = Path.Combine(Scratch, "altered.zip");
        var unseen = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            var bytes = (byte[])whole.Clone();
            // The last bytes are the hash of all others: they are tried as well.
            var place = i < 10 ? bytes.Length - 1 - random.Next(80) : random.Next(bytes.Length);
            bytes[place] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(altered, bytes, Cancellation);
            if (!Refused(altered)) unseen.Add(place);
        }

        Assert.Empty(unseen);
    }

    [Fact]
    public async Task A_byte_altered_anywhere_in_the_files_is_found_200_of_200_times_and_the_file_is_named()
    {
        var unpacked = Unpack(await ArchiveAsync());
        var plain = Path.Combine(Scratch, "plain.zip");
        // As who packs an archive again without compressing: what files hold stands in it as it is.
        await System.IO.Compression.ZipFile.CreateFromDirectoryAsync(unpacked.Directory, plain, System.IO.Compression.CompressionLevel.NoCompression, includeBaseDirectory: false, Cancellation);
        var whole = await File.ReadAllBytesAsync(plain, Cancellation);
        var files = Directory.GetFiles(unpacked.Directory, "*", SearchOption.AllDirectories).Select(f => (Name: Path.GetRelativePath(unpacked.Directory, f), Content: File.ReadAllBytes(f)))
            .Where(f => f.Content.Length > 0 && f.Name != ArchiveContent.Manifest).Select(f => (f.Name, f.Content, Begin: whole.AsSpan().IndexOf(f.Content)))
            .Where(f => whole.AsSpan(f.Begin + 1).IndexOf(f.Content) < 0).ToList();
        var random = new Random(2618);
        var altered = Path.Combine(Scratch, "altered.zip");
        var unseen = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            // Each file as likely as any other, whatever its size.
            var (name, content, begin) = files[random.Next(files.Count)];
            var place = begin + random.Next(content.Length);
            whole[place] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(altered, whole, Cancellation);
            // What the archive says of itself may become a version that cannot be read.
            if (!Faults(altered).Any(f => f.Summary.Contains(name, StringComparison.Ordinal) || (name == ArchiveContent.FileName && f.Code == "archive-version"))) unseen.Add($"{name} at {place - begin}");
            whole[place] = content[place - begin];
        }

        Assert.Empty(unseen);
    }

    [Fact]
    public async Task A_file_that_was_altered_is_named()
    {
        var file = await ArchiveAsync();
        var unpacked = Unpack(file);
        var events = Path.Combine(unpacked.Directory, "runs", Id, "trials", "fifo", "1", "events.jsonl");
        var bytes = await File.ReadAllBytesAsync(events, Cancellation);
        bytes[40] ^= 1;
        await File.WriteAllBytesAsync(events, bytes, Cancellation);
        var altered = Path.Combine(Scratch, "altered.zip");
        // As who does not know of the lists would pack it again.
        await System.IO.Compression.ZipFile.CreateFromDirectoryAsync(unpacked.Directory, altered, Cancellation);

        (await ProgramRun.Of("verify", altered)).Says(1, $"runs/{Id}/trials/fifo/1/events.jsonl is not the file that was archived", "does not hold");
        (await ProgramRun.Of("compare", altered)).Says(1, "error[archive-file-changed]");
    }

    [Fact]
    public async Task Events_that_contradict_the_table_are_named_with_what_it_should_say()
    {
        var run = CopySample();
        var trial = Path.Combine(run, "trials", "fifo", "1");
        // A liar who rewrites every hash: one start a second later than it was.
        var events = Path.Combine(trial, "events.jsonl");
        var lines = await File.ReadAllLinesAsync(events, Cancellation);
        var at = Array.FindIndex(lines, l => l.Contains("\"job\":3,\"kind\":\"Started\"", StringComparison.Ordinal));
        lines[at] = Regex.Replace(lines[at], "\"time\":(\\d+)", m => $"\"time\":{long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) + 1_000_000}");
        await File.WriteAllTextAsync(events, string.Join('\n', lines) + "\n", Cancellation);
        await RehashAsync(run, "fifo/1", "events.jsonl");

        (await ProgramRun.Of("report", run, "--no-figures")).Says(0);
        (await ProgramRun.Of("verify", run)).Says(1, "the table contradicts the events: start of 1 job", "start of job 3: ", "values of the report are not what the events give", "summary.comparison[fifo, wait-mean].result.value: ");
    }

    [Fact]
    public async Task A_job_that_stands_in_a_table_twice_is_told()
    {
        var run = CopySample();
        var trial = Path.Combine(run, "trials", "fifo", "1");
        var jobs = Path.Combine(trial, TrialFiles.Jobs);
        JobTable table;
        await using (var stream = File.OpenRead(jobs)) table = await JobTable.ReadAsync(stream, jobs, Cancellation);
        await using (var stream = File.Create(jobs)) await JobTable.From(table.Records.Select(r => r.Job == 4 ? r with { Job = 3 } : r)).WriteAsync(stream, Cancellation);
        await RehashAsync(run, "fifo/1", TrialFiles.Jobs);

        (await ProgramRun.Of("verify", run)).Says(1, "fifo/1, jobs: job 3 stands in the table twice");
    }

    [Fact]
    public async Task Jobs_that_are_not_those_of_the_workload_are_told()
    {
        var unpacked = Unpack(await ArchiveAsync());
        var workload = Path.Combine(unpacked.Directory, unpacked.Content.Workloads[0].File);
        var lines = await File.ReadAllLinesAsync(workload, Cancellation);
        await File.WriteAllLinesAsync(workload, lines[..^1], Cancellation);

        var items = await new RunVerifier(SilentMonitor.Instance).VerifyAsync(unpacked.Runs.Single(), _ => workload, Cancellation);

        Assert.Equal(12, items.Count(i => i is { Check: "jobs", Result: VerificationResult.Failed, Text: "the table has 12 jobs, 11 of them of the workload, which has 11" }));
    }

    [Fact]
    public async Task What_jobs_ask_for_beyond_the_columns_of_a_table_is_no_difference()
    {
        var trace = Path.Combine(Scratch, "jobs.jsonl");
        await File.WriteAllTextAsync(trace, """
            {"id":1,"submit":0,"processors":2,"runTime":30,"request":{"user":"ada","account":"physics","memoryPerNode":1000,"nice":3}}
            {"id":2,"submit":1,"processors":1,"runTime":20,"request":{"memoryPerNode":1000}}
            {"id":7,"submit":2,"processors":1,"runTime":20}

            """, Cancellation);
        var runs = Path.Combine(Scratch, "runs");
        (await ProgramRun.Of("run", "reference", "workload=trace", $"workload.file={trace}", "scheduler.policy=easy", "measure.repetitions=1", "--runs", runs)).Says(0);

        (await ProgramRun.Of("verify", await ArchiveAsync(Directory.GetDirectories(runs).Single()))).Says(0, "holds:");
    }

    [Fact]
    public async Task A_simulated_run_with_jobs_that_were_not_run_is_valid_and_holds()
    {
        var trace = Path.Combine(Scratch, "jobs.jsonl");
        await File.WriteAllTextAsync(trace, """
            {"id":1,"submit":0,"processors":2,"runTime":30,"requestedTime":40}
            {"id":2,"submit":1,"processors":1,"runTime":20,"requestedTime":100}
            {"id":3,"submit":1,"processors":1,"runTime":20,"requestedTime":10}
            {"id":4,"submit":2,"processors":1,"runTime":20,"requestedTime":40,"dependencies":[{"job":3,"kind":"AfterOk"}]}
            {"id":5,"submit":3,"processors":1,"runTime":20,"requestedTime":40,"dependencies":[{"job":2,"kind":"AfterOk"}]}

            """, Cancellation);
        var runs = Path.Combine(Scratch, "runs");
        (await ProgramRun.Of("run", "reference", "workload=trace", $"workload.file={trace}", "+scheduler.slurm.partitions.a={nodes: all, settings: {MaxTime: \"1:30\"}}", "--runs", runs)).Says(0, "1 of 5 jobs");
        var run = Directory.GetDirectories(runs).Single();

        var audit = await File.ReadAllTextAsync(Directory.GetFiles(run, "audit.json", SearchOption.AllDirectories).Single(), Cancellation);
        Assert.Contains("1 job (2) were not accepted by the scheduler.", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("unsent-jobs", audit, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), Cancellation);
        Assert.Contains("4 jobs did not complete", page, StringComparison.Ordinal);
        Assert.DoesNotContain("No trial is valid", page, StringComparison.Ordinal);
        (await ProgramRun.Of("verify", run)).Says(0, "values of the report are what the events give", "holds:");
    }

    // The sample with a report whose page was changed.
    private async Task<string> ReportedAsync(Func<string, string> change)
    {
        var run = CopySample();
        (await ProgramRun.Of("report", run, "--no-figures")).Says(0);
        var page = Path.Combine(run, "report", "index.html");
        await File.WriteAllTextAsync(page, change(await File.ReadAllTextAsync(page, Cancellation)), Cancellation);
        return run;
    }

    [Fact]
    public async Task A_number_of_the_report_that_differs_is_named_with_what_it_should_be()
    {
        var run = await ReportedAsync(html => Regex.Replace(html, "\"metric\":\"wait-mean\",\"unit\":\"s\",\"point\":\"backfill\",\"result\":\\{\"value\":[0-9.]+", "\"metric\":\"wait-mean\",\"unit\":\"s\",\"point\":\"backfill\",\"result\":{\"value\":1.5"));

        (await ProgramRun.Of("verify", run)).Says(1, "1 of ", "summary.comparison[backfill, wait-mean].result.value: 1.5, and should be ", "the page is not the one that the events give");
    }

    [Fact]
    public async Task Words_of_the_page_that_were_changed_are_found()
    {
        var run = await ReportedAsync(html => html.Replace("Skip to the verdict", "Skip over the verdict", StringComparison.Ordinal));

        (await ProgramRun.Of("verify", run)).Says(1, "the page is not the one that the events give, though its numbers for programs may be");
    }

    [Fact]
    public async Task A_metric_that_is_no_longer_defined_is_told_as_such()
    {
        var run = await ReportedAsync(html => Regex.Replace(html.Replace("\"program\":\"", "\"program\":\"0.0.1-", StringComparison.Ordinal), "\"accept-mean\":", "\"accept-magic\":"));

        var (code, human, _) = await ProgramRun.Of("verify", run);

        Assert.Contains("this version of the program no longer defines accept-magic", human, StringComparison.Ordinal);
        Assert.Contains("the report is older than accept-mean", human, StringComparison.Ordinal);
        Assert.Contains("the words and charts of the page are of version 0.0.1-", human, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task A_run_without_a_report_is_checked_as_far_as_it_goes()
    {
        (await ProgramRun.Of("verify", CopySample())).Says(0, "not checked: there is no report", "not checked: the jobs themselves are not at hand", "holds:");
    }

    [Fact]
    public async Task Every_trial_that_was_changed_is_named()
    {
        var run = CopySample();
        File.AppendAllText(Path.Combine(run, "trials", "fifo", "1", "audit.json"), " ");
        File.AppendAllText(Path.Combine(run, "trials", "backfill", "2", "trial.json"), " ");

        (await ProgramRun.Of("verify", run)).Says(1, "audit.json is not the file that was recorded with the trial fifo/1", "backfill/2' is not the one that belongs there", "does not hold");
    }

    private bool Refused(string file) => !Faults(file).IsEmpty;

    private ImmutableArray<Diagnostic> Faults(string file)
    {
        var place = Directory.CreateDirectory(Path.Combine(Scratch, "u")).FullName;
        try
        {
            return UnpackedArchive.Of(file, place, null, Cancellation).Faults;
        }
        catch (DiagnosticException exception)
        {
            return [.. exception.Diagnostics];
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>Writes the hash of a changed file of a trial, and that of its record, to where they stand.</summary>
    private static async Task RehashAsync(string run, string trial, string name)
    {
        var directory = Path.Combine(run, "trials", trial);
        var record = Path.Combine(directory, "trial.json");
        var before = Sha256(record);
        var text = await File.ReadAllTextAsync(record, Cancellation);
        text = Regex.Replace(text, $"\"{Regex.Escape(name)}\": \"[0-9a-f]+\"", $"\"{name}\": \"{Sha256(Path.Combine(directory, name))}\"");
        await File.WriteAllTextAsync(record, text, Cancellation);
        var journal = Path.Combine(run, "journal.jsonl");
        await File.WriteAllTextAsync(journal, (await File.ReadAllTextAsync(journal, Cancellation)).Replace(before, Sha256(record), StringComparison.Ordinal), Cancellation);
    }

    private static string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
