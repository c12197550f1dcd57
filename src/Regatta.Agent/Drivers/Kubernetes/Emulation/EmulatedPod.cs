using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Regatta.Agent.Payloads;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes.Emulation;

/// <summary>One pod on an emulated node: runs as long as its payload would, and says so as a kubelet does. A container that is no payload runs until it is ended.</summary>
internal sealed class EmulatedPod(KubernetesApi api, Pod pod, TimeProvider time)
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100), RetryMost = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path = $"/api/v1/namespaces/{pod.Metadata.Namespace}/pods/{pod.Metadata.Name}";
    private readonly (string Name, string Image) _container = pod.Spec?.Containers is [var first, ..] ? (first.Name, first.Image ?? "") : ("", "");
    private volatile bool _terminating;

    /// <summary>The pod is gone: nobody hears of it any more.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>The pod is to end: as if its payload had taken the signal at once.</summary>
    public void Terminate()
    {
        _terminating = true;
        _ended.TrySetResult();
    }

    /// <summary>Runs the pod.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ending = EndAsync(stop, cancellation);
        var payload = EmulatedPayload.Parse(pod.Spec?.Containers is [var container, ..] ? [.. container.Command ?? [], .. container.Args ?? []] : []);
        var started = time.GetUtcNow();
        var running = StatusAsync("Running", started, null, null, cancellation);
        var (code, reason) = (0, (string?)null);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            if (pod.Spec?.ActiveDeadlineSeconds is { } seconds) limit.CancelAfter(TimeSpan.FromSeconds(seconds));
            try
            {
                code = payload is null ? await ForeverAsync(limit.Token) : await PayloadAsync(payload, limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                (code, reason) = (143, "DeadlineExceeded");
            }
            catch (SocketException)
            {
                // As the payload: the others cannot be met.
                code = PayloadExit.Rendezvous;
            }

            await running;
            await StatusAsync(code == 0 ? "Succeeded" : "Failed", started, code, reason, cancellation);
        }
        catch (OperationCanceledException) when (_ended.Task.IsCompleted && !cancellation.IsCancellationRequested)
        {
            // Gone, or to go. A Job that counts its pods waits for how this one ended.
            if (_terminating && IsCounted)
            {
                await running;
                await StatusAsync("Failed", started, 143, null, cancellation);
            }
        }

        await ending;
        await GoneAsync(cancellation);
    }

    /// <summary>Waits until the pod, which has ended, is to go, and lets it go.</summary>
    public async Task GoAsync(CancellationToken cancellation)
    {
        await _ended.Task.WaitAsync(cancellation);
        await GoneAsync(cancellation);
    }

    // The object stays until its Job has counted it; nobody waits for that here.
    private bool IsCounted => pod.Metadata.Finalizers?.Contains("batch.kubernetes.io/job-tracking") == true;

    /// <summary>One that has ended is deleted later: it goes at once.</summary>
    private Task GoneAsync(CancellationToken cancellation) =>
        _terminating ? AgainAsync(() => api.DeleteAsync(_path, """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}"""u8.ToArray(), cancellation), cancellation) : Task.CompletedTask;

    private async Task EndAsync(CancellationTokenSource stop, CancellationToken cancellation)
    {
        await _ended.Task.WaitAsync(cancellation);
        await stop.CancelAsync();
    }

    private static async Task<int> ForeverAsync(CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        return 0;
    }

    private async Task<int> PayloadAsync(EmulatedPayload payload, CancellationToken cancellation)
    {
        using var meeting = payload.Rendezvous is { } rendezvous ? await MeetAsync(rendezvous, payload.Job, cancellation) : null;
        Stamp(payload, "Started", null);
        try
        {
            await Task.Delay(Durations.ForTimer(payload.RunTime), time, cancellation);
        }
        catch (OperationCanceledException)
        {
            Stamp(payload, "Finished", 143);
            throw;
        }

        Stamp(payload, "Finished", payload.ExitCode);
        return payload.ExitCode;
    }

    private static async Task<IDisposable> MeetAsync(PayloadRendezvous rendezvous, long job, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(rendezvous.Host, rendezvous.Port, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{job} {rendezvous.Members}\n")), cancellation);
            if (await socket.ReceiveAsync(new byte[1], cancellation) == 0) throw new SocketException((int)SocketError.ConnectionReset);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Stamp(EmulatedPayload payload, string kind, int? exitCode)
    {
        var line = StampLine.Of(payload.Job, kind, Micros.Now(time), pod.Spec!.NodeName!, pod.Metadata.Name, exitCode);
        Posix.AppendAtOnce(payload.Stamps, Encoding.UTF8.GetBytes(line));
    }

    private async Task StatusAsync(string phase, DateTimeOffset started, int? exitCode, string? reason, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer)) EmulatedObjects.WritePodStatus(json, phase, _container, started, exitCode, reason, pod.Metadata.Generation);
        var body = buffer.WrittenSpan.ToArray();
        await AgainAsync(() => api.MergeAsync(_path + "/status", body, cancellation), cancellation);
    }

    private async Task AgainAsync(Func<Task<ApiAnswer<AnyObject>>> ask, CancellationToken cancellation)
    {
        var pauses = new Backoff(RetryFirst, RetryMost, time);
        while ((await ask()).Result is ApiResult.Trouble or ApiResult.NoSuchKind) await pauses.WaitAsync(cancellation);
    }
}
