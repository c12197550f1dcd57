using System.Runtime.InteropServices;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>
/// The functions of libflux-core that the driver calls. The library belongs to the Flux that runs and is loaded from where that is installed;
/// what is declared here has not changed within version 2 of its interface.
/// </summary>
internal sealed unsafe class FluxLibrary
{
    /// <summary>A request is answered by a stream.</summary>
    public const int Streaming = 2;

    /// <summary>Any broker that offers the service, this one first.</summary>
    public const uint AnyNode = uint.MaxValue;

    /// <summary>A watcher wakes when its descriptor can be read.</summary>
    public const int PollIn = 1;

    /// <summary>Length of the text in a <c>flux_error_t</c>.</summary>
    public const int ErrorTextLength = 160;

    private static readonly string[] Places = ["lib", "lib64", "lib/x86_64-linux-gnu"];

    private FluxLibrary(nint library)
    {
        Open = (delegate* unmanaged<byte*, int, byte*, nint>)NativeLibrary.GetExport(library, "flux_open_ex");
        Close = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_close");
        Attribute = (delegate* unmanaged<nint, byte*, byte*>)NativeLibrary.GetExport(library, "flux_attr_get");
        SetCommsError = (delegate* unmanaged<nint, delegate* unmanaged<nint, nint, int>, nint, void>)NativeLibrary.GetExport(library, "flux_comms_error_set");
        Reactor = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "flux_get_reactor");
        Run = (delegate* unmanaged<nint, int, int>)NativeLibrary.GetExport(library, "flux_reactor_run");
        Stop = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_reactor_stop");
        Call = (delegate* unmanaged<nint, byte*, byte*, uint, int, nint>)NativeLibrary.GetExport(library, "flux_rpc");
        Answer = (delegate* unmanaged<nint, byte**, int>)NativeLibrary.GetExport(library, "flux_rpc_get");
        Submit = (delegate* unmanaged<nint, byte*, int, int, nint>)NativeLibrary.GetExport(library, "flux_job_submit");
        Then = (delegate* unmanaged<nint, double, delegate* unmanaged<nint, nint, void>, nint, int>)NativeLibrary.GetExport(library, "flux_future_then");
        Next = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_future_reset");
        Forget = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_future_destroy");
        ErrorText = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "flux_future_error_string");
        WatchDescriptor = (delegate* unmanaged<nint, int, int, delegate* unmanaged<nint, nint, int, nint, void>, nint, nint>)NativeLibrary.GetExport(library, "flux_fd_watcher_create");
        StartWatcher = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_watcher_start");
        ForgetWatcher = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "flux_watcher_destroy");
    }

    /// <summary><c>flux_open_ex(uri, flags, error)</c>.</summary>
    public delegate* unmanaged<byte*, int, byte*, nint> Open { get; }

    /// <summary><c>flux_close(handle)</c>.</summary>
    public delegate* unmanaged<nint, void> Close { get; }

    /// <summary><c>flux_attr_get(handle, name)</c>.</summary>
    public delegate* unmanaged<nint, byte*, byte*> Attribute { get; }

    /// <summary><c>flux_comms_error_set(handle, function, argument)</c>.</summary>
    public delegate* unmanaged<nint, delegate* unmanaged<nint, nint, int>, nint, void> SetCommsError { get; }

    /// <summary><c>flux_get_reactor(handle)</c>.</summary>
    public delegate* unmanaged<nint, nint> Reactor { get; }

    /// <summary><c>flux_reactor_run(reactor, flags)</c>.</summary>
    public delegate* unmanaged<nint, int, int> Run { get; }

    /// <summary><c>flux_reactor_stop(reactor)</c>.</summary>
    public delegate* unmanaged<nint, void> Stop { get; }

    /// <summary><c>flux_rpc(handle, topic, json, node, flags)</c>.</summary>
    public delegate* unmanaged<nint, byte*, byte*, uint, int, nint> Call { get; }

    /// <summary><c>flux_rpc_get(future, json)</c>.</summary>
    public delegate* unmanaged<nint, byte**, int> Answer { get; }

    /// <summary><c>flux_job_submit(handle, jobspec, urgency, flags)</c>.</summary>
    public delegate* unmanaged<nint, byte*, int, int, nint> Submit { get; }

    /// <summary><c>flux_future_then(future, timeout, function, argument)</c>.</summary>
    public delegate* unmanaged<nint, double, delegate* unmanaged<nint, nint, void>, nint, int> Then { get; }

    /// <summary><c>flux_future_reset(future)</c>.</summary>
    public delegate* unmanaged<nint, void> Next { get; }

    /// <summary><c>flux_future_destroy(future)</c>.</summary>
    public delegate* unmanaged<nint, void> Forget { get; }

    /// <summary><c>flux_future_error_string(future)</c>.</summary>
    public delegate* unmanaged<nint, byte*> ErrorText { get; }

    /// <summary><c>flux_fd_watcher_create(reactor, descriptor, events, function, argument)</c>.</summary>
    public delegate* unmanaged<nint, int, int, delegate* unmanaged<nint, nint, int, nint, void>, nint, nint> WatchDescriptor { get; }

    /// <summary><c>flux_watcher_start(watcher)</c>.</summary>
    public delegate* unmanaged<nint, void> StartWatcher { get; }

    /// <summary><c>flux_watcher_destroy(watcher)</c>.</summary>
    public delegate* unmanaged<nint, void> ForgetWatcher { get; }

    /// <summary>Loads the library of the Flux that is installed under <paramref name="prefix"/>.</summary>
    /// <exception cref="DiagnosticException">It is not there, cannot be loaded, or lacks a function.</exception>
    public static FluxLibrary Load(string prefix)
    {
        var file = Places.Select(place => Path.Combine(prefix, place, "libflux-core.so.2")).FirstOrDefault(File.Exists)
            ?? throw new DiagnosticException(Diagnostic.Error("replay-flux-library", $"there is no Flux under {prefix}") with
            {
                Detail = $"looked for libflux-core.so.2 in {string.Join(", ", Places.Select(place => Path.Combine(prefix, place)))}",
                Help = "the option 'prefix' of the flux driver names where Flux is installed on the head",
            });
        try
        {
            return new FluxLibrary(NativeLibrary.Load(file));
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("replay-flux-library", $"Flux's library {file} cannot be used") with { Detail = exception.Message, Help = "the driver needs flux-core 0.45 or later and the libraries that it was built with" },
                exception);
        }
    }
}
