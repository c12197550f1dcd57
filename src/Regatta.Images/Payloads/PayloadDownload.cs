using System.Net;

namespace Regatta.Images.Payloads;

/// <summary>Fetches one file over HTTP.</summary>
internal static class PayloadDownload
{
    /// <summary>Fetches a file.</summary>
    /// <exception cref="DiagnosticException">It is not there, or nobody answers.</exception>
    public static async Task FetchAsync(HttpClient client, Uri address, string file, CancellationToken cancellation)
    {
        var name = address.ToString();
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
            await SaveAsync(response, file, name, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(name, exception);
        }
    }

    /// <summary>Writes what was answered into a file.</summary>
    /// <exception cref="DiagnosticException">The answer is none, or breaks off.</exception>
    public static async Task SaveAsync(HttpResponseMessage response, string file, string name, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode) throw Refused(name, response);
        var target = File.Create(file);
        await using (target)
        {
            try
            {
                await response.Content.CopyToAsync(target, cancellation);
            }
            catch (HttpIOException exception)
            {
                throw Unreachable(name, exception);
            }
        }
    }

    /// <summary>Says with what the server refused.</summary>
    public static DiagnosticException Refused(string name, HttpResponseMessage response) =>
        new(Diagnostic.Error("payload-fetch", string.Create(CultureInfo.InvariantCulture, $"'{name}' cannot be fetched: HTTP {(int)response.StatusCode}")) with
        {
            Detail = response.RequestMessage?.RequestUri?.ToString(),
            Help = response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone ? "it is not there: check the address"
                : response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "it cannot be had without a login: save it to a file and give the file"
                : "try again later, or save it to a file and give the file",
        });

    /// <summary>Says why nobody answered.</summary>
    public static DiagnosticException Unreachable(string name, Exception exception) =>
        new(
            Diagnostic.Error("payload-fetch", $"'{name}' cannot be fetched: {exception.Message}") with { Help = "check the network and the address, or save it to a file and give the file" },
            exception);
}
