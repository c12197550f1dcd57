using Regatta.Experiments.Launching;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>Tests of runs whose trials go to a queue that is played: its answers are made up, the scripts of its tasks are run, and the program that these start is made by the test.</summary>
public abstract class QueueRunTests : TwoPointRunTests
{
    // Of the tests' own program: it takes a look at all its files.
    private protected static Lazy<ProgramArchive> Archive { get; } = new(() => new ProgramArchive(new Installation(Path.GetTempPath() + "regatta-none")));

    /// <summary>Puts a program where the archive would be laid out, which gives the trials that are made here.</summary>
    private protected async Task PrepareProgramAsync(RunDirectory run, Plan plan, string first = "")
    {
        foreach (var trial in plan.Trials)
        {
            var made = Path.Combine(Scratch, "made", trial.Id);
            if (!Directory.Exists(made)) await MakeTrialAsync(run, plan, trial, made, Cancellation);
        }

        var program = Path.Combine(Scratch, ".programs", Archive.Value.Hash, "regatta");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        await WriteProgramAsync(program, $"{first}\n[ \"$1\" != trial ] || cp -r {Scratch}/made/\"$3\" \"$9\"");
    }

    private protected static async Task WriteProgramAsync(string file, string script)
    {
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script}\n", Cancellation);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }

    private protected sealed class WatchingMonitor(Action<string> seen) : IActivityMonitor
    {
        public void Report(Regatta.Diagnostics.Activity activity) => seen(activity.Text);
    }
}
