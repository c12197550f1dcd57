using System.CommandLine;
using System.Diagnostics;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Machines.Provisioning;
using Regatta.Workloads;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta cluster</c>: clusters without an experiment.</summary>
internal static class ClusterCommand
{
    public static Command Create(ITerminal terminal) =>
        new Command("cluster", "Brings clusters up and down, and works on them, without an experiment.")
        {
            ClusterUpCommand.Create(terminal),
            ClusterConfigureCommand.Create(terminal),
            Status(terminal),
            Ssh(),
            Exec(terminal),
            Down(terminal),
            List(terminal),
        }.WithExamples(
            "regatta cluster up --workers 2        a head and two workers",
            "regatta cluster configure             makes it run jobs",
            "regatta cluster ssh worker1           a shell on one",
            "regatta cluster exec -- uptime        a command on each",
            "regatta cluster down");

    private static Command Status(ITerminal terminal)
    {
        var name = ClusterChoice.Argument();
        var command = new Command("status", "Asks every node of a cluster how it is.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var cluster = ClusterChoice.Require(parsed.GetValue(name));
            var states = await Task.WhenAll(cluster.Nodes.Select(node => AskAsync(cluster, node, cancellation)));
            var table = new Table().Border(TableBorder.Simple).AddColumns("node", "role", "address", "answers", "system");
            foreach (var state in states)
            {
                terminal.WriteJson("node", state, MachinesCliJson.Default.NodeStatus);
                table.AddRow(new Text(state.Name, new Style(decoration: Decoration.Bold)), new Text(state.Role == NodeRole.Head ? "head" : "worker"), new Text(state.Address), new Text(state.Answers ? "yes" : "NO"), new Text(state.System ?? state.Fault ?? ""));
            }

            terminal.WriteLine($"{cluster.Name}: {cluster.Machines.Name()}, run {cluster.RunId}");
            terminal.Write(table);
            terminal.WriteLine($"ssh -F {cluster.SshConfig} {cluster.Head.Name}");
            return (int)(states.All(s => s.Answers) ? ExitCode.Done : ExitCode.Failed);
        });
        return command.WithExamples("regatta cluster status", "regatta cluster status lab --json");
    }

    private static async Task<NodeStatus> AskAsync(Cluster cluster, Node node, CancellationToken cancellation)
    {
        // systemctl says how the system is by its exit code as well; only ssh's own 255 means that nobody answered.
        var result = await HostTool.TryAsync("ssh", ["-F", cluster.SshConfig, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--", node.Name, "systemctl is-system-running"], cancellation);
        var answers = result.ExitCode != 255;
        return new NodeStatus(node.Name, node.Role, node.Address.ToString(), answers, answers ? result.Output.Trim() : null, answers ? null : result.Error.Trim());
    }

    private static Command Ssh()
    {
        var cluster = ClusterChoice.Option();
        var node = new Argument<string?>("node") { Description = "Name of the node; the head if none is given.", Arity = ArgumentArity.ZeroOrOne };
        var words = new Argument<string[]>("command") { Description = "Command to run there instead of a shell.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("ssh", "Opens a shell on a node.") { node, words, cluster };
        command.SetAction(async (parsed, cancellation) =>
        {
            var found = ClusterChoice.Require(parsed.GetValue(cluster));
            var target = parsed.GetValue(node) is { } name ? ClusterChoice.Node(found, name) : found.Head;
            var start = new ProcessStartInfo("ssh") { UseShellExecute = false };
            foreach (var word in new[] { "-F", found.SshConfig, target.Name }.Concat(parsed.GetValue(words) ?? [])) start.ArgumentList.Add(word);
            using var process = Process.Start(start) ?? throw new InvalidOperationException("ssh did not start");
            await process.WaitForExitAsync(cancellation);
            return (int)(process.ExitCode == 0 ? ExitCode.Done : ExitCode.Failed);
        });
        return command.WithExamples("regatta cluster ssh", "regatta cluster ssh worker1", "regatta cluster ssh head -c lab");
    }

    private static Command Exec(ITerminal terminal)
    {
        var cluster = ClusterChoice.Option();
        var on = new Option<string>("--on") { Description = "Where: all, workers, or the name of a node.", HelpName = "WHERE", DefaultValueFactory = _ => "all" };
        var words = new Argument<string[]>("command") { Description = "The command, after --; the node's shell reads it.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "Runs a command on every node at once.") { words, cluster, on };
        command.SetAction(async (parsed, cancellation) =>
        {
            var found = ClusterChoice.Require(parsed.GetValue(cluster));
            var script = string.Join(' ', parsed.GetRequiredValue(words));
            IEnumerable<Node> nodes = parsed.GetRequiredValue(on) switch
            {
                "all" => found.Nodes,
                "workers" => found.Workers,
                var name => [ClusterChoice.Node(found, name)],
            };
            var outputs = await Task.WhenAll(nodes.Select(async node =>
            {
                var result = await HostTool.TryAsync("ssh", ["-F", found.SshConfig, "-o", "BatchMode=yes", "--", node.Name, script], cancellation);
                return new NodeOutput(node.Name, result.ExitCode, result.Output, result.Error);
            }));
            foreach (var output in outputs)
            {
                terminal.WriteJson("output", output, MachinesCliJson.Default.NodeOutput);
                foreach (var line in (output.Output + output.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries)) terminal.WriteLine($"{output.Node}: {line}");
                if (output.Code != 0) terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output.Node}: exit code {output.Code}"));
            }

            return (int)(outputs.All(o => o.Code == 0) ? ExitCode.Done : ExitCode.Failed);
        });
        return command.WithExamples("regatta cluster exec -- uptime", "regatta cluster exec --on workers -- 'systemctl is-active slurmd'");
    }

    private static Command Down(ITerminal terminal)
    {
        var name = ClusterChoice.Argument();
        var command = new Command("down", "Removes a cluster and all that belongs to it.") { name };
        command.SetAction(async (parsed, _) =>
        {
            var store = ClusterChoice.Store();
            var chosen = ClusterChoice.Name(store, parsed.GetValue(name));
            if (store.Find(chosen) is null) store.Require(chosen);
            using var machines = new MachineProviders(StateDirectory.OfProcess(), TimeProvider.System);
            await terminal.WatchAsync(monitor => machines.DownAsync(chosen, monitor));
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta cluster down", "regatta cluster down lab");
    }

    private static Command List(ITerminal terminal)
    {
        var command = new Command("list", "Lists the clusters of this host.");
        command.SetAction(_ =>
        {
            var store = ClusterChoice.Store();
            var table = new Table().Border(TableBorder.Simple).AddColumns("cluster", "machines", "nodes", "state", "since", "run");
            foreach (var found in store.List())
            {
                var state = found.State switch
                {
                    ClusterState.Owned => found.Cluster is null ? "coming up" : "in use",
                    ClusterState.Kept => "kept",
                    _ => "abandoned",
                };
                terminal.WriteJson(
                    "cluster",
                    new ListedCluster(found.Claim.Name, found.Claim.RunId, state, found.Owner, found.Cluster?.Machines.Name(), found.Cluster?.Nodes.Length ?? 0, found.Claim.Created, store.Directory(found.Claim.Name)),
                    MachinesCliJson.Default.ListedCluster);
                table.AddRow(
                    new Text(found.Claim.Name, new Style(decoration: Decoration.Bold)),
                    new Text(found.Cluster?.Machines.Name() ?? ""),
                    new Text((found.Cluster?.Nodes.Length ?? 0).ToString(CultureInfo.InvariantCulture)),
                    new Text(found.Owner is { } owner ? $"{state} (process {owner})" : state),
                    new Text(found.Claim.Created.ToString("u", CultureInfo.InvariantCulture)),
                    new Text(found.Claim.RunId));
            }

            if (table.Rows.Count > 0) terminal.Write(table);
            else terminal.WriteLine("There are no clusters.");
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta cluster list", "regatta cluster list --json");
    }
}
