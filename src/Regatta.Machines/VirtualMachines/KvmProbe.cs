using System.ComponentModel;
using System.Text;
using CliWrap;
using Regatta.Host;
using Regatta.Host.Checks;
using Regatta.Images;

namespace Regatta.Machines.VirtualMachines;

/// <summary>
/// Finds out whether a guest really boots with KVM: hosts exist on which <c>/dev/kvm</c> is there, libvirt says that KVM works, and
/// no kernel gets to its first line. What is found holds until the host starts anew.
/// </summary>
/// <param name="state">Where what is found is kept.</param>
internal sealed class KvmProbe(StateDirectory state)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // Seconds of a processor. A guest that boots has ended after one or two; one that hangs takes a whole processor for as long as it is let.
    private const int Processor = 5;

    // Seconds of a processor after which a guest that boots has long said something.
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(1.5), Look = TimeSpan.FromMilliseconds(100);

    // A kernel without a root file system ends here: everything before it has run.
    private const string Booted = "Unable to mount root fs";

    /// <summary>True when a guest boots; tries it when nobody has since the host started.</summary>
    public async Task<bool> WorksAsync(Image image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var verdict = KvmRecord.Read(state);
        if (verdict != KvmVerdict.Untried) return verdict == KvmVerdict.Works;
        using var held = await FileLock.AcquireAsync(Path.Combine(state.Locks, "kvm.lock"), cancellation);
        verdict = KvmRecord.Read(state);
        if (verdict != KvmVerdict.Untried) return verdict == KvmVerdict.Works;
        monitor.Report(new Activity("cluster", "kvm", "trying whether a guest boots"));
        var works = await BootsAsync(image.Kernel, cancellation);
        KvmRecord.Write(state, works ? KvmVerdict.Works : KvmVerdict.Fails);
        monitor.Report(new Activity("cluster", "kvm", works ? "a guest boots" : "no guest boots", ActivityState.Done));
        return works;
    }

    private static async Task<bool> BootsAsync(string kernel, CancellationToken cancellation)
    {
        if (HostTool.Find("qemu-system-x86_64") is not { } qemu || HostTool.Find("prlimit") is not { } prlimit) return false;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Limit);
        var console = new StringBuilder();
        var spoke = false;
        try
        {
            var guest = CliWrap.Cli.Wrap(prlimit)
                .WithArguments(
                [
                    $"--cpu={Processor}", "--core=0", qemu,
                    "-machine", "q35,accel=kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot", "-no-user-config",
                    "-serial", "stdio", "-kernel", kernel, "-append", "console=ttyS0 panic=-1 loglevel=7",
                ])
                .WithStandardOutputPipe(PipeTarget.ToDelegate(line =>
                {
                    console.AppendLine(line);
                    spoke = true;
                }))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(bounded.Token);
            // prlimit becomes QEMU, under the same number.
            while (await Task.WhenAny(guest.Task, Task.Delay(Look, cancellation)) != guest.Task)
            {
                if (!spoke && ProcessorTime(guest.ProcessId) > Silent) await bounded.CancelAsync();
            }

            await guest;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It hangs: that is an answer, too. One that has spoken and uses a processor for long is ended by the kernel.
        }
        catch (Win32Exception)
        {
            return false;
        }

        return console.ToString().Contains(Booted, StringComparison.Ordinal);
    }

    private static TimeSpan ProcessorTime(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return found.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // It has just ended.
            return TimeSpan.Zero;
        }
    }
}
