using Regatta.Workloads;

namespace Regatta.Agent.Clients;

/// <summary>Whether the clients of a replay can be run here.</summary>
internal static class ClientCheck
{
    private static readonly string[] Places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Refuses programs that are not there.</summary>
    /// <exception cref="DiagnosticException">One is not.</exception>
    public static void Require(ClientStorm storm)
    {
        var missing = storm.Streams.Where(s => Find(s.Command[0]) is null).ToList();
        if (missing.Count == 0) return;
        throw new DiagnosticException(Diagnostic.Error("client-missing", $"the head has no {string.Join(", ", missing.Select(m => m.Command[0]).Distinct(StringComparer.Ordinal))}") with
        {
            Detail = $"wanted for clients.{string.Join(", clients.", missing.Select(m => m.Kind.Name()))}", Help = "take an image that has it, or leave these clients out",
        });
    }

    /// <summary>The path of a program; null where it is not there.</summary>
    public static string? Find(string program) =>
        program.Contains('/') ? (File.Exists(program) ? program : null) : Places.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)).Select(p => Path.Combine(p, program)).FirstOrDefault(File.Exists);
}
