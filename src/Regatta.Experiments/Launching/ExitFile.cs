using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Experiments.Launching;

/// <summary>How a trial that was run elsewhere ended: <c>exit.json</c>, written last and by a rename.</summary>
/// <param name="Code">Exit code of <c>regatta trial</c>.</param>
/// <param name="Host">Where it ran.</param>
/// <param name="Job">Job of the engine that it ran in; empty where there is none.</param>
/// <param name="Began">When it began, by the host's clock.</param>
/// <param name="Ended">When it ended.</param>
internal sealed record ExitFile(int Code, string Host, string Job, DateTimeOffset Began, DateTimeOffset Ended)
{
    /// <summary>Name of the file in the trial's folder.</summary>
    public const string Name = "exit.json";

    /// <summary>Reads the file of a folder; null when it is not there, or cannot be read (it is written by another machine).</summary>
    public static ExitFile? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, Name)), LaunchJson.Default.ExitFile);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON of the launch directory.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExitFile))]
internal sealed partial class LaunchJson : JsonSerializerContext;
