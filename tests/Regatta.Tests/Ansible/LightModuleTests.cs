using System.Text.Json.Nodes;
using Regatta.Ansible;

namespace Regatta.Tests.Ansible;

/// <summary>The project's own modules and events, on this machine, under every release of ansible-core that they are for.</summary>
public sealed class LightModuleTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("regatta-modules-");

    public static TheoryData<string> Suites => AnsibleRelease.Suites;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Modules_and_events_are_the_same_under_every_release(string suite)
    {
        var program = await AnsibleRelease.ProgramAsync(suite, Cancellation);

        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(program, check: false));

        Assert.Equal(
            $"""
            error[ansible-task-failed]: task 'Fail' failed on b
              at ansible/modules.yml:35
              /proc/no-such/file: No such file or directory
              help: the whole log is in {_directory}/configure.log
            """,
            exception.Message);
        var folder = Path.Combine(_directory.FullName, "a");
        Assert.Equal(
            [
                "Write values of every type: changed " + string.Join(' ', new[] { "", "/text", "/value", "/secret" }.Select(f => folder + f)),
                "Look at the node: ok",
                "Use what was found: ok",
                "Give an argument that is none: failed, ignored: unknown arguments: no_such",
                "Break down: failed, ignored: node_apply ended with exit code 1 and returned nothing",
                "Fail: skipped",
            ],
            Events().Where(e => e.Host == "a" && e.Event != PlaybookEventKind.Start).Select(Text));
        Assert.Contains("ValueError: invalid literal for int() with base 8: '9'", Events().First(e => e is { Task: "Break down", Error: not null }).Error, StringComparison.Ordinal);
        Assert.Equal("3 ünï 4\n", await File.ReadAllTextAsync(Path.Combine(folder, "text"), Cancellation));
        Assert.Equal("hid\nden", await File.ReadAllTextAsync(Path.Combine(folder, "secret"), Cancellation));
        var value = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "value"), Cancellation));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"a":1,"b":[true,null,2.5,"{{ 1 + 1 }}"]}"""), value), value?.ToJsonString());
        foreach (var file in _directory.GetFiles()) Assert.DoesNotContain("aGlkCmRlbg", await File.ReadAllTextAsync(file.FullName, Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_check_tells_changes_and_makes_none(string suite)
    {
        var program = await AnsibleRelease.ProgramAsync(suite, Cancellation);

        // Nothing is written, so that there is nothing to be found afterwards.
        await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(program, check: true));

        Assert.Contains(Events(), e => e is { Host: "a", Event: PlaybookEventKind.Changed, Task: "Write values of every type" } && e.Changes.Length == 4);
        Assert.False(Directory.Exists(Path.Combine(_directory.FullName, "a")));
    }

    private static string Text(PlaybookEvent e)
    {
        var kind = e.Event.ToString().ToLowerInvariant() + (e.Ignored ? ", ignored" : "");
        return $"{e.Task}: {kind}{(e.Changes.IsEmpty ? "" : " " + string.Join(' ', e.Changes))}{(e.Message is { } message ? $": {message}" : "")}";
    }

    private IEnumerable<PlaybookEvent> Events() =>
        File.ReadLines(Path.Combine(_directory.FullName, "configure-events.jsonl")).Select(line => PlaybookEvent.Parse(line)!);

    private Task<PlaybookResult> RunAsync(string program, bool check)
    {
        var work = AnsibleDirectory.Make(Path.Combine(_directory.FullName, "playbooks"), Path.Combine(AppContext.BaseDirectory, "Ansible", "Playbooks.data", "modules.yml"));
        var inventory = new Inventory
        {
            SshConfig = "/dev/null",
            Variables = ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("output", _directory.FullName).Add("text", "{{ 1 + 1 }}"),
            Hosts = [new InventoryHost("a", "heads"), new InventoryHost("b", "workers")],
        };
        return new PlaybookRunner(TimeProvider.System, program).RunAsync(
            new PlaybookRun(work, "modules.yml", inventory, _directory.FullName) { Check = check }, SilentMonitor.Instance, Cancellation);
    }
}
