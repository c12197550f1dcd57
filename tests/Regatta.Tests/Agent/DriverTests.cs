using Regatta.Agent;
using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Tests of a driver against a scheduler that can be told to misbehave.</summary>
public abstract class DriverTests
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Faults of the trial that were observed, in order.</summary>
    private protected List<ReplayFault> Faults { get; } = [];

    private protected static Job Job(long id) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.Zero };

    private protected static ReplayHeader HeaderOf(string scheduler, params (string Name, string Value)[] options)
    {
        var header = new ReplayHeader { Trial = "t1", Scheduler = scheduler, Jobs = 1, Connections = 16 };
        return header with { Options = header.Options.AddRange(options.Select(o => KeyValuePair.Create(o.Name, o.Value))) };
    }

    /// <summary>What a driver is opened with.</summary>
    private protected abstract ReplayHeader Header();

    /// <summary>What a driver is opened with, but for one option.</summary>
    private protected ReplayHeader HeaderWith(string option, string value)
    {
        var header = Header();
        return header with { Options = header.Options.SetItem(option, value) };
    }

    /// <summary>What is told when a driver is opened.</summary>
    private protected static async Task<DiagnosticException> OpenFaultAsync(ReplayHeader header)
    {
        await using var driver = KnownDrivers.Create(header, TimeProvider.System);
        return await Assert.ThrowsAsync<DiagnosticException>(() => driver.OpenAsync([Job(1)], Cancellation));
    }

    /// <summary>Submits one job, which is not taken; what is said of it.</summary>
    private protected async Task<string?> RefusalAsync()
    {
        Answer? answer = null;
        await RunAsync([Job(1)], async driver => answer = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation));
        Assert.Null(answer!.SchedulerId);
        return answer.Detail;
    }

    /// <summary>Uses a driver that nobody observes.</summary>
    private protected async Task RunAsync(Job[] jobs, Func<ISchedulerDriver, Task> use, ReplayHeader? header = null)
    {
        await using var driver = KnownDrivers.Create(header ?? Header(), TimeProvider.System);
        await driver.OpenAsync(jobs, Cancellation);
        await use(driver);
    }

    /// <summary>Submits one job and observes it until it is released.</summary>
    private protected async Task<(Answer Answer, List<JobEvent> Events)> ToTheEndAsync(ReplayHeader? header = null)
    {
        Answer? answer = null;
        var events = await CollectAsync(async driver => answer = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation), JobEventKind.Released, header);
        return (answer!, events);
    }

    /// <summary>Everything that is observed of job 1 until an event of a kind, while <paramref name="use"/> runs.</summary>
    private protected async Task<List<JobEvent>> CollectAsync(Func<ISchedulerDriver, Task> use, JobEventKind last, ReplayHeader? header = null)
    {
        await using var driver = KnownDrivers.Create(header ?? Header(), TimeProvider.System);
        await driver.OpenAsync([Job(1)], Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var task = use(driver);
        var events = new List<JobEvent>();
        void Take(Observation observation)
        {
            if (observation.Fault is { } fault) Faults.Add(fault);
            if (observation.Event is { } happened) events.Add(happened);
        }

        await foreach (var observation in driver.ObserveAsync(stop.Token))
        {
            Take(observation);
            if (observation.Event?.Kind == last) break;
        }

        await task;
        foreach (var rest in driver.Conclude()) Take(rest);
        return events;
    }
}
