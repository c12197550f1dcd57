using Regatta.Config;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Host;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>The settings of workloads: one record a kind, bound the same way from files, from overrides and from the words of <c>regatta workload</c>.</summary>
public sealed class WorkloadSettingsTests : ScratchTests
{
    private static readonly string[] Named = ["+points.a=['workload=gangs']", "+points.b=['workload=bag']"];

    [Fact]
    public void Wrong_words_are_listed_together() =>
        Assert.Equal(
            """
            error[config-key-not-in-kind]: 'sed' is no key of kind lublin
              at command line:1:1
                sed=3
                ^
              help: did you mean 'seed'?
            error[config-value-type-mismatch]: 'jobs': 'many' (text) is no int from 1 to 10000000
              at command line:1:6
                jobs=many
                     ^
              help: write a whole number
            error[config-value-type-mismatch]: 'type': 'bath' (text) is none of all, batch, interactive, mixed
              at command line:1:6
                type=bath
                     ^
              help: did you mean 'batch'?
            error[workload-scale]: scale 'big' is neither none, clamp, fit nor a factor above 0
              at command line:1:7
                scale=big
                      ^
              help: fit keeps each job's share of the machine, clamp cuts at the machine's size, 0.5 halves every size, none leaves them
            error[config-value-type-mismatch]: 'shake': '-1' (text) is outside of the range: from 0s
              at command line:1:7
                shake=-1
                      ^
              help: choose a value from 0s
            """,
            Fault("lublin", "jobs=many", "type=bath", "scale=big", "shake=-1", "sed=3"));

    [Theory]
    [InlineData("config-value-type-mismatch", "'kind': 'lubin' (text) is none of trace, lublin, esp, quickstart, bag, array, gang, gpus, sleep, closed", "did you mean 'lublin'?", 1, "lubin")]
    [InlineData("config-missing-value", "'file' must be given", "write file=VALUE, such as trace.swf.gz", 1, "trace")]
    [InlineData("config-key-not-in-kind", "'members' is no key of kind bag", "kind gang has it", 1, "bag", "members=3")]
    [InlineData("config-key-not-in-kind", "'processors' is no key of kind bag", "kinds lublin, esp, sleep have it", 1, "bag", "processors=3")]
    [InlineData("config-key-not-in-kind", "'run_tim' is no key of kind bag", "did you mean 'run_time'?", 1, "bag", "run-tim=3s")]
    [InlineData("config-value-type-mismatch", "'run_time': 'soon' (text) is no duration from 0s", "write a number of seconds, or text such as 250ms, 1.5h, 1h30m, 36:00:00 or 1-12:00:00", 10, "bag", "run-time=soon")]
    [InlineData("config-value-type-mismatch", "'jobs': '0' (text) is outside of the range: from 1 to 10000000", "choose a value from 1 to 10000000", 6, "bag", "jobs=0")]
    [InlineData("config-value-type-mismatch", "'start': '24' (text) is outside of the range: from 0 to 23", "choose a value from 0 to 23", 7, "lublin", "start=24")]
    [InlineData("config-value-type-mismatch", "'load': '0' (text) is outside of the range: above 0", "choose a value above 0", 6, "bag", "load=0")]
    [InlineData("config-value-type-mismatch", "'time_scale': 'inf' (text) is no float above 0", "write a number", 12, "bag", "time-scale=inf")]
    [InlineData("config-value-type-mismatch", "'light': 'perhaps' (text) is no bool", null, 7, "esp", "light=perhaps")]
    [InlineData("config-value-type-mismatch", "'memory': 'all' (text) is none of keep, none, fit", "choose one of: keep, none, fit", 8, "bag", "memory=all")]
    [InlineData("workload-command", "payload=exec needs a command", "the command that jobs run, such as command=/usr/bin/true", 9, "bag", "payload=exec")]
    [InlineData("config-value-type-mismatch", "'light': '${x}' (text) is no bool", null, 7, "esp", "light=${x}")]
    [InlineData("config-value-type-mismatch", "'type': '${x}' (text) is no all | batch | interactive | mixed", null, 6, "lublin", "type=${x}")]
    [InlineData("workload-window", "'5..2' is no span of time", "FROM..TO, each a duration or left out, such as 2h..26h", 8, "bag", "window=5..2")]
    [InlineData("workload-users", "'x' is no number of a user", "numbers with commas between them, such as 3,17", 7, "bag", "users=1,x")]
    [InlineData("workload-users", "'' is no number of a user", "numbers with commas between them, such as 3,17", 15, "bag", "exclude-users=1,")]
    [InlineData("workload-estimates", "'good' is no way to make requested times", "none, exact, at-least, cut, tsafrir, or a factor on the run time such as 2", 11, "bag", "estimates=good")]
    [InlineData("workload-arrivals", "arrivals 'often' cannot be read", "burst, uniform:RATE, poisson:RATE or stepped:RATE*DURATION,RATE*DURATION with rates above 0 in jobs per second, such as stepped:1*60s,5*60s", 10, "bag", "arrivals=often")]
    [InlineData("workload-gang", "a gang of 4 members cannot need 5 at once", "give members=5 or more, or a lower minimum", 9, "gang", "minimum=5")]
    [InlineData("config-word-without-value", "'jobs' is no key=value", "such as jobs=1000 seed=7", 1, "bag", "jobs")]
    [InlineData("config-word-twice", "'run.time' is given twice", "leave one of the two out", 1, "bag", "run-time=1", "run.time=2")]
    public void Each_fault_of_a_word_says_where_it_stands_and_what_to_do(string code, string summary, string? help, int column, string kind, params string[] words)
    {
        var fault = Assert.Single(Assert.Throws<DiagnosticException>(() => WorkloadWords.Create(kind, words, MachineSize.Of(2, 4))).Diagnostics);

        Assert.Equal((code, summary, help), (fault.Code, fault.Summary, fault.Help));
        Assert.Equal(("command line", 1, column), (fault.Where!.Value.Source, fault.Where.Value.Line, fault.Where.Value.Column));
        Assert.Equal(words.Length == 0 ? kind : words[^1], fault.Excerpt);
    }

