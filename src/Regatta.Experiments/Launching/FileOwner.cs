using Regatta.Host;

namespace Regatta.Experiments.Launching;

/// <summary>Whose files a run's are, so that what runs elsewhere writes files that can be moved and removed here.</summary>
internal static class FileOwner
{
    /// <summary>Numbers of this process's user and group; null for root, who can do so with all files.</summary>
    public static async Task<(long? User, long? Group)> CurrentAsync(CancellationToken cancellation)
    {
        var user = await NumberAsync("-u", cancellation);
        return user == 0 ? (null, null) : (user, await NumberAsync("-g", cancellation));
    }

    private static async Task<long> NumberAsync(string option, CancellationToken cancellation) => long.Parse(await HostTool.RunAsync("id", [option], cancellation), CultureInfo.InvariantCulture);
}
