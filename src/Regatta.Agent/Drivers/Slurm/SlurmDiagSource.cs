using System.Text.Json;
using Regatta.Agent.Sampling;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>
/// What slurmctld counts of itself (<c>sdiag</c>), through slurmrestd: every number of its statistics as <c>slurm_NAME</c>, why passes ended as
/// <c>slurm_NAME{reason=…}</c>, requests by type as <c>slurm_rpc_count</c> and <c>slurm_rpc_seconds</c>.
/// </summary>
/// <param name="socket">Socket of slurmrestd.</param>
/// <param name="version">The version of the interface that is spoken now.</param>
internal sealed class SlurmDiagSource(string socket, Func<string> version) : ISampleSource
{
    // A controller that hangs is one that is not asked for a while.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    private readonly PlainHttp _http = new(() => PlainHttp.Unix(socket, Within));

    /// <inheritdoc/>
    public string Name => "slurmctld";

    /// <inheritdoc/>
    public void Take(SampleWriter into)
    {
        var answer = _http.Get($"/slurm/{version()}/diag");
        try
        {
            Read(answer, into);
        }
        catch (JsonException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Takes the numbers out of an answer.</summary>
    internal static void Read(ReadOnlyMemory<byte> answer, SampleWriter into)
    {
        using var json = JsonDocument.Parse(answer);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("statistics", out var statistics)) throw new IOException("the answer has no statistics");
        foreach (var field in statistics.EnumerateObject())
        {
            if (Number(field.Value) is { } value)
            {
                into.Add($"slurm_{field.Name}", value);
            }
            else if (field.Value.ValueKind == JsonValueKind.Object && !field.Value.TryGetProperty("number", out _))
            {
                foreach (var part in field.Value.EnumerateObject())
                {
                    if (Number(part.Value) is { } count) into.Add($"slurm_{field.Name}", "reason", part.Name, count);
                }
            }
            else if (field.Value.ValueKind == JsonValueKind.Array && field.Name == "rpcs_by_message_type")
            {
                foreach (var rpc in field.Value.EnumerateArray()) Rpc(rpc, into);
            }
        }
    }

    private static void Rpc(JsonElement rpc, SampleWriter into)
    {
        if (Text(rpc, "message_type") is not { } type) return;
        if (rpc.TryGetProperty("count", out var count) && Number(count) is { } number) into.Add("slurm_rpc_count", "type", type, number);
        if (rpc.TryGetProperty("total_time", out var time) && Number(time) is { } total) into.Add("slurm_rpc_seconds", "type", type, total / 1e6);
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    // Newer interfaces wrap numbers that may be missing: {"set": true, "infinite": false, "number": 5}.
    private static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Object when value.TryGetProperty("number", out var number) && number.ValueKind == JsonValueKind.Number =>
            value.TryGetProperty("set", out var set) && set.ValueKind == JsonValueKind.False ? null : number.GetDouble(),
        _ => null,
    };
}
