using Regatta.Agent.Platform;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>
/// What the driver is connected by: one connection as the owner of the instance, through which it submits as well; where jobs are another user's, a
/// second one for them.
/// </summary>
internal sealed class FluxLink : IAsyncDisposable
{
    private readonly TaskCompletionSource<Exception> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FluxLink(FluxConnection observing, FluxConnection submitting)
    {
        (Observing, Submitting) = (observing, submitting);
        _ = Task.WhenAny(observing.Lost, submitting.Lost).Unwrap().ContinueWith(lost => End(lost.Result), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Connected as the owner.</summary>
    public FluxConnection Observing { get; }

    /// <summary>Connected as the user whose jobs they are.</summary>
    public FluxConnection Submitting { get; }

    /// <summary>Ends when it can be used no more, with the reason.</summary>
    public Task<Exception> Lost => _lost.Task;

    /// <summary>Ends when it is closed.</summary>
    public Task Over => _over.Task;

    /// <summary>Connects.</summary>
    /// <exception cref="FluxLostException">There is no connection to be had.</exception>
    public static async Task<FluxLink> OpenAsync(FluxLibrary library, FluxOptions options)
    {
        var socket = options.Uri.StartsWith("local://", StringComparison.Ordinal) ? options.Uri["local://".Length..] : null;
        var me = Posix.EffectiveUser();
        // The owner's jobs need no signature but the owner's id: root takes it on.
        var owner = socket is not null && me == 0 ? Posix.OwnerOf(socket) : null;
        var observing = await FluxConnection.OpenAsync(library, options.Uri, owner == me ? null : owner);
        if (options.User is not { } name) return new FluxLink(observing, observing);
        try
        {
            var user = UserId(name) ?? throw new FluxLostException($"there is no user '{name}' on the head");
            return new FluxLink(observing, await FluxConnection.OpenAsync(library, options.Uri, user == me ? null : user));
        }
        catch
        {
            await observing.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says that it can be used no more.</summary>
    public void End(Exception reason) => _lost.TrySetResult(reason);

    public async ValueTask DisposeAsync()
    {
        await Submitting.DisposeAsync();
        if (!ReferenceEquals(Submitting, Observing)) await Observing.DisposeAsync();
        _over.TrySetResult();
    }

    private static uint? UserId(string name) =>
        uint.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
        : File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 3 && f[0] == name) is { } fields
            && uint.TryParse(fields[2], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : null;
}
