using System.Text.Json;
using Regatta.Host;

namespace Regatta.Machines;

/// <summary>How a cluster stands.</summary>
public enum ClusterState
{
    /// <summary>A process that lives owns it.</summary>
    Owned,

    /// <summary>It is kept until somebody takes it down.</summary>
    Kept,

    /// <summary>Its owner is gone: what is left of it is removed by <c>reap</c>.</summary>
    Abandoned,
}

/// <summary>A cluster as the state directory knows it.</summary>
/// <param name="Claim">What it claimed.</param>
/// <param name="Cluster">The cluster; null while it is not up.</param>
/// <param name="State">How it stands.</param>
/// <param name="Owner">The process that owns it.</param>
public sealed record StoredCluster(ClusterClaim Claim, Cluster? Cluster, ClusterState State, int? Owner);

/// <summary>The clusters of a state directory: one directory each, and a lock that its owner holds as long as it lives.</summary>
/// <param name="state">The state directory.</param>
public sealed class ClusterStore(StateDirectory state)
{
    /// <summary>Directory of a cluster.</summary>
    public string Directory(string name) => Path.Combine(state.Clusters, name);

    /// <summary>Directory of what the nodes of a cluster write.</summary>
    public string NodeDirectory(string name) => Path.Combine(state.Nodes, name);

    /// <summary>Directory of a cluster's SSH control sockets.</summary>
    public string ControlDirectory(ClusterClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return Path.Combine(state.Runtime, "ssh", claim.Id);
    }

    /// <summary>Takes the lock of a cluster's name.</summary>
    /// <exception cref="DiagnosticException">Another process has it.</exception>
    public FileLock Lock(string name) => FileLock.Acquire(LockFile(name), $"the cluster '{name}'");

    /// <summary>Takes the lock of a cluster's name, or returns null when it is held.</summary>
    public FileLock? TryLock(string name) => FileLock.TryAcquire(LockFile(name));

    /// <summary>Every cluster, by name.</summary>
    public IReadOnlyList<StoredCluster> List() =>
        !System.IO.Directory.Exists(state.Clusters) ? []
        : [.. System.IO.Directory.EnumerateDirectories(state.Clusters).Select(d => Find(Path.GetFileName(d))).OfType<StoredCluster>().OrderBy(c => c.Claim.Name, StringComparer.Ordinal)];

    /// <summary>A cluster by name; null when there is none.</summary>
    /// <exception cref="DiagnosticException">Its files cannot be read.</exception>
    public StoredCluster? Find(string name)
    {
        var path = Path.Combine(Directory(name), "claim.json");
        if (!File.Exists(path)) return null;
        var claim = Read(path, json => JsonSerializer.Deserialize(json, MachinesJson.Default.ClusterClaim));
        var file = Path.Combine(Directory(name), "cluster.json");
        var cluster = File.Exists(file) ? Read(file, json => JsonSerializer.Deserialize(json, MachinesJson.Default.Cluster)) : null;
        var owned = FileLock.IsHeld(LockFile(name));
        var standing = owned ? ClusterState.Owned : claim.Kept ? ClusterState.Kept : ClusterState.Abandoned;
        return new StoredCluster(claim, cluster, standing, owned ? FileLock.Owner(LockFile(name)) : null);
    }

    /// <summary>A cluster that is up.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or it is not up.</exception>
    public Cluster Require(string name)
    {
        if (Find(name) is { } found)
        {
            return found.Cluster ?? throw new DiagnosticException(Diagnostic.Error("cluster-not-up", $"the cluster '{name}' is not up{(found.Owner is { } pid ? $" yet: process {pid} is at it" : "")}") with
            {
                Help = found.Owner is null ? "regatta reap" : null,
            });
        }

        var names = List().Select(c => c.Claim.Name).ToList();
        throw new DiagnosticException(Diagnostic.Error("cluster-unknown", $"there is no cluster '{name}'") with
        {
            Help = names.Count == 0 ? "'regatta cluster up' makes one" : Suggestion.Help(name, names),
        });
    }

    /// <summary>Writes a claim.</summary>
    public void Write(ClusterClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var directory = Directory(claim.Name);
        System.IO.Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DurableFile.Write(Path.Combine(directory, "claim.json"), JsonSerializer.Serialize(claim, MachinesJson.Default.ClusterClaim), DurableFile.Private);
    }

    /// <summary>Writes a cluster that is up.</summary>
    public static void Write(Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        DurableFile.Write(Path.Combine(cluster.Directory, "cluster.json"), JsonSerializer.Serialize(cluster, MachinesJson.Default.Cluster), DurableFile.Private);
    }

    private static T Read<T>(string path, Func<string, T?> parse)
        where T : class
    {
        try
        {
            return parse(File.ReadAllText(path)) ?? throw new JsonException("it is empty");
        }
        catch (JsonException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("cluster-file", $"'{path}' cannot be read: {exception.Message}") with
                {
                    Help = $"remove the directory '{Path.GetDirectoryName(path)}', then: regatta reap",
                },
                exception);
        }
    }

    private string LockFile(string name) => Path.Combine(state.Locks, $"cluster-{name}.lock");
}
