using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Regatta.Agent.Platform;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>A request that Flux refused or could not answer.</summary>
/// <param name="number">The error number of the system.</param>
/// <param name="text">Flux's words.</param>
internal sealed class FluxException(int number, string text) : Exception(text)
{
    /// <summary>The error number of the system.</summary>
    public int Number { get; } = number;
}

/// <summary>The connection to Flux is lost.</summary>
/// <param name="text">Why.</param>
internal sealed class FluxLostException(string text) : Exception(text);

/// <summary>
/// One connection to a broker. A thread of its own runs Flux's reactor; requests are handed to it and go out one behind the other without waiting for
/// answers. Where the connection is to be another user's, that thread alone takes on the user's id: the rest of the agent stays who it is.
/// </summary>
internal sealed class FluxConnection : IAsyncDisposable
{
    private readonly FluxLibrary _flux;
    private readonly string _uri;
    private readonly uint? _user;
    private readonly ConcurrentQueue<(Pending Pending, Func<nint> Send)> _work = new();
    private readonly HashSet<Pending> _pending = [];
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _wake = Posix.NewEvent();
    private readonly Lock _end = new();
    private readonly Thread _thread;
    private nint _handle, _reactor;
    private bool _ended;
    private volatile bool _closing;

    private FluxConnection(FluxLibrary flux, string uri, uint? user)
    {
        (_flux, _uri, _user) = (flux, uri, user);
        _thread = new Thread(Live) { IsBackground = true, Name = "flux" };
    }

    /// <summary>Ends when the connection is lost or closed, with the reason.</summary>
    public Task<Exception> Lost => _lost.Task;

    /// <summary>User id of the instance's owner, as the broker says.</summary>
    public uint Owner { get; private set; }

    /// <summary>Connects.</summary>
    /// <param name="flux">The library.</param>
    /// <param name="uri">The broker, such as <c>local:///run/flux/local</c>.</param>
    /// <param name="user">User id to connect as; null for that of the process.</param>
    /// <exception cref="FluxLostException">There is no connection to be had.</exception>
    public static async Task<FluxConnection> OpenAsync(FluxLibrary flux, string uri, uint? user)
    {
        var connection = new FluxConnection(flux, uri, user);
        connection._thread.Start();
        try
        {
            await connection._opened.Task;
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks a service and waits for its one answer.</summary>
    /// <exception cref="FluxException">The service refused.</exception>
    /// <exception cref="FluxLostException">The connection was lost before the answer came.</exception>
    public Task<string> CallAsync(string topic, string request)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Pending(this, text => answer.TrySetResult(text), fault => answer.TrySetException(fault), stream: false), () => Send(topic, request, 0));
        return answer.Task;
    }

    /// <summary>Asks a service that answers by a stream. Both functions are called on the connection's thread.</summary>
    /// <param name="topic">The service.</param>
    /// <param name="request">The request.</param>
    /// <param name="each">Takes every answer.</param>
    /// <param name="end">Takes the end of the stream: a refusal or the loss of the connection.</param>
    public void Stream(string topic, string request, Action<string> each, Action<Exception> end) =>
        Post(new Pending(this, text => each(text), end, stream: true), () => Send(topic, request, FluxLibrary.Streaming));

