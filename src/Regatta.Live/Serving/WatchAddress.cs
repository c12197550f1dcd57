using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Regatta.Live.Serving;

/// <summary>Where the page is served, and who may read it.</summary>
/// <param name="Address">The address that is listened at.</param>
/// <param name="Port">The port, 1 to 65535; null for the first free one of the usual ones.</param>
/// <param name="Token">What must stand in the URL; null where everybody who reaches the address may read.</param>
public sealed partial record WatchAddress(IPAddress Address, int? Port, string? Token)
{
    /// <summary>The first of the usual ports.</summary>
    public const int FirstPort = 8642;

    /// <summary>How many usual ports there are.</summary>
    public const int Ports = 20;

    /// <summary>Checks what was asked for.</summary>
    /// <param name="listen">An address of this host.</param>
    /// <param name="port">A port; null for any.</param>
    /// <param name="token">The token; null for none.</param>
    /// <exception cref="DiagnosticException">The address is none, the port cannot be, or the page would be open to others.</exception>
    public static WatchAddress Of(string listen, int? port, string? token)
    {
        if (port is < 1 or > IPEndPoint.MaxPort)
            throw new DiagnosticException(Diagnostic.Error("watch-port", string.Create(CultureInfo.InvariantCulture, $"{port} is no port")) with { Help = "name one from 1 to 65535, or none" });
        if (listen == "localhost") listen = "127.0.0.1";
        if (!IPAddress.TryParse(listen, out var address) || address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6) || IPAddress.IPv6Any.Equals(address))
        {
            throw new DiagnosticException(Diagnostic.Error("watch-address", $"'{listen}' is no address that the page can be served at") with
            {
                Help = "name an address of this host, such as 192.0.2.7, or 0.0.0.0 for all of them; without --listen it is 127.0.0.1",
            });
        }

        if (!IPAddress.IsLoopback(address) && token is null)
        {
            throw new DiagnosticException(Diagnostic.Error("watch-open", $"whoever reaches {address} could read the run: the page is served there only with a token") with
            {
                Help = "add --token: the URL then holds one that nobody can guess; or leave --listen out and reach the page through: ssh -L 8642:127.0.0.1:8642 THIS-HOST",
            });
        }

        return new WatchAddress(address, port, token);
    }

    /// <summary>The token of a user, which stays the same from one start to the next; made when it is not there.</summary>
    /// <param name="file">Where it is kept, readable by its owner alone.</param>
    /// <exception cref="DiagnosticException">The file cannot be read or written, or holds no token.</exception>
    public static string TokenIn(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                using var made = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                made.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + "\n"));
            }

            var token = File.ReadAllText(file).Trim();
            if (Token32().IsMatch(token) && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) == 0) return token;
            throw new DiagnosticException(Diagnostic.Error("watch-token", $"'{file}' holds no token that is its owner's alone") with { Help = "remove the file: it is made again" });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("watch-token", $"the token cannot be kept in '{file}'") with { Detail = exception.Message, Help = "make the directory writable, or set REGATTA_STATE" }, exception);
        }
    }

    /// <summary>Whether a request may be answered.</summary>
    /// <param name="host">The host that it names, without a port.</param>
    /// <param name="token">The token that it brings; null for none.</param>
    internal bool Admits(string host, string? token)
    {
        if (Token is { } own) return token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(own));
        // A page from elsewhere whose name was made to point here names its own host.
        return host is "localhost" or "127.0.0.1" or "[::1]" or "::1" || host == Address.ToString();
    }

    [GeneratedRegex(@"\A[0-9a-f]{32}\z")]
    private static partial Regex Token32();
}
