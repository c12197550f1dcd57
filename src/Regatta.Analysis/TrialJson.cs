using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>Reads and writes <c>trial.json</c> and <c>audit.json</c>.</summary>
public static class TrialJson
{
    /// <summary>Newest version of <c>trial.json</c> that can be read.</summary>
    public const int Version = 1;

    /// <summary>Writes <c>trial.json</c>.</summary>
    public static Task WriteAsync(Stream stream, TrialRecord record, CancellationToken cancel) =>
        JsonSerializer.SerializeAsync(stream, record, TrialJsonContext.Default.TrialRecord, cancel);

    /// <summary>Writes <c>audit.json</c>.</summary>
    public static Task WriteAsync(Stream stream, TrialAudit audit, CancellationToken cancel) =>
        JsonSerializer.SerializeAsync(stream, audit, TrialJsonContext.Default.TrialAudit, cancel);

    /// <summary>Writes <c>audit.json</c> to memory.</summary>
    public static void Write(Stream stream, TrialAudit audit) => JsonSerializer.Serialize(stream, audit, TrialJsonContext.Default.TrialAudit);

    /// <summary>Reads <c>trial.json</c>.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="source">Name of the file, for diagnostics.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DiagnosticException">It is not JSON, lacks a field, is of a newer version, or holds values that cannot be.</exception>
    public static async Task<TrialRecord> ReadRecordAsync(Stream stream, string source, CancellationToken cancel)
    {
        var record = Filled(await ReadAsync(stream, source, TrialJsonContext.Default.TrialRecord, "trial", cancel));
        CheckVersion(record.Version, source, "trial");
        var fault = record.Processors is < 1 or > MachineSize.MostProcessors ? string.Create(CultureInfo.InvariantCulture, $"processors is {record.Processors}, and must be 1 to {MachineSize.MostProcessors:#,0}")
            : record.Repetition < 1 ? $"repetition is {record.Repetition}, and must be at least 1"
            : record.Block < 1 ? $"block is {record.Block}, and must be at least 1"
            : record.Ended < record.Started ? "it ended before it started"
            : null;
        return fault is null ? record : throw Fault("trial-value", $"{source}: {fault}", source);
    }

    /// <summary>Reads <c>audit.json</c>.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="source">Name of the file, for diagnostics.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DiagnosticException">It is not JSON, lacks a field, or is of a newer version.</exception>
    public static async Task<TrialAudit> ReadAuditAsync(Stream stream, string source, CancellationToken cancel)
    {
        var audit = await ReadAsync(stream, source, TrialJsonContext.Default.TrialAudit, "audit", cancel);
        CheckVersion(audit.Version, source, "audit");
        return audit with { Findings = [.. Filled(audit.Findings).Select(f => f with { Examples = Filled(f.Examples) })] };
    }

    // Generated readers set what the file leaves out to null, not to the default of the record.
    private static TrialRecord Filled(TrialRecord record) => record with
    {
        Settings = record.Settings ?? ImmutableSortedDictionary<string, string>.Empty,
        Shares = record.Shares ?? ImmutableSortedDictionary<string, double>.Empty,
        Files = record.Files ?? ImmutableSortedDictionary<string, string>.Empty,
        NodeProcessors = record.NodeProcessors ?? ImmutableSortedDictionary<string, int>.Empty,
        Workers = Filled(record.Workers),
        Gpus = Filled(record.Gpus),
        ClocksBefore = Filled(record.ClocksBefore),
        ClocksAfter = Filled(record.ClocksAfter),
        ControlPlane = Filled(record.ControlPlane),
        Passes = Filled(record.Passes),
        Upgrade = record.Upgrade is { } upgrade ? upgrade with { Steps = Filled(upgrade.Steps) } : null,
        Injection = record.Injection is { } injection ? injection with { Faults = Filled(injection.Faults), Missed = Filled(injection.Missed) } : null,
        Preemptions = record.Preemptions is { } preemptions ? preemptions with { Starts = Filled(preemptions.Starts) } : null,
        Reservations = Filled(record.Reservations),
        StartOrder = record.StartOrder is { } order ? order with { Passed = Filled(order.Passed) } : null,
        Faults = Filled(record.Faults),
        Mended = Filled(record.Mended),
        Pressure = Filled(record.Pressure),
        Clients = Filled(record.Clients),
        Notes = Filled(record.Notes),
        LatenessBound = record.LatenessBound > 0 ? record.LatenessBound : 10_000,
    };

    private static ImmutableArray<T> Filled<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;

    private static async Task<T> ReadAsync<T>(
        Stream stream, string source, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string kind, CancellationToken cancel)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(stream, type, cancel) ?? throw Fault($"{kind}-broken", $"{source} holds nothing but 'null'", source);
        }
        catch (JsonException e)
        {
            throw new DiagnosticException(
                Diagnostic.Error($"{kind}-broken", $"{source} cannot be read as a {kind}") with
                {
                    Where = e.LineNumber is { } line ? new SourceRange(source, (int)line + 1, (int)(e.BytePositionInLine ?? 0) + 1) : new SourceRange(source),
                    Detail = e.Message,
                }, e);
        }
    }

    private static void CheckVersion(int version, string source, string kind)
    {
        if (version is < 1 or > Version)
            throw Fault($"{kind}-version", $"{source} has version {version}; this program reads 1 to {Version}", source);
    }

    private static DiagnosticException Fault(string code, string summary, string source) =>
        new(Diagnostic.Error(code, summary) with { Where = new SourceRange(source) });
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrialRecord))]
[JsonSerializable(typeof(TrialAudit))]
internal sealed partial class TrialJsonContext : JsonSerializerContext;
