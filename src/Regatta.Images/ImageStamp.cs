using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Images;

/// <summary>What was built from which inputs: remembered, so that an unchanged image costs no call of Nix.</summary>
/// <param name="Inputs">sha256 (hex) of all that it was built from.</param>
/// <param name="Directory">Path of the image in the store.</param>
/// <param name="Lengths">Length of each of its files, bytes.</param>
internal sealed record ImageStamp(string Inputs, string Directory, ImmutableSortedDictionary<string, long> Lengths)
{
    /// <summary>The stamp of a finished image.</summary>
    public static ImageStamp Of(string inputs, Image image) => new(inputs, image.Directory, Measure(image.Directory));

    /// <summary>The image of a stamp when the inputs are the same and its files lie there whole; else null.</summary>
    public static Image? Read(string path, string inputs, string name)
    {
        try
        {
            if (!File.Exists(path)) return null;
            var stamp = JsonSerializer.Deserialize(File.ReadAllText(path), StampJson.Default.ImageStamp);
            if (stamp is null || stamp.Inputs != inputs || !System.IO.Directory.Exists(stamp.Directory)) return null;
            return Measure(stamp.Directory).SequenceEqual(stamp.Lengths) ? ImageContract.Read(stamp.Directory, name) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or DiagnosticException)
        {
            // A stamp that is no good only costs the time to look properly.
            return null;
        }
    }

    /// <summary>Writes the stamp whole or not at all.</summary>
    public void Write(string path)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, StampJson.Default.ImageStamp));
        File.Move(temporary, path, overwrite: true);
    }

    private static ImmutableSortedDictionary<string, long> Measure(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles().ToImmutableSortedDictionary(f => f.Name, f => f.Length, StringComparer.Ordinal);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImageStamp))]
internal sealed partial class StampJson : JsonSerializerContext;
