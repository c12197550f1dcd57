using Regatta.Ansible;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Flux;

namespace Regatta.EndToEnd.Configuration;

/// <summary>One head and two workers of the Flux image, for all tests of a class; brought up and configured by the first.</summary>
public sealed class FluxNodes : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("regatta-flux-");
    private MachinesLab? _lab;
    private Cluster? _cluster;

    public Cluster Cluster => _cluster!;

    /// <summary>Brings the nodes up and configures them, once; skips the test where there is no Flux.</summary>
    public async Task UpAsync()
    {
        FluxPrefix.Require();
        if (_cluster is not null) return;
        if (HostTool.Find("ansible-playbook") is null) Assert.Skip("needs the real 'ansible-playbook': regatta doctor --fix");
        _lab = await MachinesLab.OpenAsync("flux", FluxImage.BuildAsync);
        _cluster = await _lab.Provider.UpAsync(MachinesLab.Spec("flux"), _lab.Image, SilentMonitor.Instance, TestContext.Current.CancellationToken);
        await ConfigureAsync();
    }

    public ConfigurationRequest Request(SchedulerOptions? options = null, string name = "configure") =>
        new(Cluster, new FluxScheduler(), options ?? new SchedulerOptions("fifo"), Path.Combine(_folder.FullName, name)) { AgentBinary = typeof(FluxNodes).Assembly.Location };

    public static ClusterConfigurator Configurator => new(new Installation(RegattaProgram.Root).Playbooks, new PlaybookRunner(TimeProvider.System));

    public Task<ConfiguredCluster> ConfigureAsync(SchedulerOptions? options = null) =>
        Configurator.ConfigureAsync(Request(options), SilentMonitor.Instance, TestContext.Current.CancellationToken);

    /// <summary>Asks whether the cluster is ready without mending anything first, and returns the fault.</summary>
    public async Task<Diagnostic> FaultAsync(int seconds)
    {
        var playbooks = Path.Combine(_folder.FullName, "playbooks");
        if (!Directory.Exists(playbooks))
        {
            await HostTool.RunAsync("cp", ["-r", new Installation(RegattaProgram.Root).Playbooks, playbooks], TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(playbooks, "ask.yml"), """
                - hosts: all
                  gather_facts: false
                  roles: [regatta.cluster.node]
                - hosts: all
                  gather_facts: false
                  vars_files: [ansible_collections/regatta/cluster/roles/flux/defaults/main.yml]
                  tasks:
                    - regatta.cluster.flux_node: {user: flux, certificate: "{{ flux_certificate if flux_head else '' }}", name: ask}
                      register: flux_found
                      no_log: true
                    - set_fact: {flux_program: "{{ flux_found.program }}"}
                    - include_tasks: ansible_collections/regatta/cluster/roles/flux/tasks/ready.yml
                      when: flux_head
                """, TestContext.Current.CancellationToken);
        }

        var inventory = ClusterConfigurator.InventoryOf(Request());
        // The defaults of the role are the play's own here, which outweigh an inventory: the limit stands in their file.
        var defaults = Path.Combine(playbooks, "ansible_collections", "regatta", "cluster", "roles", "flux", "defaults", "main.yml");
        var text = await File.ReadAllTextAsync(defaults, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(defaults, System.Text.RegularExpressions.Regex.Replace(text, "flux_ready_timeout: [0-9]+", $"flux_ready_timeout: {seconds}"), TestContext.Current.CancellationToken);
        var run = new PlaybookRun(playbooks, "ask.yml", inventory, Path.Combine(_folder.FullName, "ask"));
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => new PlaybookRunner(TimeProvider.System).RunAsync(run, SilentMonitor.Instance, TestContext.Current.CancellationToken));
        return exception.Diagnostics[0];
    }

    /// <summary>Everything that Ansible left in its log directories.</summary>
    public async Task<string> LogsAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/playbooks/", StringComparison.Ordinal)))
            text.Append(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        return text.ToString();
    }

    /// <summary>Standard output of a script on a node.</summary>
    public Task<string> RunAsync(string node, string script) => Cluster.RunAsync(node, script);

    /// <summary>Standard output of a command of Flux on the head, as the owner of the instance.</summary>
    public Task<string> FluxAsync(string words) =>
        RunAsync("head", $"cd /; FLUX_URI=local:///run/flux/local setpriv --reuid flux --regid flux --init-groups env -u SHELL flux {words}");

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
