namespace Regatta.Experiments.Running;

/// <summary>Two pieces of work at the same time, neither of which is of use without the other.</summary>
internal static class Together
{
    /// <summary>Runs both; where one fails, the other is stopped. What is thrown is the fault, and not that the other was stopped for it.</summary>
    public static async Task<(TFirst First, TSecond Second)> RunAsync<TFirst, TSecond>(
        Func<CancellationToken, Task<TFirst>> first, Func<CancellationToken, Task<TSecond>> second, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (one, other) = (StoppingAsync(first(stop.Token)), StoppingAsync(second(stop.Token)));
        await Task.WhenAll(one, other);
        return (await one, await other);

        async Task<T> StoppingAsync<T>(Task<T> work)
        {
            try
            {
                return await work;
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }
}
