using System.CommandLine;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.Cli.Commands;

/// <summary>Which cluster a command means.</summary>
internal static class ClusterChoice
{
    /// <summary>The option of commands whose arguments say something else.</summary>
    public static Option<string?> Option() => new("--cluster", "-c") { Description = "Name of the cluster; not needed where there is only one.", HelpName = "NAME" };

    /// <summary>The argument of commands that are about a cluster.</summary>
    public static Argument<string?> Argument() => new("name") { Description = "Name of the cluster; not needed where there is only one.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The clusters of this process's state directory.</summary>
    public static ClusterStore Store() => new(StateDirectory.OfProcess());

    /// <summary>The name that is meant: the given one, else that of the only cluster.</summary>
    /// <exception cref="DiagnosticException">None is given and there is none, or there are several.</exception>
    public static string Name(ClusterStore store, string? given)
    {
        if (given is not null) return given;
        var names = store.List().Select(c => c.Claim.Name).ToList();
        if (names.Count == 1) return names[0];
        throw new DiagnosticException(Diagnostic.Error("cluster-which", names.Count == 0 ? "there is no cluster" : "there are several clusters") with
        {
            Help = names.Count == 0 ? "'regatta cluster up' makes one" : $"name one of: {string.Join(", ", names)}",
        });
    }

    /// <summary>The cluster that is meant, which must be up.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or it is not up.</exception>
    public static Cluster Require(string? given)
    {
        var store = Store();
        return store.Require(Name(store, given));
    }

    /// <summary>A node of a cluster.</summary>
    /// <exception cref="DiagnosticException">It has none of that name; the nearest is suggested.</exception>
    public static Node Node(Cluster cluster, string name) =>
        cluster.Nodes.FirstOrDefault(n => n.Name == name) ?? throw new DiagnosticException(Diagnostic.Error("node-unknown", $"the cluster '{cluster.Name}' has no node '{name}'") with
        {
            Help = Suggestion.Help(name, [.. cluster.Nodes.Select(n => n.Name)]),
        });
}
