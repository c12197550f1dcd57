using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Regatta.Runs;

/// <summary>Reads and writes single files of a run directory. What cannot be read is a diagnostic that names the file, and the line where there is one.</summary>
internal static class RunFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file; null when it is not there.</summary>
    /// <exception cref="DiagnosticException">It cannot be read, or is no UTF-8.</exception>
    public static string? ReadText(string file)
    {
        try
        {
            return Strict.GetString(File.ReadAllBytes(file));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw Unreadable(file, exception is DecoderFallbackException ? "it holds bytes that are no UTF-8" : exception.Message, null, exception);
        }
    }

    /// <summary>The value that a JSON file holds; null when the file is not there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="type">Its type.</param>
    /// <param name="newest">The newest version of it that can be read.</param>
    /// <exception cref="DiagnosticException">It cannot be read, is not what it should be, or is of a newer version.</exception>
    public static T? ReadJson<T>(string file, JsonTypeInfo<T> type, int newest)
        where T : class
    {
        if (ReadText(file) is not { } text) return null;
        try
        {
            // The version first: a newer file may lack what this version must have.
            if (JsonSerializer.Deserialize(text, RunJson.Default.FileVersion)?.Version is > 0 and var version && version > newest) throw Newer(file, version, newest);
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("it holds null");
        }
        catch (JsonException exception)
        {
            throw Unreadable(file, exception.Message, exception.LineNumber is { } line ? (int)line + 1 : null, exception);
        }
    }

    /// <summary>Writes a JSON file through a temporary name.</summary>
    public static void WriteJson<T>(string file, T value, JsonTypeInfo<T> type)
    {
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(value, type) + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>A version that this program does not know.</summary>
    private static DiagnosticException Newer(string file, int version, int newest) =>
        new(Diagnostic.Error("run-version", $"{Path.GetFileName(file)} of the run has version {version}; this program reads 1 to {newest}") with
        {
            Where = new SourceRange(file),
            Help = "read the run with the version of regatta that wrote it, or a newer one",
        });

    /// <summary>A file that cannot be read.</summary>
    public static DiagnosticException Unreadable(string file, string why, int? line, Exception? cause) =>
        new(
            Diagnostic.Error("run-file", $"{Path.GetFileName(file)} of the run cannot be read") with
            {
                Where = new SourceRange(file, line ?? 0),
                Detail = why,
                Help = "put the file back as it was, or leave the run out",
            },
            cause);
}

/// <summary>The version of a file, whatever else it holds.</summary>
/// <param name="Version">The version; 0 when it does not say.</param>
internal sealed record FileVersion(int Version = 0);