    [Fact]
    public void A_workload_for_a_machine_of_unknown_size_is_not_made() =>
        Assert.Equal(
            "error[workload-processors]: the workload is made for a machine, and nothing says how large it is\n  at command line\n  help: name the machine, such as processors=1024 or --machine 4x16",
            Assert.Throws<DiagnosticException>(() => WorkloadWords.Create("sleep", [], machine: null)).Message);

    [Fact]
    public void Sizes_are_brought_to_no_machine_that_is_not_named() =>
        Assert.StartsWith(
            "error[workload-scale-machine]: there is no machine that sizes could be brought to\n  help: name the machine with --machine",
            Assert.Throws<DiagnosticException>(() => WorkloadWords.Create("bag", ["scale=fit"], machine: null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_transformation_takes_changes_and_no_settings_of_a_generator() =>
        Assert.Equal(
            "error[config-key-not-in-schema]: 'loda' is no key that is known here\n  at command line:1:6\n    loda=0.5\n         ^\n  help: did you mean 'load'?",
            Assert.Throws<DiagnosticException>(() => WorkloadWords.Changes("time-scale=2", "loda=0.5")).Message);

    [Theory]
    [InlineData("run-time")]
    [InlineData("run_time")]
    [InlineData("run.time")]
    public void A_name_has_one_key_however_its_parts_are_joined(string name) =>
        Assert.All(WorkloadWords.Create("bag", [$"{name}=2s", "jobs="], null).Jobs, job => Assert.Equal(2, job.RunTime.TotalSeconds));

    [Theory]
    [InlineData("config-key-not-in-kind", "'workload.members' is no key of kind bag", "kind gang has it", "kind: bag\nmembers: 3\n", 2, 10)]
    [InlineData("config-key-not-in-kind", "'workload.run_tim' is no key of kind bag", "did you mean 'workload.run_time'?", "kind: bag\nrun_tim: 3s\n", 2, 10)]
    [InlineData("config-value-type-mismatch", "'workload.kind': 'bagg' (text) is none of trace, lublin, esp, quickstart, bag, array, gang, gpus, sleep, closed", "did you mean 'bag'?", "kind: bagg\n", 1, 7)]
    [InlineData("config-value-type-mismatch", "'workload.jobs': 'many' (text) is no int from 1 to 10000000", "write a whole number", "kind: bag\njobs: many\n", 2, 7)]
    [InlineData("config-value-type-mismatch", "'workload.jobs': '0' (int) is outside of the range: from 1 to 10000000", "choose a value from 1 to 10000000", "kind: bag\njobs: 0\n", 2, 7)]
    [InlineData("config-missing-value", "'workload.kind' must be given", "write workload.kind=VALUE, one of trace | lublin | esp | quickstart | bag | array | gang | gpus | sleep | closed", "jobs: 3\n", 0, 0)]
    [InlineData("config-missing-value", "'workload.file' must be given", "write workload.file=VALUE, such as trace.swf.gz", "# A trace\nkind: trace\nfile: ???\n", 2, 7)]
    [InlineData("workload-scale", "scale 'big' is neither none, clamp, fit nor a factor above 0", "fit keeps each job's share of the machine, clamp cuts at the machine's size, 0.5 halves every size, none leaves them", "kind: bag\nscale: big\n", 2, 8)]
    [InlineData("workload-arrivals", "arrivals 'often' cannot be read", "burst, uniform:RATE, poisson:RATE or stepped:RATE*DURATION,RATE*DURATION with rates above 0 in jobs per second, such as stepped:1*60s,5*60s", "kind: bag\narrivals: often\n", 2, 11)]
    [InlineData("workload-file-name", "the name of the file is empty", "name a file, such as workload.file=trace.swf or workload.file=trace.jsonl.gz", "kind: trace\nfile: ''\n", 2, 7)]
    [InlineData("workload-gang", "a gang of 4 members cannot need 5 at once", "give members=5 or more, or a lower minimum", "kind: gang\nminimum: 5\n", 2, 10)]
    [InlineData("workload-gpus", "'many' is no number of GPUs", "write numbers with weights, such as {\"1\": 50, \"8\": 15}", "kind: gpus\ngpus: {many: 1}\n", 0, 0)]
    [InlineData("workload-gpus", "no weight is above 0", "give one a weight above 0", "kind: gpus\ngpus: {\"1\": 0}\n", 0, 0)]
    [InlineData("workload-gpus", "the weight of 'a100' is not a number from 0 on", "write a weight such as 15", "kind: gpus\nmodels: {a100: -1}\n", 0, 0)]
    [InlineData("workload-command", "payload=exec needs a command", "the command that jobs run, such as command=/usr/bin/true", "kind: bag\npayload: exec\n", 2, 10)]
    public void Each_fault_of_a_file_says_where_it_stands_and_what_to_do(string code, string summary, string help, string yaml, int line, int column)
    {
        Directory.CreateDirectory(Path.Combine(Scratch, "conf", "workload"));
        File.WriteAllText(Path.Combine(Scratch, "conf", "workload", "own.yaml"), yaml);

        var fault = Assert.Single(Assert.Throws<DiagnosticException>(() => Compose("workload=own")).Diagnostics);

        Assert.Equal(code, fault.Code);
        Assert.EndsWith(summary, fault.Summary, StringComparison.Ordinal);
        Assert.Equal(help, fault.Help);
        if (line == 0) return;
        Assert.EndsWith("workload/own.yaml", fault.Where!.Value.Source, StringComparison.Ordinal);
        Assert.Equal((line, column), (fault.Where.Value.Line, fault.Where.Value.Column));
    }

    [Theory]
    [InlineData("config-key-not-in-kind", "workload.members=3", 1)]
    [InlineData("config-key-not-in-kind", "+workload.membres=3", 1)]
    [InlineData("config-value-type-mismatch", "workload.jobs=many", 15)]
    [InlineData("config-value-type-mismatch", "workload.kind=bagg", 15)]
    [InlineData("workload-scale", "workload.scale=big", 16)]
    [InlineData("workload-window", "workload.window=5..2", 17)]
    public void Each_fault_of_an_override_says_where_it_stands(string code, string text, int column)
    {
        var fault = Assert.Single(Assert.Throws<DiagnosticException>(() => Compose("workload=bag", text)).Diagnostics);

        Assert.Equal((code, "command line", 1, column, text), (fault.Code, fault.Where!.Value.Source, fault.Where.Value.Line, fault.Where.Value.Column, fault.Excerpt));
    }

    [Fact]
    public void Defaults_are_those_of_the_kind_and_null_is_one_of_them()
    {
        var yaml = Compose("workload=closed", "workload.jobs=null").Points[0].Yaml;

        Assert.Contains("workload:\n  kind: closed\n  size: 1\n  users_in_loop: 8\n  think_time: 1s\n  jobs: 10\n  run_time: 1s\n  spread: constant\n  arrivals: burst\n  name: closed\n  scale: null\n", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("members", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void The_story_of_a_value_begins_with_the_default_of_its_kind()
    {
        var composition = ExperimentComposer.Over(new Installation(Repository.Root), Scratch).Compose(ExperimentComposer.Primary, ["workload=closed", "workload.jobs=3"]);

        var story = ConfigStory.Of(composition, "workload.jobs");

        Assert.Equal(["10", "10", "3"], story.Steps.Select(s => s.Value));
        Assert.Equal("default of ClosedWorkload", story.Steps[0].Origin.ToString());
        Assert.Equal("default of ClosedWorkload", Assert.Single(ConfigStory.Of(composition, "workload.spread").Steps).Origin.ToString());
    }

    [Fact]
    public void A_kind_may_be_a_reference_and_may_be_chosen_after_its_keys()
    {
        var closed = Assert.IsType<ClosedWorkload>(Compose("workload=bag", "workload.users_in_loop=3", "workload.kind=${description}", "description=closed").Experiment.Workload);

        Assert.Equal((3, 100, TimeSpan.FromSeconds(1)), (closed.UsersInLoop, closed.Jobs, closed.RunTime));
    }

    [Fact]
    public void A_former_name_of_a_kind_is_taken() =>
        Assert.Equal("t.swf", Assert.IsType<TraceWorkload>(Compose("workload=trace", "workload.kind=swf", "workload.file=t.swf").Experiment.Workload).File);

    [Fact]
    public void What_an_experiment_sets_for_its_own_kind_of_workload_goes_with_it()
    {
        Directory.CreateDirectory(Path.Combine(Scratch, "conf", "experiment"));
        File.WriteAllText(Path.Combine(Scratch, "conf", "experiment", "own.yaml"), "# @package _global_\ndefaults:\n  - override /workload: lublin\nworkload:\n  processors: 64\n  name: mine\n");

        Assert.Equal(64, Assert.IsType<LublinWorkload>(Compose("experiment=own").Experiment.Workload).Processors);
        Assert.Equal("mine", Assert.IsType<BagWorkload>(Compose("experiment=own", "workload=bag").Experiment.Workload).Name);
        // What the command line itself says is held against the kind that was chosen.
        Assert.Equal("config-key-not-in-kind", Assert.Single(Assert.Throws<DiagnosticException>(() => Compose("experiment=own", "workload=bag", "workload.processors=64")).Diagnostics).Code);
        Assert.All(Assert.Throws<DiagnosticException>(() => Compose("experiment=own", "workload.kind=bag")).Diagnostics, d => Assert.Equal("config-key-not-in-kind", d.Code));
    }

    [Fact]
    public void A_workload_that_is_chosen_stands_against_that_of_a_site_and_a_sites_against_that_of_an_experiment()
    {
        foreach (var group in (string[])["experiment", "site"]) Directory.CreateDirectory(Path.Combine(Scratch, "conf", group));
        File.WriteAllText(Path.Combine(Scratch, "conf", "experiment", "own.yaml"), "# @package _global_\ndefaults:\n  - override /workload: lublin\n");
        File.WriteAllText(Path.Combine(Scratch, "conf", "site", "here.yaml"), "# @package _global_\nworkload:\n  kind: trace\n  file: t.swf\n  name: here\n  scale: fit\n");

        // The experiment's keys of another kind go.
        var trace = Assert.IsType<TraceWorkload>(Compose("experiment=own", "site=here").Experiment.Workload);
        Assert.Equal(("t.swf", "here"), (trace.File, trace.Name));
        // The same kind takes nothing from the site.
        Assert.Equal("t.swf", Assert.IsType<TraceWorkload>(Compose("site=here", "workload=trace").Experiment.Workload).File);
        // Another one leaves nothing of the site's jobs.
        var bag = Assert.IsType<BagWorkload>(Compose("experiment=own", "site=here", "workload=bag", "workload.jobs=7").Experiment.Workload);
        Assert.Equal((7, Compose("workload=bag").Experiment.Workload.Name), (bag.Jobs, bag.Name));
        Assert.Equal(Compose("workload=bag").Experiment.Workload.Scale, bag.Scale);
    }

    [Fact]
    public void A_key_of_the_kinds_of_all_points_need_not_be_one_of_the_kind_before_them()
    {
        var composed = Compose(["workload.jobs=7", .. Named]);

        Assert.IsType<TraceWorkload>(composed.Experiment.Workload);
        Assert.Equal([7, 7], composed.Points.Select(p => ((BatchWorkload)p.Experiment.Workload).Jobs));
        Assert.Equal("config-key-not-in-kind", Assert.Single(Assert.Throws<DiagnosticException>(() => Compose(["workload.members=7", .. Named])).Diagnostics).Code);
    }

    [Fact]
    public void Keys_of_a_kind_can_be_swept() =>
        Assert.Equal([(3, 1), (3, 2), (4, 1), (4, 2)], Compose("workload=bag", "workload.jobs=3,4", "workload.size=1,2").Points.Select(p => ((BagWorkload)p.Experiment.Workload) is var bag ? (bag.Jobs, bag.Size) : default));

    [Fact]
    public void Arrivals_are_written_as_they_are_read() =>
        Assert.All(["burst", "uniform:0.5", "poisson:2", "stepped:1*60s,0.25*1.5s"], text => Assert.Equal(text, Arrivals.Parse(text).ToString()));

    [Fact]
    public void Editors_check_the_keys_of_a_kind()
    {
        using var json = System.Text.Json.JsonDocument.Parse(JsonSchemaWriter.Write(RecordSchema.Of<WorkloadSection>(), "workload"));

        var gang = json.RootElement.GetProperty("allOf").EnumerateArray().Single(k => k.GetProperty("if").GetProperty("properties").GetProperty("kind").GetProperty("const").GetString() == "gang");
        var names = gang.GetProperty("then").GetProperty("propertyNames").GetProperty("enum").EnumerateArray().Select(n => n.GetString()).ToList();
        Assert.Contains("members", names);
        Assert.Contains("defaults", names);
        Assert.DoesNotContain("users_in_loop", names);
        Assert.True(json.RootElement.GetProperty("properties").TryGetProperty("users_in_loop", out _));
    }

    private ComposedExperiment Compose(params string[] words) => new ExperimentComposer(new Installation(Repository.Root), Scratch).Compose(["experiment=reference", .. words]);

    private static string Fault(string kind, params string[] words) =>
        Assert.Throws<DiagnosticException>(() => WorkloadWords.Create(kind, words, MachineSize.Of(2, 4))).Message;
}
