namespace Regatta.Analysis;

/// <summary>The metrics that are integrals over the machine.</summary>
internal static class MachineMetrics
{
    public static void Compute(Trial trial, Cut cut, MetricValues values)
    {
        if (cut.To <= cut.From) return;
        var integral = new Integral { Processors = trial.Record.Processors };
        MachineSweep.Run(trial.Jobs, cut.From, cut.To, ref integral);
        var capacity = (double)trial.Record.Processors * (cut.To - cut.From);
        values.Add("utilisation", (double)integral.Busy / capacity);
        values.Add("loss-of-capacity", (double)integral.Lost / capacity);
        values.Add("loss-of-capacity-fitting", (double)integral.LostWhileFitting / capacity);
        values.Add("queue-length", (double)integral.Waiting / (cut.To - cut.From));
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
