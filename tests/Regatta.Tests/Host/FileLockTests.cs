using System.Diagnostics;
using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class FileLockTests : ScratchTests
{
    [Fact]
    public void A_second_holder_is_refused_and_told_who_has_it()
    {
        var path = Path.Combine(Scratch, "a.lock");
        using (FileLock.Acquire(path, "the cluster 'a'"))
        {
            Assert.Null(FileLock.TryAcquire(path));
            Assert.True(FileLock.IsHeld(path));
            var thrown = Assert.Throws<DiagnosticException>(() => FileLock.Acquire(path, "the cluster 'a'"));
            Assert.Equal(
                $"""
                error[in-use]: the cluster 'a' is in use by process {Environment.ProcessId}
                  help: wait for that process or end it
                """,
                thrown.Diagnostics[0].ToString());
        }

        Assert.False(FileLock.IsHeld(path));
    }

    [Fact]
    public async Task A_process_that_is_killed_holds_it_no_longer()
    {
        var path = Path.Combine(Scratch, "b.lock");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
        // --no-fork: the process that holds the lock is the one that is killed.
        using var holder = Process.Start(new ProcessStartInfo("flock", ["--no-fork", path, "sh", "-c", "echo held; read line"]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.True(FileLock.IsHeld(path));
        holder.Kill();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var taken = await FileLock.AcquireAsync(path, TestContext.Current.CancellationToken);
        Assert.NotNull(taken);
    }

    [Fact]
    public async Task Waiting_for_it_can_be_cancelled()
    {
        var path = Path.Combine(Scratch, "c.lock");
        using var held = FileLock.Acquire(path, "it");
        using var cancelled = new CancellationTokenSource();
        var waiting = FileLock.AcquireAsync(path, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