    /// <summary>Submits a job. The functions are called on the connection's thread, so that they may stamp.</summary>
    /// <param name="jobspec">The job, as JSON with a final zero.</param>
    /// <param name="urgency">Its urgency, 0 to 31.</param>
    /// <param name="sending">Called just before the request leaves.</param>
    /// <param name="taken">Takes Flux's answer.</param>
    /// <param name="failed">Takes a refusal, or the loss of the connection before the answer.</param>
    public unsafe void Submit(byte[] jobspec, int urgency, Action sending, Action<string> taken, Action<Exception> failed) =>
        Post(new Pending(this, text => taken(text), failed, stream: false), () =>
        {
            sending();
            fixed (byte* text = jobspec) return _flux.Submit(_handle, text, urgency, 0);
        });

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        Posix.Wake(_wake);
        await Task.Run(_thread.Join);
        Posix.CloseEvent(_wake);
    }

    private void Post(Pending pending, Func<nint> send)
    {
        lock (_end)
        {
            if (!_ended)
            {
                _work.Enqueue((pending, send));
                Posix.Wake(_wake);
                return;
            }
        }

        pending.Fail(new FluxLostException("the connection to Flux is closed"));
    }

    private unsafe void Begin(Pending pending, Func<nint> send)
    {
        var future = send();
        if (future == 0)
        {
            pending.Fail(new FluxException(Marshal.GetLastSystemError(), Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError())));
            return;
        }

        pending.Bind(future);
        _pending.Add(pending);
        if (_flux.Then(future, -1, &Answered, pending.Pointer) < 0) Drop(pending, new FluxException(Marshal.GetLastSystemError(), "the answer cannot be waited for"));
    }

    private unsafe nint Send(string topic, string request, int flags)
    {
        fixed (byte* name = Zero(topic))
        fixed (byte* text = Zero(request))
            return _flux.Call(_handle, name, text, FluxLibrary.AnyNode, flags);
    }

    private unsafe void Live()
    {
        Exception reason;
        nint watcher = 0;
        var self = GCHandle.Alloc(this);
        try
        {
            if (_user is { } user && !Posix.BecomeOnThisThread(user)) throw new FluxLostException($"the agent cannot act as user {user}: {Marshal.GetLastPInvokeErrorMessage()}");
            Connect();
            watcher = _flux.WatchDescriptor(_reactor, _wake, FluxLibrary.PollIn, &Woken, GCHandle.ToIntPtr(self));
            _flux.StartWatcher(watcher);
            _opened.TrySetResult();
            var result = _flux.Run(_reactor, 0);
            reason = new FluxLostException(result < 0 ? $"the connection to {_uri} broke: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError())}" : $"the connection to {_uri} was closed");
        }
        catch (FluxLostException exception)
        {
            reason = exception;
        }

        lock (_end) _ended = true;
        while (_work.TryDequeue(out var left)) left.Pending.Fail(reason);
        foreach (var pending in _pending.ToList()) Drop(pending, reason);
        if (watcher != 0) _flux.ForgetWatcher(watcher);
        if (_handle != 0) _flux.Close(_handle);
        self.Free();
        _opened.TrySetException(reason);
        _lost.TrySetResult(reason);
    }

    private unsafe void Connect()
    {
        var error = stackalloc byte[FluxLibrary.ErrorTextLength + 8];
        fixed (byte* uri = Zero(_uri)) _handle = _flux.Open(uri, 0, error);
        if (_handle == 0)
        {
            var number = Marshal.GetLastSystemError();
            throw new FluxLostException(Marshal.PtrToStringUTF8((nint)error) is { Length: > 0 } text ? text : Marshal.GetPInvokeErrorMessage(number));
        }

        _flux.SetCommsError(_handle, &Broken, 0);
        fixed (byte* name = "security.owner\0"u8)
        {
            if (uint.TryParse(Marshal.PtrToStringUTF8((nint)_flux.Attribute(_handle, name)), NumberStyles.None, CultureInfo.InvariantCulture, out var owner)) Owner = owner;
        }

        _reactor = _flux.Reactor(_handle);
    }

    private unsafe void Drop(Pending pending, Exception reason)
    {
        _pending.Remove(pending);
        _flux.Forget(pending.Future);
        pending.Free();
        pending.Fail(reason);
    }

    private static byte[] Zero(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    [UnmanagedCallersOnly]
    private static unsafe int Broken(nint handle, nint argument) => -1;

    [UnmanagedCallersOnly]
    private static unsafe void Woken(nint reactor, nint watcher, int events, nint argument)
    {
        var connection = (FluxConnection)GCHandle.FromIntPtr(argument).Target!;
        Posix.ClearEvent(connection._wake);
        // Only what is there now: answers that came meanwhile must not wait behind a queue that is filled as fast as it is emptied.
        for (var count = connection._work.Count; count > 0 && connection._work.TryDequeue(out var work); count--) connection.Begin(work.Pending, work.Send);
        if (connection._closing) connection._flux.Stop(reactor);
        else if (!connection._work.IsEmpty) Posix.Wake(connection._wake);
    }

    [UnmanagedCallersOnly]
    private static unsafe void Answered(nint future, nint argument)
    {
        var pending = (Pending)GCHandle.FromIntPtr(argument).Target!;
        var connection = pending.Connection;
        byte* text;
        if (connection._flux.Answer(future, &text) < 0)
        {
            var number = Marshal.GetLastSystemError();
            connection.Drop(pending, new FluxException(number, Marshal.PtrToStringUTF8((nint)connection._flux.ErrorText(future)) ?? Marshal.GetPInvokeErrorMessage(number)));
            return;
        }

        var answer = text is null ? "" : Marshal.PtrToStringUTF8((nint)text)!;
        if (pending.Stream)
        {
            connection._flux.Next(future);
            pending.Take(answer);
            return;
        }

        connection._pending.Remove(pending);
        connection._flux.Forget(future);
        pending.Free();
        pending.Take(answer);
    }

    /// <summary>A request that is under way.</summary>
    private sealed class Pending(FluxConnection connection, Action<string> take, Action<Exception> fail, bool stream)
    {
        private GCHandle _self;

        public FluxConnection Connection { get; } = connection;

        public bool Stream { get; } = stream;

        public nint Future { get; private set; }

        public nint Pointer => GCHandle.ToIntPtr(_self);

        public void Bind(nint future)
        {
            Future = future;
            _self = GCHandle.Alloc(this);
        }

        public void Take(string answer) => take(answer);

        public void Fail(Exception reason) => fail(reason);

        public void Free() => _self.Free();
    }
}
