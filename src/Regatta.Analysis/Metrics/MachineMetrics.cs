namespace Regatta.Analysis;

/// <summary>The metrics that are integrals over the machine.</summary>
internal static class MachineMetrics
{
    /// <summary>Adds the metrics of <paramref name="trial"/>; <paramref name="also"/> sees every step of the walk that they take.</summary>
    public static void Compute<TVisitor>(Trial trial, Cut cut, MetricValues values, ref TVisitor also)
        where TVisitor : struct, IMachineStepVisitor
    {
        if (cut.To <= cut.From) return;
        var both = new Both<TVisitor> { Integral = new() { Processors = trial.Record.Processors }, Other = also };
        MachineSweep.Run(trial.Jobs, cut.From, cut.To, ref both);
        also = both.Other;
        var integral = both.Integral;
        var capacity = (double)trial.Record.Processors * (cut.To - cut.From);
        values.Add("utilisation", (double)integral.Busy / capacity);
        values.Add("loss-of-capacity", (double)integral.Lost / capacity);
        values.Add("loss-of-capacity-fitting", (double)integral.LostWhileFitting / capacity);
        values.Add("queue-length", (double)integral.Waiting / (cut.To - cut.From));
    }

    /// <summary>Sees nothing.</summary>
    public struct Nothing : IMachineStepVisitor
    {
        public readonly void Visit(in MachineStep step)
        {
        }
    }

    private struct Both<TVisitor> : IMachineStepVisitor
        where TVisitor : struct, IMachineStepVisitor
    {
        public Integral Integral;
        public TVisitor Other;

        public void Visit(in MachineStep step)
        {
            Integral.Visit(step);
            Other.Visit(step);
        }
    }

    private struct Integral : IMachineStepVisitor
    {
        public required int Processors { get; init; }

        public Int128 Busy { get; private set; }

        public Int128 Lost { get; private set; }

        public Int128 LostWhileFitting { get; private set; }

        public Int128 Waiting { get; private set; }

        public void Visit(in MachineStep step)
        {
            Int128 span = step.To - step.From;
            // Stamps of two nodes may overlap by their clocks' offsets, so that more seems busy than there is.
            var idle = Math.Max(0, Processors - step.Busy);
            Busy += span * step.Busy;
            Lost += span * Math.Min(idle, step.WaitingProcessors);
            if (step.Waiting > 0 && step.SmallestWaiting <= idle) LostWhileFitting += span * idle;
            Waiting += span * step.Waiting;
        }
    }
}
