using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Regatta.Experiments.Planning;
using Regatta.Workloads;

namespace Regatta.Experiments.Runs;

/// <summary>JSON of the run directory's files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class RunJson : JsonSerializerContext;

/// <summary>JSON of the files that hold one value a line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JobEvent))]
internal sealed partial class RunJsonLines : JsonSerializerContext;
