using System.Text.Json;
using Regatta.Host;

namespace Regatta.Machines.Faults;

/// <summary>What of the faults on a cluster is not undone yet, in its directory: it outlives the program that did them.</summary>
/// <param name="directory">The cluster's directory.</param>
public sealed class FaultLedger(string directory)
{
    private readonly string _faults = Path.Combine(directory, "faults");

    /// <summary>What is not undone, by name.</summary>
    /// <exception cref="DiagnosticException">A file cannot be read.</exception>
    public IReadOnlyList<PendingFault> Pending =>
        !Directory.Exists(_faults) ? [] : [.. Directory.EnumerateFiles(_faults, "*.json").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Writes down what is going to be done.</summary>
    public void Add(PendingFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Directory.CreateDirectory(_faults);
        DurableFile.Write(File(fault.Name), JsonSerializer.Serialize(fault, MachinesJson.Default.PendingFault), DurableFile.Private);
    }

    /// <summary>Strikes out what is undone.</summary>
    public void Remove(string name)
    {
        if (System.IO.File.Exists(File(name))) System.IO.File.Delete(File(name));
    }

    private string File(string name) => Path.Combine(_faults, name + ".json");

    private static PendingFault Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllText(path), MachinesJson.Default.PendingFault) ?? throw new JsonException("it is empty");
        }
        catch (JsonException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("cluster-file", $"'{path}' cannot be read: {exception.Message}") with { Help = "take the cluster down: regatta cluster down NAME" }, exception);
        }
    }
}
